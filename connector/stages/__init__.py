"""One file a stage, and `flow`, which puts them in order; a stage imports no stage."""
