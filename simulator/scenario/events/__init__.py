"""The section `events`: what is made to happen at a time, one kind a module."""
