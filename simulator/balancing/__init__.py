"""Work that is moved so that the hall holds more: whole nodes for gangs, gangs away from stragglers."""
