"""A plan file: its root section, and the one way from YAML to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pydantic import Field, NonNegativeInt, model_validator

from models.instant import Instant
from models.problems import InputError, nearest
from models.problems import Problem as Fault
from models.section import Section
from optimizers.given.quarter import quarter_number
from optimizers.problem import Problem
from optimizers.refusals import Refusals
from optimizers.stated.checks import check_stated

from .document import Node
from .names import OwnNodes
from .overlays import Overlaid
from .plan_expect import PlanExpect
from .reading import PLAN_KEY, as_yaml, checked, data_files, placed, read_every, read_file

_COUNTED = {"nodes": "skus", "modules": "modules", "fabrics": "fabrics", "stores": "storage"}
"""What a key decision counts at a site, and the section of the plan that names the kinds."""


class PlanFile(Section):
    """What to buy, build, staff, protect and contract, where and when, so that demand is served."""

    name: str = Field(min_length=1)
    """What the plan is called; the file's name if nothing is said."""
    description: str = ""
    """What it is for."""
    seed: NonNegativeInt = 0
    """The seed of the solver and of the simulations that prove the plan; same seed, same outcome."""
    start: Instant | None = None
    """When the plan begins: the start of its first quarter, which it is if nothing is said."""
    nodes: OwnNodes = Field(default_factory=dict)
    """Node types of the file's own, by name, beside those of the catalogue."""
    plan: Problem
    """The planning problem."""
    expect: PlanExpect | None = None
    """What `datahall check` expects the plan to be; it is not checked if nothing is said."""

    @property
    def begins(self) -> datetime:
        """The start of the first quarter, in UTC."""
        year, quarter = divmod(quarter_number(self.plan.first_quarter), 4)
        return datetime(year, 3 * quarter + 1, 1, tzinfo=UTC)

    def as_tree(self) -> Mapping[str, Any]:
        """Return the file as plain mappings, lists and scalars, every default but an empty one written out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @model_validator(mode="after")
    def _begins_with_its_first_quarter(self) -> Self:
        if self.start is not None and self.start != self.begins:
            first = f"{self.plan.first_quarter} begins at {self.begins:%Y-%m-%dT%H:%M:%SZ}"
            raise ValueError(f"start: is {self.start.isoformat()}, but {first}; leave it out")
        return self

    @property
    def notes(self) -> tuple[str, ...]:
        """What its reader must know of what it states, though nothing is wrong."""
        return self._held().notes

    def _comes_later(self, quarter: str) -> bool:
        """Return whether a quarter comes after the plan's last: `datahall check` finds what it expects there unmet."""
        try:
            return quarter_number(quarter) > quarter_number(self.plan.quarter_names[-1])
        except ValueError:
            return False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        told = [f"{fault.path}: {fault.message}" for fault in self._held().faults]
        told += self._unknown_decisions()
        if told:
            raise ValueError("; ".join(told))
        return self

    def _held(self) -> Refusals:
        """Hold what is stated against itself and the catalogue."""
        refusals = Refusals()
        check_stated(self.plan, self.nodes, refusals)
        return refusals

    def _unknown_decisions(self) -> Iterator[str]:
        places = {**self.plan.sites, **self.plan.demand}
        for key in self.expect.decisions if self.expect is not None else ():
            place, _, rest = key.partition(".")
            what, _, counted = rest.partition(".")
            name, _, quarter = counted.partition("@")
            path = f"expect.decisions.{key}"
            if place not in places:
                allowed = f"allowed: {', '.join(places)}{nearest(place, places)}"
                yield f"{path}: there is no site or demand '{place}'; {allowed}"
            elif what in ("mode", "open", "place") and not counted:
                continue
            elif what not in _COUNTED:
                yield f"{path}: '{what}' is no decision; allowed: mode, open, place, {', '.join(_COUNTED)}"
            elif name not in (kinds := getattr(self.plan, _COUNTED[what])):
                yield f"{path}: there is no '{name}'; allowed: {', '.join(kinds)}{nearest(name, kinds)}"
            elif quarter not in self.plan.quarter_names and not self._comes_later(quarter):
                first, last = self.plan.quarter_names[0], self.plan.quarter_names[-1]
                yield f"{path}: '{quarter}' is no quarter of the plan; allowed: {first} to {last}, after an @"


@dataclass(frozen=True)
class LoadedPlan:
    """A plan file and where it came from.

    `files` maps each YAML file that was read to the SHA-256 of its bytes, the plan's own first; `named` are the
    scenarios that it offers by name; `positions` is the tree of what was written, every value with its file and line.
    """

    plan_file: PlanFile
    path: Path
    files: Mapping[str, str]
    named: tuple[str, ...]
    positions: Node
    data_root: Path | None = None
    """Where its data files were looked for first, if that was said."""

    @property
    def tree(self) -> Mapping[str, Any]:
        """The resolved file as plain mappings, lists and scalars, every default written out."""
        return self.plan_file.as_tree()

    def data_files(self) -> tuple[Path, ...]:
        """Return the files of data that the plan names, sorted, each once; they exist, unread."""
        return data_files(self.plan_file)

    def placed(self, problems: Iterable[Fault]) -> tuple[Fault, ...]:
        """Return problems that were found later, those that name a key but no place at where the key, or what holds
        it, was written."""
        return placed(self.positions, problems)


def load_plan(
    path: str | Path,
    *,
    scenario: str | None = None,
    overrides: Sequence[str] = (),
    sets: Sequence[str] = (),
    data_root: Path | None = None,
) -> LoadedPlan:
    """Return the plan in a YAML file.

    `scenario`, `overrides`, `sets` and `data_root` are those of `load_scenario`. Raises InputError with every problem
    found, each at its `file:line:column`.
    """
    return read_file(Path(path), _loaded, scenario=scenario, overrides=overrides, sets=sets, data_root=data_root)


def load_every_plan(path: str | Path, *, data_root: Path | None = None) -> dict[str, LoadedPlan]:
    """Return the plan in a YAML file as it stands, under "", and each of its named scenarios under its name.

    Raises InputError with the problems of all of them, each once.
    """
    return read_every(Path(path), _loaded, data_root=data_root)


def resolved_plan_yaml(loaded: LoadedPlan) -> str:
    """Return the plan file as YAML with every default written out; loaded from the same folder it is equal again."""
    return as_yaml(loaded.tree)


def _loaded(path: Path, read: Overlaid, data_root: Path | None) -> LoadedPlan:
    if read.root.child(PLAN_KEY) is None:
        message = f"is missing: this is a scenario, no plan file; `datahall run {path}` simulates it"
        raise InputError(Fault(read.root.where, PLAN_KEY, message))
    found = checked(PlanFile, path, read, data_root)
    return LoadedPlan(found.section, found.path, found.files, found.named, found.positions, data_root)
