"""The JSON Schema that editors complete from, and the reference page."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.scenario.reference_page import reference_page
from simulator.scenario.schema import DIALECT, json_schema

GOOD: dict[str, Any] = {
    "start": "2023-01-01T00:00:00Z",
    "until": "30 d",
    "fleet": {"groups": [{"name": "a", "node": "dgx-h100", "count": 2}]},
    "workload": {"kind": "list", "jobs": [{"duration": "1 h"}]},
    "scheduling": {"kind": "easy"},
    "facility": {"pue": 1.3},
    "site": {"tariff": {"kind": "flat", "price": "62 USD/MWh"}},
    "expect": {"jobs_completed": 1, "pue": {"value": 1.3}},
    "overrides": {"x": {"seed": 3}},
    "scenarios": {"y": ["x"]},
}


def accepted(tree: dict[str, Any]) -> bool:
    """Whether an editor would take this file."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema, which nbformat brings")
    return bool(jsonschema.Draft202012Validator(json_schema()).is_valid(tree))


def test_the_schema_is_a_valid_one_of_its_dialect() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema, which nbformat brings")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT


def test_an_editor_takes_a_good_file() -> None:
    assert accepted(GOOD)
    assert accepted({"extends": "base.yaml", "seed": 3})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("sede",), 3),
        (("until",), 30),
        (("until",), "30 kWh"),
        (("facility", "pue"), 0.9),
        (("facility",), {}),
        (("scheduling",), {"kind": "esay"}),
        (("scheduling",), {}),
        (("fleet", "groups"), [{"name": "a", "rack": "nvl", "count": 1}]),
        (("overrides", "x"), {"sede": 3}),
        (("scenarios", "y"), "x"),
        (("start",), None),
    ],
)
def test_an_editor_marks_a_bad_file(path: tuple[str, ...], value: Any) -> None:
    tree = copy.deepcopy(GOOD)
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert not accepted(tree)


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of every section with its schema."""
    for section in (schema, *schema["$defs"].values()):
        yield from section.get("properties", {}).items()


def test_every_key_but_kind_says_what_it_is_for() -> None:
    schema = json_schema()
    silent = [
        key for key, part in properties(schema) if key != "kind" and not part.get("description") and "$ref" not in part
    ]
    assert silent == []


def test_no_optional_key_has_another_default_than_nothing() -> None:
    # A resolved scenario leaves out what is None, which must then be what the key is without being given.
    nullable = [
        key
        for key, part in properties(json_schema())
        if {"type": "null"} in part.get("anyOf", []) and part.get("default") is not None
    ]
    assert nullable == []


def test_a_node_is_completed_from_the_catalogue() -> None:
    node = json_schema()["$defs"]["Group"]["properties"]["node"]["anyOf"][0]
    assert "dgx-h100" in node["examples"]


def test_the_reference_names_every_key_and_every_link_leads_somewhere() -> None:
    page = reference_page()
    missing = [key for key, _ in properties(json_schema()) if f"| `{key}` |" not in page]
    assert set(missing) <= {"value", "source", "status"}
    headings = {heading.strip("`").lower() for heading in re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings
    assert "| `pue` | number, at least 1 |  | " in page
    assert "| `interval` | duration, such as `30 d` | `1 h` |" in page


def test_every_heading_of_the_reference_is_told_apart_and_says_where_it_stands() -> None:
    page = reference_page()
    headings = [heading.strip("`").lower() for heading in re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)]
    assert sorted(headings) == sorted(set(headings))
    plant = page[page.index("### ChilledWaterPlant") :]
    places = "`facility.cooling.air.plant`, `facility.cooling.liquid.plant`"
    assert plant.splitlines()[2] == f"At {places}, with `kind: chilled-water`."
    phase = page[page.index("### ListedPhase") :]
    assert phase.splitlines()[2] == "At `workload.jobs[].phases[]`."


def test_a_section_of_the_reference_begins_with_an_outline_of_what_may_stand_in_it() -> None:
    page = reference_page()
    facility = page[page.index("## `facility`") : page.index("## `site`")].splitlines()
    assert "- `facility`: [Facility](#facility)" in facility
    assert "    - `liquid`: [LiquidCooling](#liquidcooling)" in facility
    kinds = next(line for line in facility if line.startswith("    - `air`: one of the kinds "))
    assert "[crah](#computerroomairhandlers), " in kinds
