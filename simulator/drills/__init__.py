"""Drills: what is taken out on purpose, and what the hall makes of it."""
