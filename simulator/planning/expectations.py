"""Plans that are checked: which expect something, and writing down what they came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.problems import InputError, Problem

from ..results.expectations import is_missing_data, reason_of, rewrite
from ..scenario.plan_file import LoadedPlan, load_every_plan
from .verdicts import Leaf, PlanVerdict


@dataclass(frozen=True)
class PlanCase:
    """A plan, or named scenario of one, with expectations; `skipped` says why it can not be solved here, if so."""

    path: Path
    name: str
    loaded: LoadedPlan | None
    held: tuple[Leaf, ...] = ()
    """What it expects itself, and does not inherit."""
    skipped: str = ""

    @property
    def label(self) -> str:
        """The file, and the name of the named scenario."""
        return f"{self.path} [{self.name}]" if self.name else str(self.path)

    @property
    def proves(self) -> bool:
        """Whether something is expected of its proof."""
        return any(leaf[0] == "proof" for leaf in self.held)


def plan_cases_of(files: Iterable[Path], data_root: Path | None = None) -> list[PlanCase]:
    """Return what is to be checked: every plan and named scenario of plan files that has expectations of its own.

    A file whose only fault is that data is not there gives one case that is skipped. Raises InputError with every other
    problem of every file.
    """
    cases: list[PlanCase] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found = load_every_plan(path, data_root=data_root)
        except InputError as error:
            if all(is_missing_data(problem) for problem in error.problems):
                cases.append(PlanCase(path, "", None, (), reason_of([problem.message for problem in error.problems])))
            else:
                problems += error.problems
            continue
        for name, loaded in found.items():
            held = _own(loaded, found[""] if name else None)
            if held:
                cases.append(PlanCase(path, name, loaded, held))
    if problems:
        raise InputError(problems)
    return cases


def write_plan_outcomes(outcomes: Sequence[tuple[PlanCase, Sequence[PlanVerdict]]]) -> list[Path]:
    """Write outcomes into the plan files where their expectations stand; return the files that changed.

    Only what was an outcome changes: comments, layout, and requirements such as bounds stay. A file is replaced in one
    step.
    """
    by_file: dict[str, dict[tuple[int, int], str]] = {}
    for case, verdicts in outcomes:
        for verdict in verdicts:
            if verdict.written is None or verdict.leaf not in case.held:
                continue
            file, line, column = _where(case, verdict.leaf).rsplit(":", 2)
            by_file.setdefault(file, {})[int(line), int(column)] = verdict.written
    return [Path(file) for file, texts in by_file.items() if rewrite(Path(file), texts)]


def _own(loaded: LoadedPlan, base: LoadedPlan | None) -> tuple[Leaf, ...]:
    """Return what a plan expects in its own file, or in the overrides of a named scenario: one that does other things
    than its base is not held to what the base expects."""
    own_file = next(iter(loaded.files))
    inherited = {} if base is None else dict(_leaves(base))
    return tuple(
        leaf
        for leaf, where in _leaves(loaded)
        if inherited.get(leaf) != where and (base is not None or where.rsplit(":", 2)[0] == own_file)
    )


def _leaves(loaded: LoadedPlan) -> Iterator[tuple[Leaf, str]]:
    """Yield everything that is expected, and where it was written."""
    expect = loaded.positions.child("expect")
    if expect is None or not isinstance(expect.value, dict):
        return
    for key, node in expect.value.items():
        if key in ("groups", "decisions") and isinstance(node.value, dict):
            for name, child in node.value.items():
                yield (key, name), child.where
        elif node.value is not None:
            yield (key,), node.where


def _where(case: PlanCase, leaf: Leaf) -> str:
    assert case.loaded is not None
    node = case.loaded.positions.find("expect", *leaf)
    assert node is not None  # the expectation was read from there
    return node.where
