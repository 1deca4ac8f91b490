"""What is done for security: one control a module."""
