"""What a plan's file states: faults and notes that need neither data nor computing."""
