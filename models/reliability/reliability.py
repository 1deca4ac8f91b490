"""The section `reliability`: what fails, how often, and who notices."""

from __future__ import annotations

from ..section import Section


class Reliability(Section):
    """What fails, how often, and who notices."""
