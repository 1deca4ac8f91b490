"""The plan as a mixed-integer linear program in Pyomo: a family of constraints a module."""
