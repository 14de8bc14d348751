"""The dry run: what would go, what stays and why, who is told."""
