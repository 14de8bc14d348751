"""The shop's services as this run finds them: whose they are, which answer, what is known to live there."""
