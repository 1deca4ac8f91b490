"""The network in service: who shares which links, and what is cut off."""
