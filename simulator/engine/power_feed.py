"""What the power chain carries besides nodes and racks, said by several and told to the engine as one."""

from __future__ import annotations

import numpy as np

from .batch import LOSS_TERMS, Batch
from .settlement import Settlement
from .state import DARK, GRID


class PowerFeed:
    """Sums what others say they draw or give, and asks for a settlement when it changes.

    Other IT equipment and sources beside the grid say their power under a name of their own [W]; a battery that is
    charged is a source of negative power.
    """

    def __init__(self, batch: Batch, settlement: Settlement) -> None:
        self._batch = batch
        self._settlement = settlement
        self._other_it_w: dict[str, float] = {}
        self._sources_w: dict[str, float] = {}
        self._stages_w = [0.0] * len(batch.state.stages)
        self._beside_w = 0.0
        self._losses = [batch.state.stages[name].copy() for name in LOSS_TERMS]
        self.supply = GRID

    @property
    def other_it_w(self) -> float:
        """What IT equipment besides nodes and racks draws now [W]."""
        return 0.0 if self.supply == DARK else sum(self._other_it_w.values())

    @property
    def sources_w(self) -> float:
        """What sources beside the grid give now [W], less what charges batteries."""
        return sum(self._sources_w.values())

    def set_other_it(self, name: str, power_w: float) -> None:
        """Say what a piece of IT equipment draws from now on."""
        if self._other_it_w.get(name) != power_w:
            self._other_it_w[name] = power_w
            self._tell()

    def set_source(self, name: str, power_w: float) -> None:
        """Say what a source beside the grid gives from now on."""
        if self._sources_w.get(name) != power_w:
            self._sources_w[name] = power_w
            self._tell()

    def set_mechanical(self, stages_w: list[float], beside_w: float) -> None:
        """Say what cooling draws behind each stage of the chain, and on the grid's own side, from now on."""
        if (stages_w, beside_w) != (self._stages_w, self._beside_w):
            self._stages_w, self._beside_w = stages_w, beside_w
            self._tell()

    def set_supply(self, supply: int) -> None:
        """Say who carries the hall from now on: GRID, BACKUP, or nobody (DARK)."""
        if self.supply != supply:
            self.supply = supply
            self._tell()

    def pass_by(self, stage: int | None) -> None:
        """Have the stages from this one up to the grid lose nothing, because what carries the hall is fed in behind
        them; None puts them back."""
        there = np.arange(len(self._stages_w)) < (len(self._stages_w) if stage is None else stage)
        self._batch.set_losses(*(np.where(there, term, 0.0) for term in self._losses))
        self._settlement.mark()

    def _tell(self) -> None:
        self._batch.feed(
            other_it_w=self.other_it_w,
            stages_w=self._stages_w,
            beside_w=self._beside_w,
            sources_w=self.sources_w,
            supply=self.supply,
        )
        self._settlement.mark()
