"""Enter what every hall has: its nodes, and the racks that they stand in."""

from __future__ import annotations

import functools

import numpy as np

from ..facility.hall import Hall
from .component import Component
from .running import Running

NODE, RACK = "node", "rack"
"""Kinds of component."""


def enter_nodes(running: Running) -> None:
    """Enter each node and each rack as a component: out, its nodes are off and their jobs back in their lines."""
    hall, fleet = running.hall, running.fleet
    for node, name in enumerate(fleet.node_names):
        running.components.register(switchable(hall, NODE, name, (node,)))
    by_rack = np.argsort(fleet.rack, kind="stable")
    first = np.searchsorted(fleet.rack[by_rack], np.arange(len(fleet.rack_names) + 1))
    for rack, name in enumerate(fleet.rack_names):
        nodes = tuple(by_rack[first[rack] : first[rack + 1]].tolist())
        running.components.register(switchable(hall, RACK, name, nodes))


def switchable(hall: Hall, kind: str, name: str, nodes: tuple[int, ...]) -> Component:
    """Return a component whose nodes are off while it is out."""
    who = f"{kind} {name}"
    return Component(
        kind,
        name,
        functools.partial(_switch_off, hall, who, nodes),
        functools.partial(_let_go, hall, who, nodes),
        nodes,
    )


def _switch_off(hall: Hall, who: str, nodes: tuple[int, ...]) -> None:
    hall.switched_off.switch_off(who, nodes)
    hall.settlement.mark()


def _let_go(hall: Hall, who: str, nodes: tuple[int, ...]) -> None:
    hall.switched_off.let_go(who, nodes)
    hall.settlement.mark()
