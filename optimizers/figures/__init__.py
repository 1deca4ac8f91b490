"""From a plan's YAML to the numbers that its optimisation sees, every one of them through `models`."""
