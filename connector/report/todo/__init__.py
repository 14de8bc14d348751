"""The work list: what a person must do in the shop, task by task."""
