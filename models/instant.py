"""Points in time as people write them, with their zone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema


def _instant(given: object) -> datetime:
    try:
        instant = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError:
        raise ValueError(f"'{given}' is not a time; write it like 2023-01-01T00:00:00Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"'{given}' has no zone; write it like 2023-01-01T00:00:00Z or 2023-01-01T00:00:00+01:00")
    return instant


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2023-01-01T00:00:00Z"]}),
]
"""A point in time with its zone."""
