"""The JSON Schema of plan files, and the page that is written from it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from plan_text import PLAN
from simulator.scenario.reference_page import plan_reference_page, reference_page
from simulator.scenario.schema import plan_json_schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return plan_json_schema()


def test_the_schema_takes_a_plan_and_refuses_an_unknown_key(schema: dict[str, Any]) -> None:
    tree = YAML(typ="safe").load(PLAN)
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert validator.is_valid(tree)
    tree["plan"]["site"] = {}
    assert not validator.is_valid(tree)


def test_every_key_but_kind_says_what_it_is_for(schema: dict[str, Any]) -> None:
    sections = (schema, *schema["$defs"].values())
    keys = [(key, part) for section in sections for key, part in section.get("properties", {}).items()]
    assert [key for key, part in keys if key != "kind" and not part.get("description") and "$ref" not in part] == []


def test_the_page_explains_what_is_a_plans_own_and_leads_to_the_rest(schema: dict[str, Any]) -> None:
    page, other = plan_reference_page(), reference_page()
    headings = re.findall(r"^#+ (.*)$", page, flags=re.MULTILINE)
    assert sorted(headings) == sorted(set(headings))
    assert "Problem" in headings
    assert "Facility" not in headings
    for key in schema["$defs"]["Problem"]["properties"]:
        assert f"| `{key}` |" in page
    here = {heading.strip("`").lower() for heading in headings}
    there = {heading.strip("`").lower() for heading in re.findall(r"^#+ (.*)$", other, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= here
    assert set(re.findall(r"\]\(scenario\.md#([^)]*)\)", page)) <= there
    assert "scenario.md#facility" in page
