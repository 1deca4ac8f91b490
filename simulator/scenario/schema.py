"""The JSON Schemas of scenario and plan files, from which editors complete and the reference pages are written."""

from __future__ import annotations

import re
from typing import Any

from models.section import Section

from .overlays import DEFAULT_KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPACES = re.compile(r"\s+")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file, overlays included."""
    from .scenario import Scenario

    return _file_schema(Scenario)


def plan_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a plan file, overlays included."""
    from .plan_file import PlanFile

    return _file_schema(PlanFile)


def _file_schema(root: type[Section]) -> dict[str, Any]:
    schema = root.model_json_schema(by_alias=True)
    schema = _renamed(_cleaned(schema))
    for definition in schema["$defs"].values():
        _require_kind(definition)
    required = [name for name in schema.pop("required") if name != "name"]  # the file's name stands in
    sections = schema["properties"]
    schema["properties"] = {
        "extends": {
            "type": "string",
            "description": "Another file, beside this one, which this one changes.",
        },
        **sections,
        "overrides": {
            "type": "object",
            "description": "Changes by name, each a mapping of the sections with the keys that it changes.",
            "additionalProperties": {
                "type": "object",
                "properties": {name: {"description": part.get("description", "")} for name, part in sections.items()},
                "additionalProperties": False,
            },
        },
        "scenarios": {
            "type": "object",
            "description": "Scenarios by name, each a list of overrides, chosen with `--scenario`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    }
    # What is required may stand in the file that is extended.
    schema["anyOf"] = [{"required": required}, {"required": ["extends"]}]
    return {"$schema": DIALECT, **schema}


def _cleaned(schema: Any, *, names: bool = False) -> Any:
    """Return the schema without pydantic's titles, its descriptions on one line; `names`: keys are names, not words."""
    if isinstance(schema, list):
        return [_cleaned(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    cleaned = {}
    for key, part in schema.items():
        if not names and key == "title" and isinstance(part, str):
            continue
        if not names and key == "description" and isinstance(part, str):
            cleaned[key] = _SPACES.sub(" ", part).strip()
        elif not names and key in ("default", "examples", "enum", "const"):
            cleaned[key] = part
        else:
            cleaned[key] = _cleaned(part, names=not names and key in ("properties", "$defs"))
    return cleaned


def _renamed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the definitions of numbers with a source called after what they measure."""
    new: dict[str, str] = {}
    for name, definition in schema["$defs"].items():
        if "Sourced" in name:
            value = definition.get("properties", definition.get("anyOf", [{}, {}])[-1].get("properties", {}))["value"]
            measured = value.get("dimension", value.get("type", "value"))
            new[name] = "Sourced" + "".join(word.capitalize() for word in measured.split("_"))
    definitions = {new.get(name, name): part for name, part in schema["$defs"].items()}

    def followed(part: Any) -> Any:
        if isinstance(part, list):
            return [followed(item) for item in part]
        if not isinstance(part, dict):
            return part
        reference = part.get("$ref")
        renamed = {key: followed(item) for key, item in part.items()}
        if isinstance(reference, str):
            name = reference.removeprefix("#/$defs/")
            renamed["$ref"] = f"#/$defs/{new.get(name, name)}"
        return renamed

    return {**followed(schema), "$defs": followed(definitions)}


def _require_kind(definition: dict[str, Any]) -> None:
    """A section that is one of several kinds says which; pydantic takes a key with a default for optional."""
    kind = definition.get("properties", {}).get("kind", {}).get("const")
    if kind is not None and kind not in DEFAULT_KINDS.values():
        definition["required"] = ["kind", *(key for key in definition.get("required", ()) if key != "kind")]
