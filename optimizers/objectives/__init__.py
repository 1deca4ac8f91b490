"""Objectives: one a module, found by scanning. Any of them can be minimised, weighed or capped."""
