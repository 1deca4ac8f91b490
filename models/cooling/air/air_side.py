"""How the air of the hall is cooled: the contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ...kinds import selected_from
from ...section import Section
from ..heat_path import PathDuty, SizedHeatPath
from ..plants.plant import Plant

if TYPE_CHECKING:
    AnyPlant = Plant
else:
    AnyPlant = selected_from("models.cooling.plants", Plant)


class AirSide(Section):
    """Machines that cool the hall's air with water of a plant, with outside air, or both. YAML selects a kind by
    `kind:`."""

    @abstractmethod
    def sized(self, duty: PathDuty) -> SizedHeatPath:
        """Return the air side, and its plant, with machines enough for the duty on its design day, and spare ones.

        Raises ValueError where no number of machines can do it.
        """
