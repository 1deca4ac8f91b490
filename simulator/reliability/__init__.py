"""Failures as they happen, and who notices them."""
