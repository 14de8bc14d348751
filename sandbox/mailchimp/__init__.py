"""The stand-in Mailchimp account: audiences, a connected store, and the Marketing API over them."""
