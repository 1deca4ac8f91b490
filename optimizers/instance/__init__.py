"""A plan in numbers: what the optimisation sees."""
