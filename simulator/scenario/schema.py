"""The JSON Schema of a scenario file, from which editors complete and which the reference page is written from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .overlays import DEFAULT_KINDS
from .scenario import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPACES = re.compile(r"\s+")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file, overlays included."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema = _renamed(_cleaned(schema))
    for definition in schema["$defs"].values():
        _require_kind(definition)
    required = [name for name in schema.pop("required") if name != "name"]  # the file's name stands in
    sections = schema["properties"]
    schema["properties"] = {
        "extends": {
            "type": "string",
            "description": "Another scenario file, beside this one, which this one changes.",
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


def reference_page() -> str:
    """Return the reference of every key of a scenario file as Markdown, made from the schema."""
    schema = json_schema()
    definitions = schema["$defs"]
    written: set[str] = set()
    lines = [
        "# Scenario reference",
        "",
        "Written by `datahall schema --reference` from the docstrings of the code. A value with a dimension carries "
        "its unit, such as `700 W`; without one it is refused.",
        "",
    ]

    def section(heading: str, definition: dict[str, Any]) -> None:
        nested: list[str] = []
        lines.extend([heading, "", definition.get("description", ""), ""])
        required = definition.get("required", ())
        if definition.get("properties"):
            lines.extend(["| key | type | default | meaning |", "| --- | --- | --- | --- |"])
        for key, part in definition.get("properties", {}).items():
            default = "required" if key in required else _default(part)
            cells = (f"`{key}`", _type(part, nested.append), default, _described(part, definitions))
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
        for name in nested:
            define(name)

    def define(name: str) -> None:
        if name not in written:
            written.add(name)
            section(f"### {name}", definitions[name])

    sections, required = schema["properties"], schema["anyOf"][0]["required"]
    lines.extend(["## Sections", "", schema.get("description", ""), ""])
    lines.extend(["| section | default | meaning |", "| --- | --- | --- |"])
    for key, part in sections.items():
        default = "required" if key in required else _default(part)
        lines.append(f"| `{key}` | {default} | {_described(part, definitions)} |")
    lines.append("")
    for key, part in sections.items():
        references: list[str] = []
        _type(part, references.append)
        if references:
            lines.extend([f"## `{key}`", ""])
        for name in references:
            define(name)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _described(part: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return what a key is for; pydantic leaves out what would repeat the section's own words."""
    referred = definitions.get(part.get("$ref", "").removeprefix("#/$defs/"), {})
    return str(part.get("description") or referred.get("description", ""))


def _default(part: dict[str, Any]) -> str:
    default = part.get("default")
    if default is None or default in ("", [], {}):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, dict):
        return f"`kind: {default['kind']}`" if "kind" in default else "see below"
    return f"`{default}`"


def _type(part: dict[str, Any], seen: Callable[[str], None]) -> str:
    """Return a type in words; `seen` is told the definitions that it refers to."""
    if "$ref" in part:
        name = part["$ref"].removeprefix("#/$defs/")
        if name.startswith("Sourced"):
            measured = re.sub(r"(?<!^)(?=[A-Z])", " ", name.removeprefix("Sourced")).lower()
            return f"{measured}, or a mapping of `value`, `source` and `status`"
        seen(name)
        return f"[{name}](#{name.lower()})"
    options = part.get("oneOf") or part.get("anyOf")
    if options:
        said = [_type(option, seen) for option in options if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(said))
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    if "dimension" in part:
        return f"{part['dimension'].replace('_', ' ')}, such as `{part['examples'][0]}`"
    if part.get("type") == "array":
        items: dict[str, Any] = part.get("items") or next(iter(part.get("prefixItems", [])), {})
        return f"list of {_type(items, seen)}"
    if part.get("type") == "object":
        inside = part.get("additionalProperties")
        return f"names, each with {_type(inside, seen)}" if isinstance(inside, dict) else "mapping"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    bounds = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [f"{words} {part[key]:g}" for key, words in bounds.items() if key in part]
    return ", ".join([names.get(part.get("type", ""), "any value"), *limits])
