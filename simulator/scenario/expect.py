"""The section `expect`: what a run of this scenario must come out at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.section import Section

DEFAULT_RELATIVE = 1e-6
"""Tolerance of energies, times and ratios (assumption: what another order of the same additions may change)."""


def is_count(name: str) -> bool:
    """Return whether an outcome of this name counts something, and is met exactly or not at all."""
    return name.startswith("jobs_")


class Expectation(Section):
    """An outcome, `118` or `{value: 1.2e10, absolute_tolerance: 1e6, reason: why so wide}`.

    Without a tolerance a count (`jobs_...`) is met exactly and any other outcome to 1e-6 of its value.
    """

    value: float
    """What the outcome is."""
    absolute_tolerance: float | None = Field(default=None, ge=0.0)
    """How far the outcome may lie from it, in its own unit."""
    relative_tolerance: float | None = Field(default=None, ge=0.0)
    """How far the outcome may lie from it, as a share of it."""
    reason: str = ""
    """Why the tolerance is wider than it is by default."""

    @model_validator(mode="before")
    @classmethod
    def _wrap(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping | Expectation) else {"value": given}

    @model_validator(mode="after")
    def _wide_with_reason(self) -> Self:
        if self.tolerance("") > self._default(""):
            self._need_reason("")
        return self

    def tolerance(self, name: str) -> float:
        """Return how far the outcome `name` may lie from the value: the wider of the two tolerances, or the default."""
        given = [self.absolute_tolerance]
        if self.relative_tolerance is not None:
            given.append(self.relative_tolerance * abs(self.value))
        return max((width for width in given if width is not None), default=self._default(name))

    def allows(self, name: str, outcome: float) -> bool:
        """Return whether the outcome `name` is within its tolerance; NaN never is."""
        return abs(outcome - self.value) <= self.tolerance(name)

    def _default(self, name: str) -> float:
        return 0.0 if is_count(name) else DEFAULT_RELATIVE * abs(self.value)

    def _need_reason(self, name: str) -> None:
        if not self.reason.strip():
            outcome = f"{name}: " if name else ""
            raise ValueError(
                f"{outcome}a tolerance of {self.tolerance(name):g} is wider than the default of "
                f"{self._default(name):g}; give its 'reason'"
            )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, super().__get_pydantic_json_schema__(schema, handler)]}


def _counts_exact(expect: dict[str, Expectation]) -> dict[str, Expectation]:
    for name, expectation in expect.items():
        if expectation.tolerance(name) > expectation._default(name):
            expectation._need_reason(name)
    return expect


Expect = Annotated[dict[str, Expectation], AfterValidator(_counts_exact)]
"""Outcomes by name; the names are those of a result's summary."""
