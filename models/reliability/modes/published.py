"""Failure modes as published for a cluster, all of them in one line."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ...dimension import DIMENSIONS
from ...distributions.durations import DurationDistribution
from ...kinds import kinds_of
from ...problems import nearest
from ..detection import Detection, Probability
from .failure_mode import FailureMode, RandomFailures

_DAY_S = 86_400.0


@functools.cache
def published_sets() -> tuple[str, ...]:
    """Return the names of the published sets of failure modes, sorted."""
    found = (file.name for file in (files("models.reliability") / "published").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def published_set(name: str) -> Mapping[str, Any]:
    """Return a set as its file has it: `title`, `source`, `status`, `exposure` and `modes`, each with a count."""
    from ruamel.yaml import YAML

    file = files("models.reliability") / "published" / f"{name}.yaml"
    given: Mapping[str, Any] = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return given


def _known(name: str) -> str:
    if name not in published_sets():
        allowed = ", ".join(published_sets())
        raise ValueError(f"'{name}' is no published set; allowed: {allowed}{nearest(name, published_sets())}")
    return name


class _Sets:
    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "enum": list(published_sets())}


class PublishedFailures(FailureMode):
    """Failure modes of a cluster as published: counts over exposure become hazards, each of what it counts.

    Categories of accelerators, hosts and networks are hazards of nodes, and double with their number; software,
    dependencies and hanging collectives are hazards of the job, and do not.
    """

    kind: Literal["published"] = "published"
    set: Annotated[str, AfterValidator(_known), _Sets()]
    """Which: `llama-3` (18 categories), `rsc-1`, `rsc-2` or `lanl-2005`. `source` in its file says where from."""
    multiplied_by: Annotated[float, Field(ge=0.0, le=1e6)] = 1.0
    """Every hazard times this, such as 2 for a cluster that fails twice as often."""
    detection: Detection | None = None
    """How all of them are noticed; as by default of each if nothing is said."""
    permanent: Probability | None = None
    """Share of the failures of components in which a part must be replaced; each mode's own if nothing is said."""
    reboot: DurationDistribution | None = None
    """How long transient failures take to be over; each mode's own if nothing is said."""
    repair: DurationDistribution | None = None
    """How long permanent ones take; each mode's own if nothing is said."""

    def modes(self) -> Sequence[RandomFailures]:
        if self.multiplied_by == 0.0:
            return ()
        given = published_set(self.set)
        kinds = kinds_of(__package__, FailureMode)
        return tuple(self._mode(kinds, given.get("exposure", {}), dict(mode)) for mode in given["modes"])

    def _mode(
        self, kinds: Mapping[str, type[FailureMode]], exposure: Mapping[str, float], given: dict[str, Any]
    ) -> RandomFailures:
        kind = kinds[given["kind"]]
        assert issubclass(kind, RandomFailures)
        given.pop("category", None)
        if "count" in given:
            part_s = exposure["days"] * exposure[kind.counts] * _DAY_S
            given["mtbf"] = _written(part_s / (given.pop("count") * self.multiplied_by))
        elif self.multiplied_by != 1.0:
            given["times"] = dict(given["times"])
            for key in {"mtbf", "scale", "median"} & set(given["times"]):
                seconds = DIMENSIONS["duration"].parse(given["times"][key])
                given["times"][key] = _written(seconds / self.multiplied_by)
        if self.name:
            given["name"] = f"{self.name}-{given['name']}"
        for key in ("detection", "permanent", "reboot", "repair"):
            said = getattr(self, key)
            if said is not None and key in kind.model_fields:
                given[key] = said
        return kind.model_validate(given)


def _written(seconds: float) -> str:
    return DIMENSIONS["duration"].write(seconds)
