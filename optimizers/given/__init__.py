"""What a plan's YAML states: pure data, checked, in SI units."""
