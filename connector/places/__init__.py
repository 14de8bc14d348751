"""One place of a record: what it holds of each field, what it becomes, and what waits for what."""
