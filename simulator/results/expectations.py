"""Hold runs to the outcomes that their scenarios expect, and write down new ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.problems import InputError, Problem, nearest
from models.whole_file import write_whole

from ..scenario.expect import Expectation
from ..scenario.loading import LoadedScenario, load_every

MISSING_DATA = "there is no file '"
"""How `models.data_file` begins to say that a scenario's data is not there."""
SIGNIFICANT_DIGITS = 12
"""Digits of an outcome that is written down: far more than the default tolerance needs, fewer than a float has."""

Kpis = Mapping[str, float | int | None]


@dataclass(frozen=True)
class Case:
    """A scenario, or named scenario, with expectations; `skipped` says why it can not be run here, if so."""

    path: Path
    name: str
    loaded: LoadedScenario | None
    skipped: str = ""

    @property
    def label(self) -> str:
        """The file, and the name of the named scenario."""
        return f"{self.path} [{self.name}]" if self.name else str(self.path)

    @property
    def expected(self) -> Mapping[str, Expectation]:
        """The outcomes that it expects, by name."""
        return self.loaded.scenario.expect if self.loaded is not None else {}


@dataclass(frozen=True)
class Verdict:
    """An outcome beside its expectation; `outcome` is None where the run has none of that name."""

    name: str
    outcome: float | int | None
    expectation: Expectation

    @property
    def met(self) -> bool:
        """Whether the outcome is within its tolerance."""
        return self.outcome is not None and self.expectation.allows(self.name, self.outcome)


def scenario_files(given: Iterable[Path]) -> list[Path]:
    """Return the YAML files given and those of the folders given, at any depth; raise InputError for what is not there.

    Folders and files whose name begins with a dot are left out.
    """
    files: list[Path] = []
    problems = []
    for path in given:
        if path.is_dir():
            found = sorted(file for ending in ("*.yaml", "*.yml") for file in path.rglob(ending))
            files += [file for file in found if not any(part[0] == "." for part in file.relative_to(path).parts)]
        elif path.exists():
            files.append(path)
        else:
            problems.append(Problem(str(path), "", f"there is no file or folder '{path}'"))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(files))


def cases_of(files: Iterable[Path], known: Iterable[str], data_root: Path | None = None) -> list[Case]:
    """Return what is to be checked: every scenario and named scenario of the files that has expectations of its own.

    A named scenario, or one that extends another, does other things than its base: it is held only to what its own
    file and overrides expect. A file whose only fault is that data is not there gives one case that is skipped.
    `known` are the names that outcomes may have. Raises InputError with every other problem of every file.
    """
    cases: list[Case] = []
    problems: list[Problem] = []
    known = list(known)
    for path in files:
        try:
            found = load_every(path, data_root=data_root)
        except InputError as error:
            if all(is_missing_data(problem) for problem in error.problems):
                cases.append(Case(path, "", None, reason_of([problem.message for problem in error.problems])))
            else:
                problems += error.problems
            continue
        for name, loaded in found.items():
            own = _own_expectations(loaded, None if not name else found[""])
            for outcome in own:
                if outcome not in known:
                    where = _where(loaded, outcome)
                    allowed = f"'{outcome}' is not an outcome; allowed: {', '.join(known)}{nearest(outcome, known)}"
                    problems.append(Problem(where, f"expect.{outcome}", allowed))
            if own:
                scenario = loaded.scenario.model_copy(update={"expect": own})
                held = LoadedScenario(scenario, loaded.path, loaded.files, loaded.named, loaded.positions)
                cases.append(Case(path, name, held))
    if problems:
        raise InputError(problems)
    return cases


def is_missing_data(problem: Problem) -> bool:
    """Return whether a problem is that a data file which the scenario names is not there."""
    return bool(problem.path) and problem.message.startswith(MISSING_DATA)


def reason_of(missing: Sequence[str]) -> str:
    """Return why a file is skipped, from the messages of its problems."""
    first, *others = dict.fromkeys(missing)
    return f"{first}; nor are {len(others)} more of its files there" if others else first


