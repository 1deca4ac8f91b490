"""What the building did between each two of its borders, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COLUMNS = (
    "from_s", "to_s", "compressor_w", "rejection_fan_w", "plant_pump_w", "treatment_w", "air_fan_w", "cdu_pump_w",
    "humidification_w", "evaporation_kg_per_s", "blowdown_kg_per_s", "drift_kg_per_s", "humidification_kg_per_s",
    "air_capacity_w", "liquid_capacity_w", "free_w", "running", "extrapolated", "clamped", "lighting_w",
    "server_fans_w", "air_heat_j", "liquid_heat_j", "air_removed_j", "liquid_removed_j", "stored_j", "inlet_c",
    "coolant_c", "throttled_nodes", "shut_down_nodes", "dry_bulb_c", "wet_bulb_c", "powered",
)  # fmt: skip
"""Powers, flows and capacities hold throughout a row. Heat, what was removed and what was stored are sums over it;
temperatures are those at its end. `powered` is 0 where the building was dark."""
_FIRST_ROWS = 1024


class Ledger:
    """Rows of columns, those of the building if no others are named, appended in order of time, without gaps."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self._columns = columns
        self._rows = np.zeros((_FIRST_ROWS, len(columns)))
        self._count = 0

    def append(self, row: dict[str, float]) -> None:
        """Take a row in; raises KeyError where a column is missing."""
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[self._count] = [row[name] for name in self._columns]
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column, shape (row,)."""
        return self._rows[: self._count, self._columns.index(name)]

    def energy_j(self, name: str) -> NDArray[np.float64]:
        """Return what a column of power or flow amounts to in each row, shape (row,)."""
        return self.column(name) * (self.column("to_s") - self.column("from_s"))
