"""The section `operations`: crews, spares, monitoring, maintenance and drills."""

from __future__ import annotations

from ..section import Section


class Operations(Section):
    """Crews, spares, monitoring, maintenance and drills."""
