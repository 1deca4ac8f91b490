"""The references of every key of scenario and plan files, as Markdown, written from their JSON Schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .schema import json_schema, plan_json_schema

_MOST_PLACES = 4
"""Places at which a mapping may stand that are listed one by one; of more, the first ones."""
_REFERENCE = "#/$defs/"
_HEAD = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]


_PAGE = "x-page"
"""Marks a definition of the schema that is explained on another page: the page's file."""


def reference_page() -> str:
    """Return the reference page of scenario files, made from the schema.

    Each section of the file has an outline of what may stand in it, and then a table for every mapping, headed by
    where in the file it stands and by its `kind`.
    """
    return _page("Scenario reference", "--reference", json_schema())


def plan_reference_page() -> str:
    """Return the reference page of plan files, which leads to that of scenario files for what both may hold."""
    schema, known = plan_json_schema(), json_schema()["$defs"]
    shared = {name: {**part, _PAGE: "scenario.md"} for name, part in schema["$defs"].items() if known.get(name) == part}
    return _page("Plan reference", "--plan --reference", {**schema, "$defs": {**schema["$defs"], **shared}})


def _page(title: str, options: str, schema: dict[str, Any]) -> str:
    definitions: dict[str, Any] = schema["$defs"]
    sections, required = schema["properties"], schema["anyOf"][0]["required"]
    lines = [
        f"# {title}",
        "",
        f"Written by `datahall schema {options}` from the docstrings of the code. A value with a dimension carries "
        "its unit, such as `700 W`; without one it is refused. Where one of several kinds may stand, `kind:` says "
        "which. `[]` stands for each entry of a list, `<name>` for a name that you choose.",
        "",
        "## Sections",
        "",
        schema.get("description", ""),
        "",
        "| section | default | meaning |",
        "| --- | --- | --- |",
    ]
    for key, part in sections.items():
        default = "required" if key in required else _default(part)
        lines.append(f"| `{key}` | {default} | {_described(part, definitions)} |")
    lines.append("")
    places = _places(sections, definitions)
    written: set[str] = set()
    for key, part in sections.items():
        inside = [name for name in _within(part, definitions) if name not in written]
        names = [name for name in inside if _PAGE not in definitions[name]]
        if not names:
            continue
        written.update(names)
        lines.extend([f"## `{key}`", ""])
        if names[0].lower() == key:  # its heading would be the section's own
            lines.extend(_table(definitions[names.pop(0)], definitions))
        lines.extend([*_outline(key, part, definitions), ""])
        for name in names:
            lines.extend(_mapping(name, definitions, places[name]))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _mapping(name: str, definitions: dict[str, Any], places: list[str]) -> list[str]:
    """Return the heading of one definition, where it may stand, and its table."""
    kind = _kind(definitions[name])
    listed = ", ".join(f"`{place}`" for place in places[:_MOST_PLACES])
    more = f" and {len(places) - _MOST_PLACES} more places" if len(places) > _MOST_PLACES else ""
    at = f"At {listed}{more}" + (f", with `kind: {kind}`." if kind else ".")
    return [f"### {name}", "", at, "", *_table(definitions[name], definitions)]


