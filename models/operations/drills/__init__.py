"""What is taken out on purpose, to see what becomes of the hall: one kind of drill a module."""
