"""What keeps a hall cool for a while when its cooling fails: its air, its solids and its coolant."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import Field

from ..section import Section
from ..units import Duration, Mass, Volume, quantity
from .air_nodes import AirNodes
from .coolant_node import CoolantNode

# Dry air at 20 °C and 101 325 Pa (ASHRAE Handbook Fundamentals 2017, chapter 1, eqn 26 and 30), water at 30 °C (IAPWS).
AIR_J_PER_M3_K = 1.204 * 1006.0
WATER_J_PER_M3_K = 995.7 * 4180.0
SOLIDS_J_PER_KG_K = 550.0
"""Steel has 490, copper 385, aluminium 900 (CRC Handbook of Chemistry and Physics); the mixture is an assumption."""

AIR_M3_PER_W = 0.5e-3
SOLIDS_KG_PER_W = 12e-3
COOLANT_M3_PER_W = 100e-3 / 120e3

AboveZeroVolume = Annotated[Volume, Field(gt=0.0)]


class ThermalNodes(NamedTuple):
    """The thermal nodes of one hall."""

    air: AirNodes
    coolant: CoolantNode


class ThermalMass(Section):
    """What stores heat in a hall. What is left out follows from the hall's IT power."""

    air_volume: AboveZeroVolume | None = None
    """Volume of the air that circulates in the hall. By default 0.5 m3 per kW of IT power, an assumption: 20 m3 about
    a rack of 40 kW, on 4 m2 of floor with its share of the aisles, 5 m high."""
    solids_mass: Annotated[Mass, Field(gt=0.0)] | None = None
    """Mass of the servers, racks and floor that the air passes, at 550 J/(kg K). By default 12 kg per kW of IT power,
    an assumption between a rack of 1.36 t at 120 kW (GB200 NVL72) and a server of 130 kg at 10.2 kW (DGX H100)."""
    solids_time_constant: Annotated[Duration, Field(gt=0.0)] = quantity("200 s")
    """How long the solids take to follow the air (to 63 %). An assumption; servers are reported to take several
    minutes (ASME InterPACK 2013, V002T09A024)."""
    coolant_volume: AboveZeroVolume | None = None
    """Volume of the coolant, counted as water, in the loops that pass the racks. By default 0.83 L per kW of IT power,
    an assumption: 100 L for a rack of 120 kW."""

    def for_it_power(self, it_power_w: float) -> ThermalNodes:
        """Return the thermal nodes of a hall of an IT power [W], above 0, that the defaults are in proportion to."""
        if not it_power_w > 0.0:
            raise ValueError(f"a hall's thermal mass follows from its IT power; {it_power_w:g} W is not above 0")
        air_m3 = AIR_M3_PER_W * it_power_w if self.air_volume is None else self.air_volume
        solids_kg = SOLIDS_KG_PER_W * it_power_w if self.solids_mass is None else self.solids_mass
        coolant_m3 = COOLANT_M3_PER_W * it_power_w if self.coolant_volume is None else self.coolant_volume
        solids_j_per_k = SOLIDS_J_PER_KG_K * solids_kg
        return ThermalNodes(
            AirNodes(AIR_J_PER_M3_K * air_m3, solids_j_per_k, solids_j_per_k / self.solids_time_constant),
            CoolantNode(WATER_J_PER_M3_K * coolant_m3),
        )
