"""What fails, how often, and what that costs."""
