"""A stage is one file, or one folder; `flow` and `run` put them in order, and no stage imports another."""
