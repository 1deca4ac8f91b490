"""What a service is asked for over time, one kind a module."""
