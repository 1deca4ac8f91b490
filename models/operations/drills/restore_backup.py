"""The drill that loses data and has it back from a backup, as after ransomware."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Duration, quantity
from .drill import Drill


class RestoreBackup(Drill):
    """All that a plan backs up is lost at once: the jobs that use it stand still, it is restored from the newest whole
    backup, and they go on from what that held."""

    kind: Literal["restore-backup"] = "restore-backup"
    plan: str
    """The backup plan, by its name in `storage.backups`."""
    detection: Annotated[Duration, Field(ge=0.0)] = quantity("1 h")
    """From the loss until somebody begins to restore: who notices, decides and makes sure that nobody is inside any
    more (assumption)."""
    after_attack: bool = False
    """Whether somebody deleted what he could before: only backups at sites that are `immutable` are left."""
