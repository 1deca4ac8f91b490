"""Carbon: of energy from the grid and of bridging generation, and embodied in what is bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .objective import Objective

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


class Carbon(Objective):
    """Expected kg of CO2 equivalent over the horizon, not discounted."""

    kind: ClassVar[str] = "carbon"
    unit: ClassVar[str] = "kg"
    rank: ClassVar[int] = 1
    scale: ClassVar[float] = 1e3

    def terms(self, formulation: Formulation) -> Terms:
        from ..formulation.terms import Terms

        total = Terms()
        for each in formulation.carbon:
            total.add_all(1.0, each)
        return total
