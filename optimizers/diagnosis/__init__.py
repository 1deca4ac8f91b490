"""Why a plan is impossible, or dear, in the planner's words."""
