"""How a plan reacts where the world turns out differently, and what it would be worth to know."""
