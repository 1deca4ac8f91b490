"""From a plan to a scenario of one of its halls in one of its quarters: plain data, as a person would write it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from models.nodes.node import Node
from models.section import Section
from optimizers.derates import Derates
from optimizers.figures.hours import chosen_hours
from optimizers.figures.weather import weather_and_design_day
from optimizers.instance.instance import Instance
from optimizers.problem import Problem

from .hall_quarter import HallQuarter
from .pools import Pool, pools_of
from .trainings import training_tree
from .week import ProofWeek, proof_week

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tree = dict[str, Any]
PLENTY = 1_000_000
"""Parts on the shelf of those that a tier does not list: they are always there."""


@dataclass(frozen=True, eq=False)
class HallScenario:
    """A scenario, and what its services and hours stand for in the plan."""

    name: str
    tree: Tree
    """Loaded by the usual loader."""
    week: ProofWeek
    pools: tuple[Pool, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the scenario but for its words: equal for what comes out equal."""
        decides = {key: value for key, value in self.tree.items() if key not in ("name", "description")}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class ProofCase:
    """What every scenario of a proof is made from. `instance` is with the derates in force."""

    name: str
    problem: Problem
    nodes: Mapping[str, Node]
    """The plan file's own node types."""
    instance: Instance
    derates: Derates
    seed: int


def hall_scenario(case: ProofCase, hall: HallQuarter, replica: int = 0) -> HallScenario:
    """Return the scenario of a hall in a quarter.

    It has the nodes that are installed in the future that `hall` was taken from, the modules in service sized for
    their capacity, the outdoor air of the representative hours, what fails, the crew and the shelves of the hall's
    tier, its security, its gangs and its fluid work. It has no prices: money and carbon are the plan's own, by hour.
    Random numbers differ by site, quarter, class of cooling and replica, and by nothing else: plans that are proven
    one after the other meet the same bad days.
    """
    problem, instance = case.problem, case.instance
    site, quarter = instance.sites[hall.site].name, instance.quarters[hall.quarter].name
    mode = instance.modes[hall.mode]
    lead_s = _longest_lead_s(problem, mode.maintenance)
    week = proof_week(instance.hours, hall.quarter, problem.proof, least_warm_up_s=lead_s)
    pools = pools_of(problem, case.nodes, instance, hall)
    future = instance.futures[hall.future].name
    name = f"{case.name} {site} {quarter} {hall.cooling}" + (f" {future}" if len(instance.futures) > 1 else "")
    tree: Tree = {
        "name": name,
        "description": (
            f"{quarter} at {site}, cooled by {hall.cooling}: what the plan has there in the future '{future}', over "
            f"{week.counted_s / 86_400:g} days that stand for the quarter, after {week.warm_up_s / 86_400:g} days that "
            "are not counted"
        ),
        "seed": seed_of(case.seed, site, quarter, hall.cooling, replica),
        "start": _instant(week.start_utc_s),
        "until": f"{week.total_s:.0f} s",
        "fleet": {"groups": [_group(problem, instance, node, count) for node, count in hall.nodes.items()]},
        "loads": [
            {"kind": "constant", "name": load, "draws": f"{power_w!r} W"} for load, power_w in hall.loads_w.items()
        ],
        "scheduling": {"kind": "priority"},
        "facility": _facility(problem, instance, hall),
        "services": [pool.tree(week) for pool in pools],
        "training": [training_tree(problem, case.nodes, instance, hall, gang, week) for gang in hall.gangs],
        "security": _written(problem.security[mode.security]),
        "operations": _operations(case, hall),
    }
    own = {kind: _written(case.nodes[kind]) for kind in _own_types(case, hall)}
    if own:
        tree["nodes"] = own
    if problem.reliability is not None:
        tree["reliability"] = _written(problem.reliability)
    if problem.modules[instance.modules[hall.module].name].facility.cooling is not None:
        tree["site"] = _site(problem, site, hall.quarter, week)
    return HallScenario(name, {key: value for key, value in tree.items() if value not in ([], {})}, week, pools)


