"""What fails, one module a kind of failure mode."""
