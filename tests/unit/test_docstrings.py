"""Docstrings of fields: read from the source when somebody asks, as pydantic's own reading has them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from models.docstrings import described_fields
from models.section import Section

PLUGIN = '''
from pydantic import Field

from models.section import Section


class Pump(Section):
    """What moves water."""

    rated_power_w: float
    """What it draws
    at full flow."""
    label: str = ""
    spare: bool = Field(False, description="Said by the field.")
    """Said below the field."""


class Booster(Pump):
    label: str = ""
    """What is painted on it."""

    class Motor(Section):
        poles: int
        """How many."""


def made() -> type[Section]:
    class Pump(Section):
        rated_power_w: float
        """Made in a function."""

    return Pump


class Loop(Section):
    pump: Pump
    """What moves water."""
    spare: Pump | None = None
    """One more."""
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of somebody else's."""
    (tmp_path / "third_party_pumps.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("third_party_pumps")
    del sys.modules["third_party_pumps"]


def descriptions(section: type[BaseModel]) -> dict[str, str | None]:
    return {name: field.description for name, field in described_fields(section).items()}


def test_a_third_partys_section_is_described_by_its_docstrings(plugin: Any) -> None:
    assert descriptions(plugin.Pump) == {
        "rated_power_w": "What it draws\nat full flow.",
        "label": None,
        "spare": "Said by the field.",
    }


def test_a_field_has_the_docstring_of_the_class_that_declares_it(plugin: Any) -> None:
    assert descriptions(plugin.Booster) == {**descriptions(plugin.Pump), "label": "What is painted on it."}


def test_a_field_declared_anew_has_no_docstring_but_its_own(plugin: Any) -> None:
    class Silent(plugin.Booster):  # type: ignore[misc]
        rated_power_w: float = 3.0

    assert descriptions(Silent)["rated_power_w"] is None


def test_sections_within_classes_and_functions_are_told_apart(plugin: Any) -> None:
    assert descriptions(plugin.Booster.Motor) == {"poles": "How many."}
    assert descriptions(plugin.made()) == {"rated_power_w": "Made in a function."}


def test_a_class_without_a_source_has_no_docstrings() -> None:
    space: dict[str, Any] = {"Section": Section, "__name__": "nowhere"}
    exec('class Pump(Section):\n    label: str\n    """What is painted on it."""\n', space)
    assert descriptions(space["Pump"]) == {"label": None}


def test_the_json_schema_describes_every_key_as_pydantic_does(plugin: Any) -> None:
    properties = plugin.Loop.model_json_schema()["properties"]
    assert "description" not in properties["pump"]  # the section says so itself
    assert properties["spare"]["description"] == "One more."
    assert plugin.Pump.model_json_schema()["properties"]["rated_power_w"]["description"].startswith("What it draws")


def test_a_key_by_another_name_is_described() -> None:
    class Trace(Section):
        begin: int = Field(alias="from")
        """Where it begins."""

    class Pydantics(BaseModel):
        model_config = ConfigDict(use_attribute_docstrings=True)
        begin: int = Field(alias="from")
        """Where it begins."""

    for by_alias in (True, False):
        described = Trace.model_json_schema(by_alias=by_alias)["properties"]
        assert described == Pydantics.model_json_schema(by_alias=by_alias)["properties"]
