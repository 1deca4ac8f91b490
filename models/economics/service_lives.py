"""How long what is bought stays in use."""

from __future__ import annotations

from ..section import Section
from ..units import Duration, quantity


class ServiceLives(Section):
    """Years over which capital is paid off and the carbon of making things is spread. All are assumptions."""

    nodes: Duration = quantity("5 a")
    """Nodes and the network between them (assumption: large operators state 4 to 6 years)."""
    construction: Duration = quantity("20 a")
    """Building, cooling and power chain (assumption)."""
    batteries: Duration = quantity("12 a")
    """Batteries (assumption)."""
    gensets: Duration = quantity("25 a")
    """Generator sets, which run little (assumption)."""
