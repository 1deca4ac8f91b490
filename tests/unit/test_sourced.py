"""Numbers with their sources."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from models.section import Section
from models.sourced import IN_SCENARIO, Entry, Sourced, numbers
from models.units import Data, Power


class Part(Section):
    power: Sourced[Power]
    count: int = 1


class Thing(Entry):
    memory: Sourced[Data]
    parts: tuple[Part, ...] = ()
    ready: bool = True
    limit: Sourced[Power] | None = None


CATALOGUED = {
    "title": "a thing",
    "source": "sheet",
    "sources": {
        "sheet": {"text": "its sheet", "status": "datasheet"},
        "meter": {"text": "a meter", "status": "measured"},
    },
    "memory": "80 GB",
    "parts": [{"power": {"value": "1.5 kW", "source": "meter"}, "count": 2}],
}


def test_a_bare_number_of_a_scenario_has_status_scenario() -> None:
    (memory,) = numbers(Thing.model_validate({"memory": "80 GB"}))
    assert memory == ("memory", 80e9, "B", "scenario", IN_SCENARIO)


def test_a_bare_number_of_an_entry_takes_the_entrys_source_and_a_named_one_its_own() -> None:
    assert numbers(Thing.model_validate(CATALOGUED)) == (
        ("memory", 80e9, "B", "datasheet", "its sheet"),
        ("parts[0].power", 1500.0, "W", "measured", "a meter"),
        ("parts[0].count", 2, "", "datasheet", "its sheet"),
    )


def test_a_source_may_be_written_out_beside_the_number() -> None:
    thing = Thing.model_validate({"memory": {"value": "1 TB", "source": "a guess", "status": "assumption"}})
    assert numbers(thing)[0][3:] == ("assumption", "a guess")


def test_a_numbers_own_status_wins_over_that_of_its_source() -> None:
    given = CATALOGUED | {"memory": {"value": "80 GB", "source": "sheet", "status": "derived"}}
    assert numbers(Thing.model_validate(given))[0][3:] == ("derived", "its sheet")


def test_the_unit_of_an_optional_number_is_known() -> None:
    assert numbers(Thing.model_validate(CATALOGUED | {"limit": "2 kW"}))[-1][:3] == ("limit", 2000.0, "W")


def test_an_unknown_source_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match=r"memory: source 'sheat' is not among .*\(sheet, meter\).*'sheet'"):
        Thing.model_validate(CATALOGUED | {"memory": {"value": "80 GB", "source": "sheat"}})


def test_a_number_without_its_unit_is_refused() -> None:
    with pytest.raises(ValidationError, match="80 has no unit"):
        Thing.model_validate({"memory": 80})


def test_what_is_written_reads_back_as_the_same_thing() -> None:
    thing = Thing.model_validate(CATALOGUED)
    assert Thing.model_validate(thing.model_dump()) == thing


def test_the_schema_allows_the_bare_number_and_the_sourced_one() -> None:
    definitions = Thing.model_json_schema()["$defs"].values()
    bare, sourced = next(
        one["anyOf"] for one in definitions if one.get("anyOf", [{}])[-1].get("title") == "SourcedData"
    )
    assert (bare["type"], bare["dimension"]) == ("string", "data")
    assert (sourced["type"], sourced["required"]) == ("object", ["value"])
