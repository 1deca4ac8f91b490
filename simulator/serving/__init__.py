"""Services as fluids: what is asked for, what nodes at work answer, what waits and what is lost."""
