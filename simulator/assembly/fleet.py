"""From the scenario's nodes and events to the fleet that the engine runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from models.fleet import Fleet
from models.problems import InputError, Problem, nearest

from ..scenario.events.commission import CommissionEvent
from ..scenario.events.event import Event, NodesEvent
from ..scenario.events.retire import RetireEvent
from ..scenario.fleet import NamedNode, NamedNodes


def lay_out(named: NamedNodes, events: Sequence[Event]) -> Fleet:
    """Return the fleet: the scenario's nodes with the commissioning and retirement that its events ask for.

    Raises InputError where an event names a node that the hall does not have, or retires one before its time.
    """
    nodes = named.nodes
    position = {node.name: index for index, node in enumerate(nodes)}
    commission_s = np.array([node.in_service_s for node in nodes])
    retire_s = np.array([node.retire_s for node in nodes])
    drains = np.array([node.retire == "drain" for node in nodes])
    problems: list[Problem] = []
    for number, event in enumerate(events):
        if not isinstance(event, NodesEvent):
            continue
        targets, unknown = targets_of(event, nodes, position)
        problems += [_not_there(number, name, position) for name in unknown]
        if isinstance(event, CommissionEvent):
            commission_s[targets] = event.at
        elif isinstance(event, RetireEvent):
            retire_s[targets] = event.at
            drains[targets] = event.retire == "drain"
    early = np.flatnonzero(retire_s <= commission_s)
    problems += [
        Problem("", "events", f"node '{nodes[index].name}' retires at {retire_s[index]:g} s, before it is in service")
        for index in early[:20]
    ]
    if problems:
        raise InputError(problems)
    types = list(named.types)
    racks = list(dict.fromkeys(node.rack for node in nodes))
    type_position = {name: index for index, name in enumerate(types)}
    rack_position = {name: index for index, name in enumerate(racks)}
    return Fleet(
        node_names=tuple(position),
        model_names=tuple(types),
        models=tuple(named.types.values()),
        model=np.array([type_position[node.node_type] for node in nodes], np.int64),
        rack_names=tuple(racks),
        rack_power_w=np.array([named.rack_power_w.get(rack, 0.0) for rack in racks]),
        rack=np.array([rack_position[node.rack] for node in nodes], np.int64),
        group=tuple(node.group for node in nodes),
        commission_s=commission_s,
        retire_s=np.where(np.isnan(retire_s), math.inf, retire_s),
        retire_drains=drains,
        rack_scale_up=np.array([named.rack_scale_up.get(rack, 0) for rack in racks], np.int64),
    )


def targets_of(event: NodesEvent, nodes: Sequence[NamedNode], position: dict[str, int]) -> tuple[list[int], list[str]]:
    """Return the nodes that an event happens to, every node where it names none, and the names that do not exist."""
    if event.nodes is not None:
        known = [position[name] for name in event.nodes if name in position]
        return known, [name for name in event.nodes if name not in position]
    chosen: Iterable[int] = range(len(nodes))
    if event.group is not None:
        chosen = (index for index in chosen if nodes[index].group == event.group)
    return list(chosen), []


def _not_there(number: int, name: str, known: Iterable[str]) -> Problem:
    return Problem("", f"events[{number}].nodes", f"the hall has no node '{name}'{nearest(name, known)}")
