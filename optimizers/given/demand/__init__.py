"""The kinds of demand that a plan serves."""
