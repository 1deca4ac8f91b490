"""The section `services`: requests that come at a rate, and the nodes that answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ..kinds import selected_from
from ..section import Section
from ..units import Duration, format_quantity, quantity
from .building import ANYONE
from .demand.demand import Demand
from .resources import Count, Priority

if TYPE_CHECKING:
    AnyDemand = Demand
else:

    def _constant(given: Any) -> Any:
        """Return a bare number as the demand that never changes."""
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return {"kind": "constant", "requests_per_s": given} if number else given

    class _OrNumber:
        def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
            return {"anyOf": [handler(schema), {"type": "number", "minimum": 0}]}

    AnyDemand = Annotated[selected_from("models.workload.demand", Demand), BeforeValidator(_constant), _OrNumber()]

Tokens = Annotated[float, Field(gt=0.0)]


class Service(Section):
    """A service: whole nodes that answer requests, each node alone, as a fluid.

    Requests are not simulated one by one. They flow in at the rate of `demand` and out at no more than the nodes at
    work can answer within the service's objective; what flows in beyond that waits, in order, for up to `patience`.
    Nodes at work share the load so that all are equally busy. Each node is a job of its own: it is placed, waits,
    fails, is cordoned and slowed as jobs are, and moves to another node where one is free.
    """

    name: str = Field(min_length=1)
    """What it is called; its nodes are the jobs `name/0`, `name/1`, and so on."""
    node_type: str | None = None
    """The node type that it needs, of the catalogue or of `nodes`; needed where the hall has several."""
    nodes: Count
    """How many nodes it holds; whole nodes, which nothing shares."""
    requests_per_s: float = Field(gt=0.0)
    """Requests that a node at full clock answers each second within the service's objective (SLO)."""
    demand: AnyDemand
    """Requests a second that it is asked for: a number, or one of the kinds."""
    patience: Annotated[Duration, Field(ge=0.0)] = quantity("0 s")
    """How long a request waits before it is lost; at 0, an assumption, it is lost at once where capacity is short."""
    activity: float = Field(default=1.0, ge=0.0, le=1.0)
    """How busy its nodes are at full load; 1 is an assumption. At a part of the load they are as much less busy, and
    draw what their power model says of that: in a straight line between idle and full load for the catalogue's
    nodes."""
    compute_share: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of compute in what bounds its speed: at 1, an assumption, it slows with the clock, at 0 not at all."""
    startup: Annotated[Duration, Field(ge=0.0)] = quantity("0 s")
    """From the start of a node's processes to its first answer, such as for loading weights; 0 is an assumption. Nodes
    that a service has from the scenario's start on are loaded already."""
    submit: Duration = quantity("0 s")
    """From when it is there, from the scenario's start; nobody asks before."""
    until: Annotated[Duration, Field(gt=0.0)] | None = None
    """When it ends and gives its nodes back; with the run if nothing is said."""
    input_tokens: Tokens | None = None
    """Mean tokens of a request; with `output_tokens`, tokens are counted too."""
    output_tokens: Tokens | None = None
    """Mean tokens of an answer."""
    priority: Priority = 0
    """Larger goes first."""
    user: str = ANYONE
    """Whose it is."""

    @model_validator(mode="before")
    @classmethod
    def _requests_have_lengths(cls, given: Any) -> Any:
        told = [key for key in ("tokens_per_s", "tokens") if isinstance(given, dict) and key in given]
        if told:
            raise ValueError(
                f"'{told[0]}' says nothing of how many requests there are, nor of how long: give 'demand' and "
                "'requests_per_s' in requests, with 'input_tokens' and 'output_tokens'"
            )
        return given

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.input_tokens is None) != (self.output_tokens is None):
            raise ValueError("'input_tokens' and 'output_tokens' belong together")
        if self.until is not None and self.until <= self.submit:
            until, submit = (format_quantity(each, "duration", 4) for each in (self.until, self.submit))
            raise ValueError(f"until: it ends at {until}, no later than it begins at {submit}")
        return self

    @property
    def tokens_per_request(self) -> float | None:
        """Tokens in and out of a request; None where its lengths are not given."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens
