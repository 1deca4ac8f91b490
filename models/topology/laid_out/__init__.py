"""Fabrics laid out for a fleet: links as arrays, and routes over them."""
