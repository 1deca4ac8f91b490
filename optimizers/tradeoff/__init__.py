"""Trading objectives off: fronts, caps, priorities and targets, over anything that can be solved."""
