"""Figures of speed and memory, each beside its reference, measured in the same run."""