def _table(definition: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Return what a definition is and the table of its keys, `kind` first."""
    lines = [definition.get("description", ""), ""]
    properties, required = definition.get("properties", {}), definition.get("required", ())
    rows = {key: part for key, part in properties.items() if key != "kind"}
    if "kind" in properties:
        rows = {"kind": properties["kind"], **rows}
    lines.extend(_HEAD if rows else ())
    for key, part in rows.items():
        default = "required" if key in required else _default(part)
        cells = (f"`{key}`", _type(part, definitions), default, _described(part, definitions))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return [*lines, ""]


def _outline(key: str, part: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Return the mappings that may stand in a section as a nested list of links, each mapping opened once."""
    lines: list[str] = []
    opened: set[str] = set()

    def add(key: str, part: dict[str, Any], depth: int) -> None:
        names = _references(part)
        if not names:
            return
        kinds = [name for name in names if _kind(definitions[name])]
        links = ", ".join(_link(name, definitions) for name in names)
        lines.append(f"{'  ' * depth}- `{key}`: {'one of the kinds ' if len(kinds) > 1 else ''}{links}")
        for name in names:
            if name in opened or _PAGE in definitions[name]:
                continue
            opened.add(name)
            inner = definitions[name].get("properties", {})
            if len(names) > 1 and any(_references(child) for child in inner.values()):
                lines.append(f"{'  ' * (depth + 1)}- {_link(name, definitions)}")
                nested = depth + 2
            else:
                nested = depth + 1
            for child_key, child in inner.items():
                add(child_key, child, nested)

    add(key, part, 0)
    return lines


def _places(sections: dict[str, Any], definitions: dict[str, Any]) -> dict[str, list[str]]:
    """Return for each definition the paths in a file at which it may stand."""
    places: dict[str, list[str]] = {}

    def walk(part: dict[str, Any], path: str, above: tuple[str, ...]) -> None:
        for name, suffix in _placed(part):
            here = f"{path}{suffix}"
            if here in places.setdefault(name, []) or name in above:
                continue
            places[name].append(here)
            for key, child in definitions[name].get("properties", {}).items():
                walk(child, f"{here}.{key}", (*above, name))

    for key, part in sections.items():
        walk(part, key, ())
    return places


def _within(part: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Return the definitions that a key may hold at any depth, each once, in order of reading."""
    found: dict[str, None] = {}

    def walk(part: dict[str, Any]) -> None:
        for name in _references(part):
            if name not in found:
                found[name] = None
                if _PAGE in definitions[name]:
                    continue
                for child in definitions[name].get("properties", {}).values():
                    walk(child)

    walk(part)
    return list(found)


def _placed(part: dict[str, Any], suffix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the definitions that a key itself refers to, with what their place adds to the key's."""
    if "$ref" in part:
        name = part["$ref"].removeprefix(_REFERENCE)
        if not name.startswith("Sourced"):
            yield name, suffix
    for option in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        yield from _placed(option, suffix)
    for item in (part.get("items"), *part.get("prefixItems", ())):
        if isinstance(item, dict):
            yield from _placed(item, f"{suffix}[]")
    if isinstance(part.get("additionalProperties"), dict):
        yield from _placed(part["additionalProperties"], f"{suffix}.<name>")


def _references(part: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for name, _ in _placed(part)))


def _kind(definition: dict[str, Any]) -> str | None:
    kind = definition.get("properties", {}).get("kind", {}).get("const")
    return kind if isinstance(kind, str) else None


def _link(name: str, definitions: dict[str, Any]) -> str:
    page = definitions[name].get(_PAGE, "")
    return f"[{_kind(definitions[name]) or name}]({page}#{name.lower()})"


def _described(part: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return what a key is for; pydantic leaves out what would repeat the section's own words."""
    referred = definitions.get(part.get("$ref", "").removeprefix(_REFERENCE), {})
    return str(part.get("description") or referred.get("description", ""))


def _default(part: dict[str, Any]) -> str:
    default = part.get("default")
    if default is None or default in ("", [], {}):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return f"`[{', '.join(map(str, default))}]`"
    if isinstance(default, dict):
        return f"`kind: {default['kind']}`" if "kind" in default else "as below"
    return f"`{default}`"


def _type(part: dict[str, Any], definitions: dict[str, Any]) -> str:
    """Return a type in words, with links to the mappings that it may be."""
    if "$ref" in part:
        name = part["$ref"].removeprefix(_REFERENCE)
        if name.startswith("Sourced"):
            measured = re.sub(r"(?<!^)(?=[A-Z])", " ", name.removeprefix("Sourced")).lower()
            return f"{measured}, or a mapping of `value`, `source` and `status`"
        return f"kind {_link(name, definitions)}" if _kind(definitions[name]) else _link(name, definitions)
    options = part.get("oneOf") or part.get("anyOf")
    if options:
        return _choice([option for option in options if option.get("type") != "null"], definitions)
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    if "dimension" in part:
        return f"{part['dimension'].replace('_', ' ')}, such as `{part['examples'][0]}`"
    if part.get("type") == "array":
        items: dict[str, Any] = part.get("items") or next(iter(part.get("prefixItems", [])), {})
        return f"list of {_type(items, definitions)}"
    if part.get("type") == "object":
        inside = part.get("additionalProperties")
        return f"names, each with {_type(inside, definitions)}" if isinstance(inside, dict) else "mapping"
    return _plain(part)


def _choice(options: list[dict[str, Any]], definitions: dict[str, Any]) -> str:
    """Return what may stand at a key; kinds by their names."""
    words = list(dict.fromkeys(_type(option, definitions) for option in options))
    kinds = [word.removeprefix("kind ") for word in words if word.startswith("kind ")]
    others = [word for word in words if not word.startswith("kind ")]
    return " or ".join([*([f"kind {' or '.join(kinds)}"] if kinds else []), *others])


def _plain(part: dict[str, Any]) -> str:
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}
    bounds = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [f"{words} {part[key]:g}" for key, words in bounds.items() if key in part]
    return ", ".join([names.get(part.get("type", ""), "any value"), *limits])
