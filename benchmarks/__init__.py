"""Figures of Gallra, measured: each module is a script, `python -m benchmarks` runs a short form of all."""