def seed_of(seed: int, site: str, quarter: str, cooling: str, replica: int) -> int:
    """Return the seed of a hall's random numbers, the same in each round of a proof."""
    text = json.dumps([seed, site, quarter, cooling, replica])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def stock_of(case: ProofCase, hall: HallQuarter, part: str) -> int:
    """Return how many of a part lie on the hall's shelf: so many for each hundred of its nodes, rounded up, times what
    the proof has found too few."""
    tier = case.instance.modes[hall.mode].maintenance
    per_100 = case.problem.maintenance[tier].spares[part].per_100_nodes
    factor = case.derates.spares.get((tier, part), 1.0)
    return math.ceil(factor * per_100 * sum(hall.nodes.values()) / 100.0 - 1e-9)


def _longest_lead_s(problem: Problem, tier: str) -> float:
    """Return the longest lead time of a part on a tier's shelves [s]; 0 where nothing fails.

    Shelves start full. Parts on order are in balance after one lead time: they are those asked for within it.
    """
    if problem.reliability is None:
        return 0.0
    return max((terms.lead_time for terms in problem.maintenance[tier].spares.values()), default=0.0)


def _group(problem: Problem, instance: Instance, node: int, count: int) -> Tree:
    kind = instance.nodes[node]
    return {
        "name": kind.name,
        "node": problem.skus[kind.name].node,
        "count": count,
        "nodes_per_rack": kind.nodes_per_rack,
    }


def _own_types(case: ProofCase, hall: HallQuarter) -> list[str]:
    used = {case.problem.skus[case.instance.nodes[node].name].node for node in hall.nodes}
    return sorted(used & set(case.nodes))


def _facility(problem: Problem, instance: Instance, hall: HallQuarter) -> Tree:
    module = instance.modules[hall.module]
    section = problem.modules[module.name].facility
    if section.cooling is None:
        return _written(section)
    return {**_written(section), "design_it_power": f"{hall.modules * module.capacity_w!r} W"}


def _operations(case: ProofCase, hall: HallQuarter) -> Tree:
    tier = case.problem.maintenance[case.instance.modes[hall.mode].maintenance]
    spares = {
        part: {
            "stock": stock_of(case, hall, part),
            "lead_time": {"kind": "constant", "value": f"{terms.lead_time!r} s"},
            "price": f"{terms.price!r} USD",
            "rma": None,
        }
        for part, terms in tier.spares.items()
    }
    return {"crews": [_written(tier.crew)], "spares": spares, "other_parts": {"stock": PLENTY}}


def _site(problem: Problem, site: str, quarter: int, week: ProofWeek) -> Tree:
    given = problem.sites[site]
    weather, day = weather_and_design_day(given, chosen_hours(problem))
    hours = week.hour[: week.round_h]

    def listed(values: NDArray[np.float64], unit: str) -> list[Any]:
        return [f"{float(value)!r} {unit}" if unit else float(value) for value in values[quarter, hours]]

    return {
        "weather": {
            "kind": "listed",
            "start": _instant(week.start_utc_s),
            "dry_bulb": listed(weather.dry_bulb_c, "°C"),
            "relative_humidity": listed(weather.relative_humidity, ""),
            "pressure": listed(weather.pressure_pa, "Pa"),
            "repeat": math.ceil(len(week.hour) / week.round_h),
        },
        "design": {"dry_bulb": f"{day.dry_bulb_c!r} °C", "wet_bulb": f"{day.wet_bulb_c!r} °C"},
    }


def _written(section: Section) -> Tree:
    """Return a section as it was written: what was left to defaults is left to them again."""
    return dict(section.model_dump(mode="json", by_alias=True, exclude_unset=True))


def _instant(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, tz=UTC).isoformat().replace("+00:00", "Z")
