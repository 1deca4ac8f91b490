"""SLO shortfall: requests that no site serves within their SLO."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .objective import Objective

if TYPE_CHECKING:
    from ..formulation.formulation import Formulation
    from ..formulation.terms import Terms


class SloShortfall(Objective):
    """Expected share of all services' requests that go unserved, 0 to 1."""

    kind: ClassVar[str] = "slo-shortfall"
    unit: ClassVar[str] = "share"
    rank: ClassVar[int] = 4
    scale: ClassVar[float] = 1e-3

    def terms(self, formulation: Formulation) -> Terms:
        from ..formulation.terms import Terms

        futures = list(enumerate(formulation.probability))
        services = formulation.instance.serving
        requests = sum(share * formulation.demand[each.name, o] for each in services for o, share in futures)
        total = Terms()
        if requests > 0.0:
            for each in services:
                for o, share in futures:
                    total.add_all(share / requests / self.scale, formulation.unserved[each.name, o])
        return total
