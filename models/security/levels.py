"""Levels of security: controls that belong together, for plans and for scenarios that do not choose one by one."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Literal, get_args

from ..units import quantity
from .controls.control import SecurityControl, kind_of

Level = Literal["none", "basic", "strong"]


@functools.cache
def controls_of(level: Level) -> tuple[SecurityControl, ...]:
    """Return the controls of a level; which belong to which is an assumption.

    Raises ValueError where there is no such level.
    """
    from .controls.access_control import AccessControl
    from .controls.audit_log import AuditLog
    from .controls.confidential_computing import ConfidentialComputing
    from .controls.encryption_at_rest import EncryptionAtRest
    from .controls.encryption_in_transit import EncryptionInTransit
    from .controls.patching import Patching
    from .controls.tenancy import Tenancy

    if level == "none":
        return ()
    if level == "basic":
        return (
            EncryptionAtRest(),
            EncryptionInTransit(where="nic", protocol="macsec"),
            AccessControl(),
            AuditLog(per_node_day=quantity("0.5 GB"), retention=quantity("90 d"), review_hours_per_week=0.0),
            Patching(interval=quantity("90 d")),
        )
    if level == "strong":
        return (
            EncryptionAtRest(),
            EncryptionInTransit(where="nic", protocol="esp"),
            ConfidentialComputing(),
            Tenancy(mode="dedicated-nodes"),
            AccessControl(reviewed_changes=True),
            AuditLog(),
            Patching(),
        )
    raise ValueError(f"'{level}' is no level of security; allowed: {', '.join(get_args(Level))}")


def level_with(level: Level, controls: Sequence[SecurityControl]) -> tuple[SecurityControl, ...]:
    """Return the controls of a level, those of the same kind in `controls` in their place, and the rest of these."""
    given = {kind_of(control): control for control in controls}
    usual = controls_of(level)
    kinds = {kind_of(control) for control in usual}
    return (
        *(given.get(kind_of(control), control) for control in usual),
        *(control for control in controls if kind_of(control) not in kinds),
    )
