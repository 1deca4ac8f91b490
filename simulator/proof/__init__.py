"""A plan, proven by simulation: what it promises against what a simulated hall delivers."""
