"""The section `storage`: where checkpoints, data sets and backups lie, and how fast they are read and written."""

from __future__ import annotations

from ..section import Section


class Storage(Section):
    """Where checkpoints, data sets and backups lie, and how fast they are read and written."""
