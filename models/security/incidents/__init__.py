"""What goes wrong for want of security: one kind of incident a module."""
