"""The section `plan`: a planning problem as its YAML states it. Pure data: neither models nor solver are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from models.kinds import selected_from
from models.problems import nearest
from models.reliability.reliability import Reliability
from models.section import Section
from models.security.security import Security

from .given.demand.demand import Demand
from .given.demand.training import TrainingDemand
from .given.futures import FutureTerms
from .given.goals import EVERY_OR_LIKELIEST, FrontTerms, HoursTerms, ProofTerms, RollingTerms, SolveTerms
from .given.hardware import ExistingNodes, FabricBlock, Module, Sku, StoreUnit
from .given.maintenance import MaintenanceTier
from .given.quarter import MoneyCurve, QuarterName, quarter_name, quarter_number
from .given.site import PlanSite

if TYPE_CHECKING:
    AnyDemand = Demand
else:
    AnyDemand = selected_from("optimizers.given.demand", Demand)


def _as_expected() -> tuple[FutureTerms, ...]:
    return (FutureTerms(name="expected", probability=1.0),)


class Problem(Section):
    """What to buy, build, staff, protect and contract, where and when, so that demand is served."""

    first_quarter: QuarterName
    """The first quarter of the plan."""
    quarters: Annotated[int, Field(ge=1, le=40)]
    """How many quarters it has."""
    discount_rate: float = Field(default=0.08, ge=0.0, lt=1.0)
    """Interest of a year at which later money counts less; 0.08 is an assumption."""
    hours: HoursTerms = HoursTerms()
    """The hours that stand for a quarter."""
    sites: dict[str, PlanSite] = Field(min_length=1)
    """Where halls stand or may stand."""
    skus: dict[str, Sku] = Field(min_length=1)
    """Node types to choose from."""
    existing: tuple[ExistingNodes, ...] = ()
    """Nodes that stand there already."""
    modules: dict[str, Module] = Field(min_length=1)
    """Designs of facility modules. A site has one design at most for air, and one for liquid cooling."""
    fabrics: dict[str, FabricBlock] = {}
    """Designs of network. A site has one at most; without any nodes need none."""
    storage: dict[str, StoreUnit] = {}
    """Storage for training runs; without any they need none."""
    reliability: Reliability | None = None
    """What fails, as in a scenario; nothing if nothing is said."""
    maintenance: dict[str, MaintenanceTier] = Field(min_length=1)
    """Tiers of people and parts; each site has one."""
    security: dict[str, Security] = Field(default_factory=lambda: {"none": Security()})
    """Levels of security, as `security` in a scenario; each site has one. No controls if nothing is said."""
    demand: dict[str, AnyDemand] = Field(min_length=1)
    """What is to be served."""
    futures: tuple[FutureTerms, ...] = Field(default_factory=_as_expected, min_length=1)
    """Ways in which things may go on; one, as stated, if nothing is said."""
    budget: MoneyCurve | None = None
    """USD that may be spent on purchases in a quarter, the spares of nodes, batteries and panels among them; without
    limit if nothing is said."""
    objective: str = "cost"
    """What is minimised: `cost`, `carbon`, `water`, `risk` or `slo-shortfall`."""
    caps: dict[str, float | str] = {}
    """Most that objectives may come to, such as `{carbon: 12000 t}`; a number is in the objective's own unit."""
    cvar_level: float = Field(default=0.9, ge=0.0, lt=1.0)
    """The risk looks at the worst futures beyond this share; 0.9 is an assumption."""
    solve: SolveTerms = SolveTerms()
    """When a solve may end."""
    rolling: RollingTerms | None = None
    """Quarters decided in windows, one after another; all at once if nothing is said."""
    front: FrontTerms | None = None
    """Plans that trade objectives off; asked for by `datahall plan --front`."""
    proof: ProofTerms = ProofTerms()
    """How the plan is proven by simulation; asked for by `datahall plan --prove`."""

    @property
    def quarter_names(self) -> tuple[str, ...]:
        """Names of its quarters, in order."""
        first = quarter_number(self.first_quarter)
        return tuple(quarter_name(number) for number in range(first, first + self.quarters))

    @model_validator(mode="after")
    def _futures_are_a_distribution(self) -> Self:
        total = sum(future.probability for future in self.futures)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"futures: probabilities sum up to {total:g}; they must sum up to 1")
        names = [future.name for future in self.futures]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"futures: names must differ; given twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        told = list(self._unknown_names())
        if told:
            raise ValueError("; ".join(told))
        return self

    @model_validator(mode="after")
    def _within_the_horizon(self) -> Self:
        told = list(self._beyond_the_horizon())
        if told:
            raise ValueError("; ".join(told))
        return self

    def _unknown_names(self) -> Iterator[str]:
        uses: list[tuple[str, str, dict[str, object], str]] = []
        for number, each in enumerate(self.existing):
            uses += [(f"existing[{number}].site", each.site, dict(self.sites), "site")]
            uses += [(f"existing[{number}].sku", each.sku, dict(self.skus), "SKU")]
        for room in ("modules", "fabrics", "storage"):
            for name, thing in getattr(self, room).items():
                uses += [(f"{room}.{name}.exists", site, dict(self.sites), "site") for site in thing.exists]
        for name, demand in self.demand.items():
            uses += [(f"demand.{name}", sku, dict(self.skus), "SKU") for sku in demand.sku_names()]
            uses += [
                (f"demand.{name}.security", level, dict(self.security), "level") for level in demand.security or ()
            ]
        known: dict[str, object] = {future.name: future for future in self.futures}
        if isinstance(self.proof.futures, str):
            words = {**dict.fromkeys(EVERY_OR_LIKELIEST), **known}
            uses.append(("proof.futures", self.proof.futures, words, "future"))
        else:
            uses += [("proof.futures", name, known, "future") for name in self.proof.futures]
        for path, given, allowed, sort in uses:
            if given not in allowed:
                hint = nearest(given, list(allowed))
                yield f"{path}: there is no {sort} '{given}'; allowed: {', '.join(allowed)}{hint}"

    def _beyond_the_horizon(self) -> Iterator[str]:
        first, last = self.quarter_names[0], self.quarter_names[-1]
        existing = {each.sku for each in self.existing}
        for name, sku in self.skus.items():
            if name not in existing and sku.lead_quarters >= self.quarters:
                yield f"skus.{name}.lead_quarters: {sku.lead_quarters} quarters end after the last, {last}"
        for room in ("modules", "fabrics", "storage"):
            for name, thing in getattr(self, room).items():
                if not thing.exists and thing.lead_quarters >= self.quarters:
                    yield f"{room}.{name}.lead_quarters: {thing.lead_quarters} quarters end after the last, {last}"
        for name, demand in self.demand.items():
            if isinstance(demand, TrainingDemand) and not first <= demand.by <= last:
                yield f"demand.{name}.by: {demand.by} is outside the plan, {first} to {last}"
        for place, position in enumerate(self.proof.quarters or ()):
            if position >= self.quarters:
                yield f"proof.quarters[{place}]: {position}; allowed: 0 to {self.quarters - 1}, positions in the plan"

    def curves(self) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Yield the path of each value that changes by quarter, and what is stated for which of them."""
        curves: dict[str, object] = {"budget": self.budget}
        for name, site in self.sites.items():
            curves[f"sites.{name}.grid"] = site.grid
        for name, sku in self.skus.items():
            curves |= {f"skus.{name}.price": sku.price, f"skus.{name}.supply": sku.supply}
        for room in ("modules", "fabrics", "storage"):
            for name, thing in getattr(self, room).items():
                curves[f"{room}.{name}.price"] = thing.price
        for name, demand in self.demand.items():
            curves |= {f"demand.{name}.{key}": getattr(demand, key, None) for key in demand.curves}
        for path, curve in curves.items():
            if isinstance(curve, Mapping):
                yield path, curve
