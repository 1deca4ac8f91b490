"""What the families of constraints share: the instance, the Pyomo model, its variables, and the sums that many add to.

Power is in MW, energy in MWh, money in thousands of USD, carbon in tonnes and water in thousands of m3 inside, so that
the solver sees coefficients near 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..instance.instance import Instance
from ..instance.work import ServingFigures
from ..plan import GROUPS
from .terms import Terms

MW = 1e6
"""W."""
THOUSAND = 1e3
"""USD in the model's unit of money, kg in a tonne, m3 in its unit of water."""
START = -1
"""Before the first quarter, among the quarters of cost: what stands there is taken over at its worth."""


class Formulation:
    """A model that is being built.

    Indices in keys: s site, g node type, p module design, n fabric, k store, m mode, v class of work that is spread
    over nodes (serving, then batch), j gang, t quarter, h hour, o future, d slip of deliveries (its position among the
    distinct ones), c class of cooling, i cohort, b group of cost. Variables are found by positions in `self.found`, and
    by names in the Pyomo model.
    """

    def __init__(self, instance: Instance) -> None:
        import pyomo.environ as pyo

        self.instance = instance
        self.model: Any = pyo.ConcreteModel(name=instance.name)
        self.quarters = len(instance.quarters)
        self.last = self.quarters - 1
        self.end = self.quarters
        """The horizon's end, among the quarters of cost and discount: what is left then is credited."""
        end_discount = instance.quarters[-1].discount if instance.end_discount is None else instance.end_discount
        self.discount = [*(each.discount for each in instance.quarters), end_discount]
        self.probability = [each.probability for each in instance.futures]
        self.slips = tuple(sorted({each.delivery_slip for each in instance.futures}))
        self.slip_of = [self.slips.index(each.delivery_slip) for each in instance.futures]
        self.slip_probability = [
            sum(each.probability for each in instance.futures if each.delivery_slip == slip) for slip in self.slips
        ]
        self.weight_h: list[list[float]] = instance.hours.weight_h.tolist()
        self.counted = [[h for h, weight_h in enumerate(row) if weight_h > 0.0] for row in self.weight_h]
        """Hours of a quarter in which energy and work count."""
        self.workers: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
        """Where a class can be worked on in a quarter and future: site, node type, mode, by `v, t, o`."""
        self.work = (*instance.serving, *instance.batch)
        self.peaks: list[list[list[float]] | None] = [
            each.peak.tolist() if isinstance(each, ServingFigures) and each.peak is not None else None
            for each in self.work
        ]
        self.alike = _alike(self)
        """For each mode the first one in which nodes work at the same rates: work is spread over these alone."""
        self.names: dict[str, Sequence[Any]] = {
            "s": [each.name for each in instance.sites],
            "g": [each.name for each in instance.nodes],
            "p": [each.name for each in instance.modules],
            "n": [each.name for each in instance.fabrics] or ["no fabric"],
            "k": [each.name for each in instance.stores],
            "m": [each.name for each in instance.modes],
            "v": [each.name for each in self.work],
            "j": [each.name for each in instance.gangs],
            "t": [each.name for each in instance.quarters],
            "h": range(instance.hours.count),
            "o": [each.name for each in instance.futures],
            "d": self.slips,
            "c": ("air", "liquid"),
            "i": range(len(instance.cohorts)),
            "b": GROUPS,
        }
        self.found: dict[str, dict[Any, Any]] = {}
        self.dimensions: dict[str, str] = {}
        """The dimensions of the keys of each name in `found`."""
        self.most_nodes: dict[tuple[int, int, int, int], float] = {}
        """The most nodes in service by site, type, quarter and slip."""
        self.cost = {(group, t): Terms() for group in GROUPS for t in (START, *range(self.quarters), self.end)}
        """The five groups by quarter, from `START` to `end`, discounted [1000 USD]."""
        self.resale = [Terms() for _ in range(self.quarters)]
        """What nodes that are sold bring, by quarter, as it lowers C; discounted [1000 USD]."""
        self.capital = [Terms() for _ in range(self.quarters)]
        """Purchases by quarter, not discounted [1000 USD]."""
        self.resting: dict[tuple[int, int, int, int], Terms] = {}
        """What gangs would draw beside their mean if they trained all quarter, by site, design, quarter and future
        [MW]."""
        self.busiest: dict[tuple[int, int, int, int, int], Terms] = {}
        """What services draw beyond an hour's mean at its busiest moment, by site, design, quarter, hour and future
        [MW]."""
        self.carbon = [Terms() for _ in range(self.quarters)]
        """Expected, by quarter [t]."""
        self.water = [Terms() for _ in range(self.quarters)]
        """Expected, by quarter [1000 m3]."""
        self.unserved: dict[tuple[str, int], Terms] = {}
        """Work that is not served, by class and future, in the class's unit."""
        self.unserved_share: list[Terms] = []
        """What each future leaves unserved, weighted over the classes; in the unit of the objective `risk`."""
        self.demand: dict[tuple[str, int], float] = {}
        """What is demanded, by class and future, in the class's unit; design hours do not count."""

    def peak(self, v: int, t: int, h: int) -> float:
        """Return the busiest moment of what an hour stands for over its mean, of a class of work; 1 of batch work."""
        peaks = self.peaks[v]
        return 1.0 if peaks is None else peaks[t][h]

    def variables(self, name: str, dimensions: str, keys: Iterable[Any], *, integer: bool = False) -> dict[Any, Any]:
        """Make variables of at least 0, whose value is 0 until a solve; return them by position."""
        import pyomo.environ as pyo

        keys = list(keys)
        named = [self.named(dimensions, key) for key in keys]
        domain = pyo.NonNegativeIntegers if integer else pyo.NonNegativeReals
        made = pyo.Var(named, domain=domain, initialize=0.0, dense=True)
        self.model.add_component(name, made)
        self.dimensions[name] = dimensions
        self.found[name] = {key: made[name_of] for key, name_of in zip(keys, named, strict=True)}
        return self.found[name]

    def binaries(self, name: str, dimensions: str, keys: Iterable[Any]) -> dict[Any, Any]:
        """Make binary variables; return them by position."""
        made = self.variables(name, dimensions, keys, integer=True)
        for variable in made.values():
            variable.setub(1)
        return made

    def hold(self, binary: Any) -> None:
        """Make a binary variable 1: what is there already is no choice."""
        binary.setlb(1)
        binary.set_value(1)

    def family(self, name: str) -> Any:
        """Return the constraint that holds a family's rows; it is made where it is not there yet."""
        import pyomo.environ as pyo

        component = self.model.component(name)
        if component is None:
            component = pyo.Constraint(pyo.Any)
            self.model.add_component(name, component)
        return component

    def at_most(self, family: str, dimensions: str, key: Any, terms: Terms, limit: float = 0.0) -> None:
        """Add `terms <= limit`; a row without variables is left out where it holds."""
        self._row(family, dimensions, key, terms, None, limit)

    def at_least(self, family: str, dimensions: str, key: Any, terms: Terms, limit: float = 0.0) -> None:
        """Add `terms >= limit`."""
        self._row(family, dimensions, key, terms, limit, None)

    def equal(self, family: str, dimensions: str, key: Any, terms: Terms, limit: float = 0.0) -> None:
        """Add `terms == limit`."""
        self._row(family, dimensions, key, terms, limit, limit)

    def _row(
        self, family: str, dimensions: str, key: Any, terms: Terms, lower: float | None, upper: float | None
    ) -> None:
        constant, terms.constant = terms.constant, 0.0
        if lower is not None:
            lower -= constant
        if upper is not None:
            upper -= constant
        if not terms.variables:
            if (lower is None or lower <= 1e-9) and (upper is None or upper >= -1e-9):
                return
            # A limit that nothing can keep stays in the model, on a variable that is always 0.
            terms.add(1.0, self.nothing)
        rows = self.family(family)
        name = self.named(dimensions, key)
        if lower is not None and upper is not None:
            rows.add(name, (terms.expression(), lower))
        else:
            rows.add(name, (lower, terms.expression(), upper))

    @property
    def nothing(self) -> Any:
        """A variable that is 0."""
        import pyomo.environ as pyo

        if self.model.component("nothing") is None:
            self.model.nothing = pyo.Var(bounds=(0.0, 0.0), initialize=0.0)
        return self.model.nothing

    def named(self, dimensions: str, key: Any) -> Any:
        """Return the names of the positions in a key."""
        if len(dimensions) == 1:
            return self.names[dimensions][key[0] if isinstance(key, tuple) else key]
        return tuple([self.names[dimension][each] for dimension, each in zip(dimensions, key, strict=True)])

    def spend(self, group: str, quarter: int, usd: float, variable: Any) -> None:
        """Add to a group of cost `usd` for each unit of a variable, paid in a quarter or at the horizon's end."""
        self.cost[group, quarter].add(self.discount[quarter] * usd / THOUSAND, variable)

    def buy(self, group: str, quarter: int, usd: float, variable: Any, left: float = 0.0) -> None:
        """Add a purchase to a group and to the quarter's budget; `left` is the share of its price left at the end."""
        self.spend(group, quarter, usd, variable)
        self.capital[quarter].add(usd / THOUSAND, variable)
        if left:
            self.spend(group, self.end, -left * usd, variable)

    def sell(self, quarter: int, usd: float, variable: Any) -> None:
        """Take `usd` off compute for each unit of a variable: sold in a quarter, or left at the horizon's end."""
        self.spend("C", quarter, -usd, variable)
        if quarter < self.end:
            self.resale[quarter].add(-self.discount[quarter] * usd / THOUSAND, variable)

    def left_of(self, serves_from: int, lasting: int) -> float:
        """Return the share of its price that a thing keeps at the end, in a straight line over `lasting` quarters."""
        return max(0.0, 1.0 - max(self.quarters - serves_from, 0) / lasting)

    def later(self, lead: int) -> range:
        """Return the quarters in which an order still arrives within the horizon."""
        return range(max(self.quarters - lead, 0))


def _alike(f: Formulation) -> list[int]:
    """Return for each mode the first that is like it but for availability and cost, such as another tier of crews.

    Capacity is what is available by mode, so one allocation serves all modes that are alike: the sum of the modes'
    rows is as tight, for a site has nodes in one of them.
    """
    rates = [tuple(float(rate) for work in f.work for rate in work.rate[:, m]) for m in range(len(f.instance.modes))]
    return [rates.index(each) for each in rates]
