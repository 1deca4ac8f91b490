"""Security controls in force, and incidents."""
