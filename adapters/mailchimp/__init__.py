"""Mailchimp: a platform of subscribers, and a processor of shop customers and orders."""
