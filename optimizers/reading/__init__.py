"""From a solved model to a plan: pure data in the planner's names and units."""
