"""`gallra init` at a terminal: how its questions are asked there; what they are lies in `connector.setup`."""
