"""Distributions of the time between a part's failures, one module a kind."""
