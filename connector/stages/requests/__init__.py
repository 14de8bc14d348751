"""What a person's own request asks for: a copy of their data."""
