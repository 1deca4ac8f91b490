"""The section `facility.power`: the chain of stages from the utility feed to the racks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Tag

from ...section import Section
from .layout import ChainLayout, ChainStage
from .rows import Rows
from .stage import Busway, Converter, PowerDistributionUnit, Rectifier, Stage, Transformer, UninterruptibleSupply
from .utility_feed import Utility

Absent = Literal["none"]
"""A stage that there is not."""


def _or_none(stage: type[Stage]) -> Any:
    """Return the type of a field that holds a stage, or `none`; what is wrong in a mapping is told of the stage."""

    def tag_of(given: object) -> str:
        return "none" if given == "none" else stage.__name__

    return Annotated[
        Annotated[stage, Tag(stage.__name__)] | Annotated[Absent, Tag("none")],
        Discriminator(tag_of),
    ]


if TYPE_CHECKING:
    AnyConverter = Converter | Absent
    AnyRectifier = Rectifier | Absent
    AnyBusway = Busway | Absent
    AnyPdu = PowerDistributionUnit | Absent
    AnyUps = UninterruptibleSupply | Absent
    AnyTransformer = Transformer | Absent
else:
    AnyConverter = _or_none(Converter)
    AnyRectifier = _or_none(Rectifier)
    AnyBusway = _or_none(Busway)
    AnyPdu = _or_none(PowerDistributionUnit)
    AnyUps = _or_none(UninterruptibleSupply)
    AnyTransformer = _or_none(Transformer)


class PowerChain(Section):
    """The power chain, from the racks up to the utility. A stage written as `none` is left out."""

    converters: AnyConverter = "none"
    """Converters in the nodes, where node power is stated behind them."""
    rectifiers: AnyRectifier = "none"
    """Rectifiers or power shelves, where rack power is stated behind them."""
    busway: AnyBusway = Busway()
    """Busways and cables to the racks."""
    pdu: AnyPdu = PowerDistributionUnit()
    """Distribution units of the hall."""
    ups: AnyUps = UninterruptibleSupply()
    """Uninterruptible power supplies."""
    transformer: AnyTransformer = Transformer()
    """Transformers of the utility feed."""
    utility: Utility = Utility()
    """The connection to the grid."""
    rows: Rows | None = None
    """Rows of racks and their breakers; if nothing is said, racks are not told apart by row."""

    def stages(self) -> Iterator[tuple[str, Stage]]:
        """Yield the stages that there are with their names, from IT to the utility."""
        for name in ("converters", "rectifiers", "busway", "pdu", "ups", "transformer"):
            stage: Stage | Absent = getattr(self, name)
            if isinstance(stage, Stage):
                yield name, stage

    def laid_out(
        self,
        it_provisioned_w: float,
        it_rated_w: float,
        mechanical_w: float = 0.0,
        mechanical_on_ups_w: float = 0.0,
    ) -> ChainLayout:
        """Return the chain with its units chosen for the racks' provisioned and rated power [W].

        `mechanical_w` is the greatest power of the cooling plant besides the part `mechanical_on_ups_w` that is fed
        from the UPS. Each stage is sized for what leaves it then: these loads and the losses between it and them.
        Raises ValueError where the provisioned power is not above 0 or the rated power is below it.
        """
        if not 0.0 < it_provisioned_w <= it_rated_w:
            raise ValueError(
                f"a power chain needs a provisioned power above 0 W and no higher than the rated power; "
                f"given {it_provisioned_w:g} W provisioned, {it_rated_w:g} W rated"
            )
        stages: tuple[ChainStage, ...] = ()
        for name, stage in self.stages():
            basis_w = it_rated_w if stage.sized_for == "rated" else it_provisioned_w
            # A trial of any size: what leaves the stage does not depend on its own units.
            trial = ChainLayout((*stages, stage.laid_out(name, basis_w)))
            planned_w = trial.output_w(basis_w, mechanical_on_ups_w, mechanical_w)[-1]
            stages = (*stages, stage.laid_out(name, planned_w))
        return ChainLayout(stages, eco=self.ups != "none" and self.ups.mode == "eco")
