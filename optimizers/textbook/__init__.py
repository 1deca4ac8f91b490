"""Cases small enough to be solved by hand, beside the means that the plan is solved with."""