def judged(expected: Mapping[str, Expectation], kpis: Kpis) -> list[Verdict]:
    """Return each expectation with the outcome that it is about."""
    return [Verdict(name, kpis.get(name), expectation) for name, expectation in expected.items()]


def write_outcomes(outcomes: Sequence[tuple[LoadedScenario, Sequence[Verdict]]]) -> list[Path]:
    """Write outcomes into the scenario files where their expectations stand; return the files that changed.

    Only the numbers change, comments and layout stay. Outcomes that a run does not have, and those that would be
    written as they stand, are left alone. A file is replaced in one step.
    """
    by_file: dict[str, dict[tuple[int, int], str]] = {}
    for loaded, verdicts in outcomes:
        for verdict in verdicts:
            if verdict.outcome is None:
                continue
            file, line, column = _where(loaded, verdict.name).rsplit(":", 2)
            by_file.setdefault(file, {})[int(line), int(column)] = _written(verdict)
    return [Path(file) for file, numbers in by_file.items() if rewrite(Path(file), numbers)]


def _own_expectations(loaded: LoadedScenario, base: LoadedScenario | None) -> dict[str, Expectation]:
    own_file = next(iter(loaded.files))
    own = {}
    for name, expectation in loaded.scenario.expect.items():
        where = _where(loaded, name)
        inherited = base is not None and name in base.scenario.expect and _where(base, name) == where
        if not inherited and (base is not None or where.rsplit(":", 2)[0] == own_file):
            own[name] = expectation
    return own


def _where(loaded: LoadedScenario, name: str) -> str:
    """Return `file:line:column` of an expectation."""
    node = loaded.positions.find("expect", name)
    assert node is not None  # the expectation was read from there
    return node.where


def _written(verdict: Verdict) -> str:
    outcome = verdict.outcome
    if not isinstance(outcome, float):
        return str(outcome)
    short = float(f"{outcome:.{SIGNIFICANT_DIGITS}g}")
    again = verdict.expectation.model_copy(update={"value": short})
    return repr(short if again.allows(verdict.name, outcome) else outcome)


def rewrite(path: Path, numbers: Mapping[tuple[int, int], str]) -> bool:
    """Replace the values of the keys that stand at these lines and columns; return whether anything changed.

    A value is that of the key, or of `value` in its mapping; those of a list are given with ", " in between.
    """
    text = path.read_bytes().decode("utf-8")
    changes = sorted(_spans(text, numbers), reverse=True)
    new = text
    for begin, end, number in changes:
        new = new[:begin] + number + new[end:]
    if new == text:
        return False
    write_whole(path, new.encode("utf-8"))
    return True


def _spans(text: str, numbers: Mapping[tuple[int, int], str]) -> Iterator[tuple[int, int, str]]:
    """Yield begin, end and new text of each value: of the key, of `value` in its mapping, of the list's entries."""
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    def walk(node: object, told: Callable[[ScalarNode, str], tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
        if isinstance(node, SequenceNode):
            for child in node.value:
                yield from walk(child, told)
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                number = numbers.get((key.start_mark.line + 1, key.start_mark.column + 1))
                inner = value.value if isinstance(value, MappingNode) else []
                scalar = next((child for name, child in inner if name.value == "value"), value)
                if number is not None and isinstance(scalar, ScalarNode):
                    yield told(scalar, number)
                elif number is not None and isinstance(scalar, SequenceNode):
                    for entry, inside in zip(scalar.value, number.split(", "), strict=True):
                        yield told(entry, inside)
                else:
                    yield from walk(value, told)

    # The parser drops a byte order mark, and counts characters after it.
    offset = 1 if text.startswith("\ufeff") else 0
    root = YAML(typ="safe", pure=True).compose(io.StringIO(text[offset:]))
    yield from walk(root, lambda node, number: (node.start_mark.index + offset, node.end_mark.index + offset, number))
