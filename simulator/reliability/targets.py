"""What a failure mode may strike: the hall's components with the parts in each, or the jobs that run."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.fleet import Fleet
from models.problems import nearest
from models.reliability.hazards import Population
from models.reliability.modes.cdu import CduFailures
from models.reliability.modes.component_failures import ComponentFailures
from models.reliability.modes.pdu import PduFailures
from models.reliability.modes.shock import RowShock

from ..assembly.services import jobs_of
from ..engine import state as layout
from ..operations.component import Component
from ..operations.entering import switchable
from ..operations.running import Running

_WORKS = (layout.IN_SERVICE, layout.CORDONED, layout.DRAINING)
_GIVEN_BY = {
    **dict.fromkeys(("link", "switch"), "a 'fabric'"),
    "storage-server": "a 'storage'",
    **dict.fromkeys(("feed", "cooling-unit"), "a building that is simulated"),
}


class ComponentTargets:
    """Components that a mode takes out, and how many parts that can fail each has."""

    def __init__(self, running: Running, mode: ComponentFailures) -> None:
        self._running = running
        self.components = _components(running, mode)
        self.population = Population(
            _parts(running.fleet, mode, self.components), _since_s(running.fleet, mode, self.components)
        )
        self._first_part = self.population.first_part

    def hit(self, part: int) -> Component | None:
        """Return the component of a part if it is in service, else None."""
        component = self.components[int(np.searchsorted(self._first_part, part, side="right")) - 1]
        return component if is_in_service(self._running, component) else None

    @functools.cached_property
    def _place(self) -> dict[tuple[str, str], int]:
        return {(each.kind, each.name): place for place, each in enumerate(self.components)}

    def parts_of(self, kind: str, name: str) -> range:
        """Return the parts of a component; none where it is not among those that the mode strikes."""
        place = self._place.get((kind, name))
        return range(0) if place is None else range(int(self._first_part[place]), int(self._first_part[place + 1]))


class JobTargets:
    """The jobs of `training:`, or where there are none the jobs that hold whole nodes: no more than there are nodes.

    A service is one more, however many nodes it has: what strikes it stops one of them, each in its turn.
    """

    def __init__(self, running: Running) -> None:
        self._jobs = running.hall.batch.state.jobs
        self._services = jobs_of(running.services, running.workload)
        self._struck = [0] * len(self._services)
        others = np.ones(len(self._jobs), np.bool_)
        for jobs in self._services:
            others[jobs] = False
        self._training = np.flatnonzero((self._jobs["training"] >= 0) & others)
        whole = np.flatnonzero((self._jobs["exclusive"] != 0) & others)
        self._chosen = self._training if len(self._training) else whole
        self._count = len(self._training) or min(len(whole), len(running.fleet))
        count = self._count + len(self._services)
        self.population = Population(np.ones(count, np.int64), np.zeros(count))

    def hit(self, part: int) -> int | None:
        """Return the job that a part stands for if it runs and does not hang, else None."""
        jobs = self._jobs
        if part >= self._count:
            return self._hit_service(part - self._count)
        if len(self._training):
            job = int(self._chosen[part])
            return job if jobs["status"][job] == layout.RUNNING and jobs["pause"][job] != layout.HUNG else None
        running = self._chosen[jobs["status"][self._chosen] == layout.RUNNING]
        if part >= len(running) or jobs["pause"][running[part]] == layout.HUNG:
            return None
        return int(running[part])

    def _hit_service(self, number: int) -> int | None:
        own, rows = self._services[number], self._jobs
        running = own[(rows["status"][own] == layout.RUNNING) & (rows["pause"][own] != layout.HUNG)]
        if not len(running):
            return None
        self._struck[number] += 1
        return int(running[(self._struck[number] - 1) % len(running)])

    @property
    def exposure_s(self) -> float:
        """Seconds that the jobs have held nodes so far, summed over jobs."""
        return float(self._jobs["held_s"][self._chosen].sum())


def is_in_service(running: Running, component: Component) -> bool:
    """Return whether a component can fail: nobody keeps it out, and nodes that stop with it are not all off anyway."""
    if running.components.is_out(component):
        return False
    status = running.hall.batch.state.nodes["status"]
    return not component.nodes or any(status[node] in _WORKS for node in component.nodes)


def rows_of_racks(running: Running, kind: str, racks: int) -> Sequence[Component]:
    """Return the hall's components of a kind that feed or cool rows of racks; entered here where nobody has.

    They then stand for `racks` racks each, in the order of the fleet, and take their nodes out.
    """
    known = running.components.of_kind(kind)
    if known:
        return known
    fleet = running.fleet
    for number, first in enumerate(range(0, len(fleet.rack_names), racks)):
        nodes = np.flatnonzero((fleet.rack >= first) & (fleet.rack < first + racks))
        running.components.register(switchable(running.hall, kind, f"{kind}-{number}", tuple(nodes.tolist())))
    return running.components.of_kind(kind)


def neighbours_within(running: Running, kind: str) -> dict[int, NDArray[np.int64]]:
    """Return, by node, the nodes that have a component of a kind in common with it; of switches, their leaves.

    Raises ValueError where the hall has no such component.
    """
    groups = _blocks(running) if kind == "switch" else [each.nodes for each in _above(running, kind)]
    found: dict[int, NDArray[np.int64]] = {}
    for nodes in groups:
        members = np.array(nodes, np.int64)
        for node in nodes:
            found.setdefault(node, members[members != node])
    if not found:
        needs = f"; that takes {_GIVEN_BY[kind]}" if kind in _GIVEN_BY else ""
        raise ValueError(f"the hall has no {kind} that nodes have in common{needs}")
    return found


def _above(running: Running, kind: str) -> Sequence[Component]:
    rows: dict[str, RowShock] = {"pdu": PduFailures(), "cdu": CduFailures()}
    if kind in rows:
        return rows_of_racks(running, kind, rows[kind].racks)
    return running.components.of_kind(kind)


def _blocks(running: Running) -> Sequence[Sequence[int]]:
    """Return the nodes of each block of the fabric, which hang on the same leaf switches."""
    if running.fabric is None or not len(running.fabric.built.switches):
        return ()
    block = running.fabric.built.block
    return [np.flatnonzero(block == each).tolist() for each in np.unique(block[block >= 0])]


def _components(running: Running, mode: ComponentFailures) -> Sequence[Component]:
    kind = mode.component
    known = rows_of_racks(running, kind, mode.racks) if isinstance(mode, RowShock) else running.components.of_kind(kind)
    if not known:
        needs = f"; that takes {_GIVEN_BY[kind]}" if kind in _GIVEN_BY else ""
        allowed = ", ".join(sorted(running.components.kinds)) or "nothing"
        raise ValueError(
            f"the hall has no {kind} that could fail{needs}; it has: {allowed}{nearest(kind, running.components.kinds)}"
        )
    if mode.group is None:
        return known
    groups = dict.fromkeys(running.fleet.group)
    if mode.group not in groups:
        allowed = ", ".join(filter(None, groups)) or "none"
        raise ValueError(f"'{mode.group}' is not a group of the fleet; allowed: {allowed}{nearest(mode.group, groups)}")
    return [component for component in known if running.fleet.group[component.nodes[0]] == mode.group]


def _parts(fleet: Fleet, mode: ComponentFailures, components: Sequence[Component]) -> NDArray[np.int64]:
    if mode.component != "node":
        return np.ones(len(components), np.int64)
    of_model = np.array([mode.parts_of(model) for model in fleet.models], np.int64)
    return of_model[fleet.model[_first_nodes(components)]]


def _since_s(fleet: Fleet, mode: ComponentFailures, components: Sequence[Component]) -> NDArray[np.float64]:
    """Return from when each component is in service: with the first of its nodes."""
    if mode.component == "node":
        first_s = fleet.commission_s[_first_nodes(components)]
    else:
        commission_s = fleet.commission_s
        first_s = np.array([commission_s[list(each.nodes)].min() if each.nodes else 0.0 for each in components])
    return np.where(first_s <= 0.0, -mode.age, np.where(np.isnan(first_s), math.inf, first_s))


def _first_nodes(components: Sequence[Component]) -> NDArray[np.int64]:
    return np.fromiter((each.nodes[0] for each in components), np.int64, len(components))
