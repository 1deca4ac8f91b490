"""What a simulated week comes to, its warm-up taken off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .week import HOUR_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..operations.running import Running
    from ..results.result import Result


@dataclass(frozen=True)
class Stopped:
    """Node-seconds out of service in the counted time, by what they waited for; nodes that nobody has counted down,
    such as for planned work, are in `other`."""

    noticing: float = 0.0
    """From failures until somebody noticed."""
    triage: float = 0.0
    spares: float = 0.0
    technicians: float = 0.0
    hands: float = 0.0
    other: float = 0.0


@dataclass(frozen=True)
class Shelf:
    """A part on a shelf over the whole simulation, warm-up included: the more demands, the surer the rate."""

    stock: int
    used: int
    stockouts: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """One replica of a hall's week. Hourly arrays have the shape (simulated hour,), the warm-up included."""

    it_w: NDArray[np.float64]
    facility_w: NDArray[np.float64]
    served: Mapping[str, NDArray[np.float64]]
    """Requests answered in each hour, by service."""
    capacity: Mapping[str, NDArray[np.float64]]
    """Requests that nodes at work could answer, by service."""
    tokens: Mapping[str, float]
    """Tokens trained on and kept in the counted time, by training job."""
    availability: Mapping[str, float]
    """Share of the counted time in which nodes were in service, by group."""
    stopped: Stopped
    shelves: Mapping[str, Shelf]
    water_m3: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Water that cooling drew in each hour [m3]; empty where no cooling was simulated."""
    throttled_node_h: float = 0.0
    """Node-hours at lower clocks for heat, the warm-up included."""
    interruptions: int = 0
    """Of gangs, in the counted time."""
    notes: tuple[str, ...] = field(default=())


@dataclass
class _Start:
    """What had come to pass when the warm-up ended."""

    service_s: dict[str, float] = field(default_factory=dict)
    """Node-seconds in service, by group."""
    tokens: dict[str, float] = field(default_factory=dict)
    interruptions: int = 0

    def see(self, running: Running) -> None:
        """Read a run that has reached an instant; nothing of it changes."""
        from ..engine import state as layout
        from ..results.work import work_done_s

        batch, now_s = running.hall.batch, running.hall.timeline.now
        batch.bring_up(())  # A control of no node: the engine's clock stands at the instant that it was run up to.
        state = batch.state
        serves = np.isin(state.nodes["status"], (layout.IN_SERVICE, layout.DRAINING, layout.CORDONED))
        service_s = state.nodes["service_s"] + np.where(serves, now_s - state.nodes["service_since_s"], 0.0)
        for group, node_s in zip(running.fleet.group, service_s.tolist(), strict=True):
            self.service_s[group] = self.service_s.get(group, 0.0) + node_s
        work_s = work_done_s(state)
        for run in () if running.training is None else running.training.runs:
            steps = float(work_s[run.job]) / run.plan.nodes / run.plan.step_s
            self.tokens[run.name] = steps * run.plan.tokens_per_step
            self.interruptions += int(state.jobs["interruptions"][run.job])


def simulated(tree: Mapping[str, Any], folder: Path, data_root: Path | None, warm_up_s: float) -> Outcome:
    """Simulate a scenario and return what came of it after the warm-up.

    Raises InputError where the scenario can not be run.
    """
    from ..simulation import simulate
    from .loading import loaded_tree

    start = _Start()
    look = (warm_up_s, start.see) if warm_up_s > 0.0 else None
    return _outcome(simulate(loaded_tree(tree, folder, data_root), look=look), start, warm_up_s)


def _outcome(result: Result, start: _Start, warm_up_s: float) -> Outcome:
    power = result.tables["power"]
    end_s = float(result.kpis["simulated_s"] or 0.0)
    served, capacity = _services(result)
    service_s, counts = _sums(result, "nodes", "group", "service_s"), _counts(result)
    counted_s = end_s - warm_up_s
    availability = {
        group: (service_s[group] - start.service_s.get(group, 0.0)) / (count * counted_s)
        for group, count in counts.items()
    }
    out_s = sum(count * counted_s * (1.0 - availability[group]) for group, count in counts.items())
    tokens = _sums(result, "training", "job", "tokens")
    return Outcome(
        it_w=power["it_power_mean_w"].to_numpy(),
        facility_w=power["facility_power_mean_w"].to_numpy(),
        served=served,
        capacity=capacity,
        tokens={job: amount - start.tokens.get(job, 0.0) for job, amount in tokens.items()},
        availability=availability,
        stopped=_stopped(result, warm_up_s, end_s, out_s),
        shelves=_shelves(result),
        water_m3=_water_m3(result, len(power["from_utc"])),
        throttled_node_h=float(result.kpis.get("throttled_node_hours") or 0.0),
        interruptions=int(result.kpis.get("interruptions") or 0) - start.interruptions,
        notes=result.notes,
    )


def _services(result: Result) -> tuple[dict[str, NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    if "services" not in result.tables:
        return {}, {}
    frame = result.frame("services")
    by_name = {str(name): rows for name, rows in frame.groupby("service", sort=False, observed=True)}
    return (
        {name: rows["served"].to_numpy() for name, rows in by_name.items()},
        {name: rows["capacity"].to_numpy() for name, rows in by_name.items()},
    )


def _water_m3(result: Result, hours: int) -> NDArray[np.float64]:
    from ..results.building import WATER

    if "facility" not in result.tables:
        return np.zeros(0)
    rows = result.tables["facility"]
    place = (rows["from_s"].to_numpy() // HOUR_S).astype(np.int64)
    litres = np.sum([rows[f"{name}_l"].to_numpy() for name in WATER], axis=0)
    return np.bincount(place, weights=litres, minlength=hours)[:hours] / 1e3


def _sums(result: Result, table: str, key: str, column: str) -> dict[str, float]:
    if table not in result.tables:
        return {}
    found = result.frame(table).groupby(key, sort=False, observed=True)[column].sum()
    return {str(name): float(value) for name, value in found.items()}


def _counts(result: Result) -> dict[str, int]:
    found = result.frame("nodes").groupby("group", sort=False, observed=True).size()
    return {str(name): int(value) for name, value in found.items()}


def _stopped(result: Result, from_s: float, end_s: float, out_s: float) -> Stopped:
    """Return the counted node-seconds out of service by cause. An order counts by the share of it that lies in the
    counted time; the sum is what meters say: what orders do not explain is `other`."""
    sums = dict.fromkeys(("noticing", "triage", "spares", "technicians", "hands"), 0.0)
    if "work_orders" in result.tables:
        for row in result.tables["work_orders"].to_pylist():
            nodes = row["stopped_nodes"]
            at_s = float(row["requested_s"])
            for name, column in (
                ("triage", "triage_s"), ("spares", "spare_wait_s"), ("technicians", "technician_wait_s"),
                ("hands", "worked_s"),
            ):  # fmt: skip
                until_s = at_s + float(row[column] or 0.0)
                sums[name] += nodes * max(min(until_s, end_s) - max(at_s, from_s), 0.0)
                at_s = until_s
    if "failures" in result.tables:
        for row in result.tables["failures"].to_pylist():
            stopped_s, noticed_s = row["stopped_s"], row["detected_s"]
            if stopped_s is not None:
                until_s = end_s if noticed_s is None else noticed_s
                sums["noticing"] += row["nodes"] * max(min(until_s, end_s) - max(stopped_s, from_s), 0.0)
    return Stopped(**sums, other=max(out_s - sum(sums.values()), 0.0))


def _shelves(result: Result) -> dict[str, Shelf]:
    if "spares" not in result.tables:
        return {}
    rows = result.tables["spares"].to_pylist()
    return {row["part"]: Shelf(int(row["stock"]), int(row["used"]), int(row["stockouts"])) for row in rows}
