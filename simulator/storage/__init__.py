"""Storage in service: checkpoints, reading, backups."""
