"""Take each component out in turn, and then a second one with it: what drops, and for how long."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import simpy

from models.operations.every_single import EverySingle
from models.units import format_quantity

from ..facility.outdoors import OutdoorAir
from ..operations.component import Component
from ..results.columns import numbers_or_null, texts
from ..results.kpis import Kpis
from ..results.tables import table
from .branches import in_a_branch
from .component_classes import ComponentClass, component_classes
from .drill_accounts import counted
from .single_losses import live_through

if TYPE_CHECKING:
    from ..operations.running import Running

Figures = Mapping[str, float]


@dataclass(frozen=True)
class SingleLoss:
    """A class of components with what the hall did without one of them, and without two; None where there is no
    second."""

    of: ComponentClass
    one: Figures
    two: Figures | None


@dataclass(eq=False)
class EverySingleAccounts:
    """What came of every single loss: a row a class, and sentences on what the hall can not lose."""

    running: Running
    terms: EverySingle
    nothing: Figures = field(default_factory=dict)
    """The same hours with nothing lost."""
    losses: list[SingleLoss] = field(default_factory=list)
    left_out: int = 0
    """Classes beyond the most that are looked at."""

    def take_out_each(self) -> Generator[simpy.Event, None, None]:
        """Live through the loss of each class's component at the stated instant; the run itself loses nothing."""
        running, terms = self.running, self.terms
        assert terms.at is not None
        yield running.hall.timeline.at(terms.at)
        classes = component_classes(running.components, terms.kinds, running.fleet, running.hall.batch)
        self.left_out = max(len(classes) - terms.most_classes, 0)
        self.nothing = self._without(())
        for each in classes[: terms.most_classes]:
            one = self._without((each.first,))
            two = None if each.second is None else self._without((each.first, each.second))
            self.losses.append(SingleLoss(each, one, two))

    def _without(self, lost: Sequence[Component]) -> Figures:
        building = self.running.building
        air = None
        if self.terms.design_air and building is not None:
            day = building.sized.design_day
            air = OutdoorAir(
                day.dry_bulb_c, day.relative_humidity, min(day.wet_bulb_c, day.dry_bulb_c), day.pressure_pa
            )
        return in_a_branch(lambda: live_through(self.running, self.terms, air, lost))

    def _air(self) -> str:
        """Return what is to be said of the air outdoors; nothing where no building was simulated."""
        if self.running.building is None:
            return ""
        day = self.running.building.sized.design_day
        design = f"that of the design day, {day.dry_bulb_c:.1f} °C dry bulb and {day.wet_bulb_c:.1f} °C wet bulb"
        return f"; the air outdoors is {design if self.terms.design_air else 'the weather of the hour'}"

    def kpis(self, end_s: float) -> Kpis:  # noqa: ARG002 - the contract of a part
        """Return nothing: the run itself loses nothing."""
        return {}

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:  # noqa: ARG002 - the contract of a part
        """Return a row a class: what drops without one of it, and without two (null where there is no second)."""
        if not self.losses:
            return {}
        columns: dict[str, pa.Array] = {
            "component": texts([loss.of.kind for loss in self.losses]),
            "class": texts([loss.of.name for loss in self.losses]),
            "count": np.array([loss.of.count for loss in self.losses], np.int64),
            "lost": texts([loss.of.first.name for loss in self.losses]),
        }
        columns |= self._columns("", lambda loss: loss.one)
        columns["second"] = texts([loss.of.second.name if loss.of.second else "" for loss in self.losses])
        columns |= self._columns("second_", lambda loss: loss.two)
        return {"every_single": table(columns)}

    def _columns(self, before: str, of: Callable[[SingleLoss], Figures | None]) -> dict[str, pa.Array]:
        found = [of(loss) for loss in self.losses]
        names = list(_dropped(self.nothing, self.nothing))
        rows = [_dropped(self.nothing, each) if each is not None else dict.fromkeys(names, math.nan) for each in found]
        return {f"{before}{name}": numbers_or_null(np.array([row[name] for row in rows], np.float64)) for name in names}

    def notes(self, end_s: float) -> Sequence[str]:  # noqa: ARG002 - the contract of a part
        """Return which losses jobs feel, when all of it was, and what was left out."""
        at_s = self.terms.at
        if at_s is None:
            return ["every_single has no 'at' and was left out; `datahall drills` finds the hour of greatest power"]
        if not self.losses:
            return [f"every_single: the run ended before {_time(at_s)}"]
        from_s = at_s + self.terms.settle
        told = [f"every single: {len(self.losses):,} classes of components, from {_time(from_s)} on{self._air()}"]
        told += [_sentence(loss) for loss in self.losses if is_felt(loss.one) or (loss.two and is_felt(loss.two))]
        if is_felt(self.nothing):
            told.append("every single: jobs were hit in these hours without any loss; what is told contains that")
        unfelt = [f"{loss.of.kind} ({loss.of.name})" for loss in self.losses if not is_felt(loss.one)]
        if unfelt:
            told.append(f"every single: no job feels the loss of one {', one '.join(unfelt)}")
        if self.left_out:
            told.append(
                f"every single: {self.left_out:,} classes of components were not looked at; raise "
                f"operations.every_single.most_classes ({self.terms.most_classes}) or name 'kinds'"
            )
        return told


def is_felt(figures: Figures) -> bool:
    """Return whether a loss was felt by any job."""
    return figures["jobs_hit"] > 0.0


def _dropped(nothing: Figures, without: Figures) -> dict[str, float]:
    """Return what drops against the same hours with nothing lost."""
    work_h = nothing["work_h"]
    return {
        "nodes_out": without["nodes_out"],
        "jobs_hit": without["jobs_hit"],
        "interruptions": without["interruptions"],
        "down_s": without["down_s"],
        "work_least_share": without["work_least_share"],
        "work_missed_share": 1.0 - without["work_h"] / work_h if work_h > 0.0 else math.nan,
        "it_power_drop_w": nothing["it_power_w"] - without["it_power_w"],
        "cooling_drop_w": nothing["cooling_w"] - without["cooling_w"],
        "fabric_drop_share": nothing["fabric_share"] - without["fabric_share"],
        "storage_drop_share": nothing["storage_share"] - without["storage_share"],
        "inlet_greatest_c": without["inlet_greatest_c"],
        "coolant_greatest_c": without["coolant_greatest_c"],
    }


def _sentence(loss: SingleLoss) -> str:
    of = loss.of
    parts = [f"every single: one {of.kind} of {of.count:,} ({of.name}): {_became(loss.one)}"]
    if loss.two is not None:
        parts.append(f"two: {_became(loss.two)}")
    return "; ".join(parts)


def _became(figures: Figures) -> str:
    if not is_felt(figures):
        return "no job feels it"
    down = "not back within the hours watched"
    if not math.isnan(figures["down_s"]):
        down = f"as before after {_time(figures['down_s'])}"
    return f"{counted(int(figures['jobs_hit']), 'job')} hit, {down}"


def _time(time_s: float) -> str:
    return format_quantity(time_s, "duration", 3)
