"""Training jobs from start to end."""
