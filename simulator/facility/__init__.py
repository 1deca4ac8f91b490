"""The building as the engine meets it: what it draws, what heats it, what cools it, what it remembers."""
