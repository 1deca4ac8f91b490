"""Failures of components of any kind, all said by the scenario."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from .component_failures import ComponentFailures


class StatedFailures(ComponentFailures):
    """Failures of the hall's components of a kind, such as storage servers, one hazard for each."""

    kind: Literal["stated"] = "stated"
    counts: ClassVar[str] = "component"
    of: str = Field(min_length=1)
    """The kind of the components, such as `storage-server`, `feed` or `cooling-unit`."""
    spare: str = ""
    """What is replaced where a failure is permanent; the component itself if nothing is said."""

    @property
    def component(self) -> str:
        return self.of

    @property
    def spare_part(self) -> str:
        return self.spare or self.of
