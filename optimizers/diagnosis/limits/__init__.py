"""The limits of a plan: what somebody can negotiate, kind by kind."""
