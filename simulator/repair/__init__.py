"""Crews, spares and maintenance: how what is broken comes back."""
