"""Cost: the five groups, as money of the first quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .objective import Objective

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


class Cost(Objective):
    """C + B + M + S + O. What unserved work costs is minimised with it, and told apart."""

    kind: ClassVar[str] = "cost"
    unit: ClassVar[str] = "USD"
    rank: ClassVar[int] = 0
    scale: ClassVar[float] = 1e3

    def terms(self, formulation: Formulation) -> Terms:
        from ..formulation.terms import Terms

        total = Terms()
        for each in formulation.cost.values():
            total.add_all(1.0, each)
        return total

    def penalty(self, formulation: Formulation) -> Terms | None:
        from ..formulation.terms import Terms

        total = Terms()
        for work in (*formulation.work, *formulation.instance.gangs):
            for o, probability in enumerate(formulation.probability):
                if work.unserved_usd > 0.0:
                    total.add_all(probability * work.unserved_usd / self.scale, formulation.unserved[work.name, o])
        return total
