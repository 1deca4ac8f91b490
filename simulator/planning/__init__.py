"""From a plan file to a plan, and what a plan came to: for people, for programs, and held to what is expected."""
