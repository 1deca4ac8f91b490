"""Which tasks to move so that a waiting job finds room: the fewest, found greedily, or none at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.state import RUNNING, WORKING, State
from .room import WHOLE, Room

MOST_IN_VAIN = 16
"""Nodes that are tried and whose tasks do not all fit elsewhere; the next ones hold more (assumption)."""


class Move(NamedTuple):
    """A task of a job that goes from one node to another."""

    job: int
    source: int
    target: int


def moves_for(state: State, waiting: int, most_tasks: int) -> list[Move]:
    """Return moves that give every task of a waiting job its place, none where there is no such set of moves.

    Nodes are emptied one after the other, those with the fewest tasks for each place that they give first; each task
    goes to the fullest node on which it fits. Idle nodes that the waiting job could take, and nodes on which it has
    a place, stay as they are.
    """
    room = Room(state)
    asked = state.jobs[waiting]
    accepted = state.accepts[asked["constraint"]][state.nodes["model"]]
    places = room.places(asked, accepted)
    missing = int(asked["tasks"] - places.sum())
    if missing <= 0:
        return []
    kept = places > 0
    held = _Held.of(state)
    gains = _places_when_empty(state, waiting, accepted & room.admits_when_empty(asked)) - places
    tasks = held.tasks_on
    candidates = np.flatnonzero(
        accepted & room.in_service & ~room.whole_node & ~held.fixed_on & (tasks > 0) & (gains > 0)
    )
    order = candidates[np.lexsort((candidates, tasks[candidates] / np.minimum(gains[candidates], missing)))]
    if np.sort(tasks[order])[: _least_nodes(order, gains, missing)].sum() > most_tasks:
        return []
    if _surely_too_little(room, order, gains, missing, idle=accepted & (room.residents == 0)):
        return []
    moves: list[Move] = []
    emptied, received = np.zeros((2, len(places)), np.bool_)
    in_vain = 0
    for node in order.tolist():
        if received[node] or len(moves) + tasks[node] > most_tasks:
            continue
        found = _empty(state, room, held, node, barred=kept | emptied | (accepted & (room.residents == 0)))
        if found:
            moves += found
            received[[move.target for move in found]] = True
            emptied[node] = True
            missing -= int(gains[node])
            if missing <= 0:
                return moves
        else:
            in_vain += 1
            if in_vain > MOST_IN_VAIN:
                break
    return []


def _least_nodes(order: NDArray[np.int64], gains: NDArray[np.int64], missing: int) -> int:
    """Return how many nodes must be emptied at least; one more than there are where all are too few."""
    most = int(gains[order].max(initial=0))
    return -(-missing // most) if most * len(order) >= missing and most else len(order) + 1


def _surely_too_little(
    room: Room, order: NDArray[np.int64], gains: NDArray[np.int64], missing: int, *, idle: NDArray[np.bool_]
) -> bool:
    """Return whether what the emptiest nodes hold is more than all others have free: then no moves can help.

    Only accelerators are looked at. With n nodes to empty at least, the n that hold least must find room elsewhere.
    """
    needed = _least_nodes(order, gains, missing)
    if len(order) < needed:
        return True
    held = (room.accelerators * WHOLE - room.accelerators_milli)[order]
    least = np.sort(held)[:needed].sum()
    fullest = np.sort(room.accelerators_milli[order])[:needed].sum()
    free = room.accelerators_milli[room.in_service & ~room.whole_node & ~idle].sum()
    return bool(least > 0 and free - fullest < least)


class _Held(NamedTuple):
    """Who holds what, by holding: index, node; by node: how many tasks, and whether one of them may not move."""

    holding: NDArray[np.int64]
    node: NDArray[np.int64]
    tasks_on: NDArray[np.int64]
    fixed_on: NDArray[np.bool_]

    @classmethod
    def of(cls, state: State) -> _Held:
        """Look at every holding of a hall."""
        holding = np.flatnonzero(state.holdings["job"] >= 0)
        node = state.holdings["node"][holding].astype(np.int64)
        jobs = state.jobs[state.holdings["job"][holding]]
        fixed = (jobs["status"] != RUNNING) | (jobs["pause"] != WORKING) | (jobs["training"] >= 0)
        fixed |= (jobs["exclusive"] == 1) | ~(jobs["checkpoint_interval_s"] > 0.0)
        nodes = len(state.nodes)
        tasks_on = np.bincount(node, minlength=nodes)
        return cls(holding, node, tasks_on, np.bincount(node[fixed], minlength=nodes) > 0)


def _places_when_empty(state: State, waiting: int, accepted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many tasks of a job each accepted node would hold if it held nothing else."""
    asked = state.jobs[waiting]
    if asked["exclusive"] == 1:
        return accepted.astype(np.int64)
    of_model = []
    for model in state.models:
        places = int(asked["tasks"])
        for name in ("accelerators_milli", "cpu_milli", "memory_b"):
            has = int(model["accelerators"]) * 1000 if name == "accelerators_milli" else int(model[name])
            if asked[name] > 0:
                places = min(places, has // int(asked[name]))
        if 0 < asked["accelerators_milli"] < 1000:
            places = min(places, int(model["accelerators"]) * (1000 // int(asked["accelerators_milli"])))
        of_model.append(places)
    return np.where(accepted, np.array(of_model, np.int64)[state.nodes["model"]], 0)


def _empty(state: State, room: Room, held: _Held, node: int, *, barred: NDArray[np.bool_]) -> list[Move]:
    """Find another node for each task on a node; what does not all fit is taken back, and nothing moves."""
    tasks = held.holding[held.node == node]
    jobs = state.jobs[state.holdings["job"][tasks]]
    largest_first = np.lexsort((tasks, -jobs["cpu_milli"], -jobs["accelerators_milli"]))
    done: list[tuple[Move, int]] = []
    for holding in tasks[largest_first].tolist():
        job = int(state.holdings["job"][holding])
        row = state.jobs[job]
        may = state.accepts[row["constraint"]][state.nodes["model"]] & ~barred
        may[node] = False
        fitting = np.flatnonzero(room.places(row, may) > 0)
        if not len(fitting):
            for move, slots in reversed(done):
                room.give_back(move.target, state.jobs[move.job], slots)
            return []
        free = np.lexsort((room.cpu_milli[fitting], room.accelerators_milli[fitting]))
        target = int(fitting[free[0]])
        done.append((Move(job, node, target), room.take(target, row)))
    return [move for move, _ in done]
