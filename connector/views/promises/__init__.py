"""The promises of a shop's privacy policy, held against its rules and its data."""
