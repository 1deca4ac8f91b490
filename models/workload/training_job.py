"""The section `training`: long training jobs, from their first step to their last, through whatever stops them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..catalog_files import InCatalog
from ..section import Section
from ..units import Data, Duration, format_quantity, quantity
from .building import ANYONE
from .resources import Count, Priority
from .training.layout import Layout

if TYPE_CHECKING:
    AnyLayout = Layout
else:

    def _with_habits(given: Any) -> Any:
        from .training.habits import layout_habits

        return {**layout_habits(given), **given} if isinstance(given, dict) else given

    AnyLayout = Annotated[Layout, BeforeValidator(_with_habits)]

Positive = Annotated[Duration, Field(gt=0.0)]


class StatedStep(Section):
    """A step of training that is stated, for models or accelerators without calibrated kernels."""

    duration: Positive
    """Time of one step on all accelerators at full clock, with nobody else on its links."""
    tokens: float = Field(default=0.0, ge=0.0)
    """Tokens of one step."""
    flop_per_token: float = Field(default=0.0, ge=0.0)
    """Operations of the model for one token, forward and backward; without them there is no MFU."""
    activity: float = Field(default=1.0, ge=0.0, le=1.0)
    """How busy it keeps its nodes; 1 is an assumption."""
    compute_share: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share of the step that slows as the clock does; 1 is an assumption."""
    checkpoint_size: Data = quantity("0 B")
    """Bytes of one checkpoint."""


class Checkpoints(Section):
    """When a training job saves its state, and how long that takes."""

    interval: Positive | Literal["young", "daly"] = "daly"
    """Work between two checkpoints: a time, or the interval of Young (1974) or Daly (2006) for `mtbf` and the time that
    a checkpoint stops the job."""
    mtbf: Positive | None = None
    """Mean time between failures of the whole job, for `young` and `daly`; by default what the section `reliability`
    comes to for its nodes."""
    write: Annotated[Duration, Field(ge=0.0)] | None = None
    """How long one takes to be written. Give it, or the `tier` that it goes to."""
    tier: str | None = None
    """The tier of `storage` that it is written to."""
    mode: Literal["synchronous", "asynchronous"] = "synchronous"
    """`synchronous`: the job stands still until it is written. `asynchronous`: it stands still while its state is
    copied to the hosts' memory (`snapshot`), and the writing goes on beside its steps; a failure meanwhile falls back
    to the checkpoint before."""
    snapshot: Annotated[Duration, Field(ge=0.0)] = quantity("10 s")
    """How long the job stands still for an asynchronous checkpoint; 10 s is an assumption (80 GB of an accelerator
    over its host link at half its rate take 3 s)."""

    @model_validator(mode="after")
    def _written_one_way(self) -> Self:
        if (self.write is None) == (self.tier is None):
            raise ValueError("give 'write' or 'tier', one of the two")
        return self


class Evaluation(Section):
    """Pauses of training in which the model is evaluated."""

    every: Positive
    """Work between two evaluations."""
    duration: Positive
    """How long one takes."""


class Elastic(Section):
    """Training on with fewer accelerators, in whole copies of the model, while nodes are missing."""

    least_accelerators: Count
    """The fewest with which it goes on."""
    step: Count | None = None
    """Accelerators that join or leave together; by default the least whole nodes that hold a copy of the model."""


class TrainingJob(Section):
    """A training job: a gang of whole nodes that takes steps together and stops together."""

    name: str = Field(min_length=1)
    """What it is called."""
    submit: Duration = quantity("0 s")
    """When it is submitted, from the scenario's start."""
    accelerators: Count
    """How many it trains on; a multiple of those of a node."""
    node_type: str | None = None
    """The node type that it needs, of the catalogue or of `nodes`; needed where the hall has several."""
    model: Annotated[str, InCatalog("models")] | None = None
    """The model of the catalogue; its step is then computed from calibrated kernels. Give this with `layout`, or
    `step`."""
    layout: AnyLayout | None = None
    """How the model is laid out; what is not given follows current frameworks' habits."""
    step: StatedStep | None = None
    """A step that is stated."""
    tokens: Annotated[float, Field(gt=0.0)] | None = None
    """Tokens to train on. Give this, `steps` or `duration`."""
    steps: Annotated[int, Field(ge=1)] | None = None
    """Steps to take."""
    duration: Positive | None = None
    """How long it would train if nothing ever stopped or slowed it."""
    checkpoints: Checkpoints | None = None
    """When its state is saved; without them a job that is stopped begins anew."""
    data_set: str | None = None
    """The data set of `storage` that it reads as it trains; it reads nothing if nothing is said."""
    evaluation: Evaluation | None = None
    """Pauses for evaluation; none if nothing is said."""
    startup: Annotated[Duration, Field(ge=0.0)] = quantity("5 min")
    """From the start of its processes to its first step: assumption (the 5 minutes that studies of Meta's clusters
    assume, arXiv 2410.21680)."""
    restart: Annotated[Duration, Field(ge=0.0)] | None = None
    """The same after an interruption, without reading its checkpoint from a tier; as `startup` if nothing is said."""
    elastic: Elastic | None = None
    """Whether it goes on with fewer accelerators while nodes are missing; it waits for all if nothing is said."""
    priority: Priority = 0
    """Larger goes first."""
    user: str = ANYONE
    """Who submits it."""
    pause_activity: float = Field(default=0.15, ge=0.0, le=1.0)
    """How busy it keeps its nodes while it starts, saves or hangs: assumption (waiting in a collective spins)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.model is None) == (self.step is None):
            raise ValueError("give 'model' with 'layout', or 'step', one of the two")
        if (self.model is None) != (self.layout is None):
            raise ValueError("'model' and 'layout' belong together")
        if sum(each is not None for each in (self.tokens, self.steps, self.duration)) != 1:
            raise ValueError("give 'tokens', 'steps' or 'duration', one of the three")
        if self.tokens is not None and self.step is not None and not self.step.tokens:
            raise ValueError("'tokens' needs the tokens of a step: give 'step.tokens'")
        if self.elastic is not None and self.elastic.least_accelerators > self.accelerators:
            raise ValueError(
                f"'elastic.least_accelerators' is {self.elastic.least_accelerators}, above the job's "
                f"{self.accelerators} accelerators"
            )
        return self

    @model_validator(mode="after")
    def _saves_what_it_has(self) -> Self:
        if self.step is None or self.checkpoints is None:
            return self
        tier, interval = self.checkpoints.tier, self.checkpoints.interval
        if tier is not None and not self.step.checkpoint_size:
            raise ValueError(
                f"a checkpoint of 0 B takes no time to be written to the tier '{tier}': give 'step.checkpoint_size', "
                "or 'checkpoints.write' in place of 'checkpoints.tier'"
            )
        if not isinstance(interval, str) and interval < self.step.duration:
            raise ValueError(
                f"'checkpoints.interval' is {format_quantity(interval, 'duration', 4)}, below the "
                f"{format_quantity(self.step.duration, 'duration', 4)} of a step: a state is saved between steps"
            )
        return self

    @property
    def restart_s(self) -> float:
        """From the start of its processes after an interruption to its first step [s]."""
        return self.startup if self.restart is None else self.restart
