"""Whatever a file holds, loading it gives a scenario or says what is wrong; what is printed loads as the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from models.problems import InputError, Problem
from simulator.scenario.document import is_text, read_text
from simulator.scenario.loading import load_scenario, resolved_yaml

GOOD = """\
start: 2023-01-01T00:00:00Z
fleet:
  groups:
    - {name: batch, node: box, count: 6}
nodes:
  box:
    cpu_cores: 32
    memory: 256 GiB
    power:
      parts:
        - {name: cpu, follows: processor, idle_power: 32 W, peak_power: 180 W}
workload:
  kind: list
  jobs: [{duration: 1 h, tasks: 2}]
facility: {pue: 1.3}
"""
PIECES = st.sampled_from(
    [
        "",
        "\t",
        "\n",
        " ",
        ":",
        "-",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!t ",
        "'",
        '"',
        "|",
        "?",
        ".nan",
        "~",
        "<<",
        "\0",
    ]
)
# Texts that YAML can hold: no control characters, no halves of characters.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@settings(max_examples=200, deadline=None)
@given(edits=st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), PIECES), min_size=1, max_size=4))
def test_a_mangled_file_is_loaded_or_refused_with_its_name(edits: list[tuple[int, int, str]]) -> None:
    text = GOOD
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hall.yaml"
        path.write_text(text)
        problems: tuple[Problem, ...] = ()
        try:
            load_scenario(path)
        except InputError as error:
            problems = error.problems or (Problem("nowhere", "", "says nothing"),)
        assert all(problem.where.startswith(str(path)) for problem in problems)


@settings(max_examples=100, deadline=None)
@given(
    name=TEXTS,
    description=TEXTS,
    seed=st.integers(0, 2**64),
    until_s=st.floats(1e-9, 1e12),
    pue=st.floats(1.0, 10.0),
    count=st.integers(1, 1000),
)
def test_a_resolved_scenario_loads_as_an_equal_one(
    name: str, description: str, seed: int, until_s: float, pue: float, count: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hall.yaml"
        path.write_text(GOOD)
        sets = [f"seed={seed}", f"until={until_s!r} s", f"facility.pue={pue!r}", f"fleet.groups[0].count={count}"]
        first = load_scenario(path, sets=sets)
        first = type(first)(
            first.scenario.model_copy(update={"name": name, "description": description}), path, {}, (), first.positions
        )
        path.write_text(resolved_yaml(first), encoding="utf-8")
        again = load_scenario(path)
    assert again.scenario == first.scenario
    assert resolved_yaml(again) == resolved_yaml(first)


@given(text=st.one_of(TEXTS, st.from_regex(r"[-+]?[0-9_]*\.?[0-9]*(e[-+]?[0-9]+)?", fullmatch=True)))
def test_a_text_needs_quotes_exactly_where_yaml_reads_something_else(text: str) -> None:
    try:
        node, problems = read_text(f"a: {text}\n", "x")
    except InputError:
        return
    value = node.child("a")
    if value is not None and not is_text(text):
        assert problems or not isinstance(value.value, str)
