"""The section `security`: controls, tenancy and incidents."""

from __future__ import annotations

from ..section import Section


class Security(Section):
    """Controls, tenancy and incidents."""
