"""The base of every piece of YAML that datahall reads."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Section(BaseModel):
    """A mapping of a YAML file: unknown keys refused, values frozen, field docstrings kept for the reference page."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        defer_build=True,  # most kinds are never used by themselves: the scenario's validator has them all
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON Schema of the section, each key described by the docstring of its field."""
        from .docstrings import described_fields

        mapping = handler(schema)
        properties = handler.resolve_ref_schema(mapping).get("properties", {})
        for name, field in described_fields(cls).items():
            part = properties.get(name, properties.get(field.alias))
            # As pydantic does, the words of the section that a key holds are not said twice.
            if part and field.description not in (None, _own_words(part, handler)):
                part["description"] = field.description
        return mapping


def _own_words(part: JsonSchemaValue, handler: GetJsonSchemaHandler) -> str | None:
    try:
        words: str | None = handler.resolve_ref_schema(part).get("description") if "$ref" in part else None
    except LookupError:  # a section within itself, which is not written yet
        return None
    return words
