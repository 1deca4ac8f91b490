"""What a person at a terminal sees and does: options, progress, tables, Ctrl-C."""
