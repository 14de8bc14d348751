"""The protocol: what a run did, by which rule, and how it was read back."""
