"""The section on what is counted besides energy: capital, lives, and carbon of making things."""

from __future__ import annotations

from ..carbon.embodied import EmbodiedCarbon
from ..economics.accelerator_hour import CapitalCosts
from ..economics.service_lives import ServiceLives
from ..section import Section


class Accounting(Section):
    """Terms on which capital and the carbon of making things are spread over the run. Defaults are US prices of 2024
    and 2025 and named assumptions. Prices of electricity and water are the site's.
    """

    lives: ServiceLives = ServiceLives()
    """How long things stay in use."""
    capital: CapitalCosts = CapitalCosts()
    """What things cost to buy, and the terms of capital."""
    embodied: EmbodiedCarbon = EmbodiedCarbon()
    """Carbon emitted in making things."""
