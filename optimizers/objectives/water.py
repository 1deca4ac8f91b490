"""Water that cooling uses at the sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .objective import Objective

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


class Water(Objective):
    """Expected m3 over the horizon."""

    kind: ClassVar[str] = "water"
    unit: ClassVar[str] = "m3"
    rank: ClassVar[int] = 2
    scale: ClassVar[float] = 1e3

    def terms(self, formulation: Formulation) -> Terms:
        from ..formulation.terms import Terms

        total = Terms()
        for each in formulation.water:
            total.add_all(1.0, each)
        return total
