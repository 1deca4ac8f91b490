"""The section `reliability`: what fails, how often, and who notices."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from ..kinds import selected_from
from ..section import Section
from .common_cause import CommonCause
from .modes.failure_mode import JOB, FailureMode, RandomFailures

if TYPE_CHECKING:
    from ..nodes.node import Node

    AnyFailures = FailureMode
else:
    AnyFailures = selected_from("models.reliability.modes", FailureMode)


class Reliability(Section):
    """What fails, how often, and who notices.

    Components fail while they are in service. Jobs on what failed stand still until the failure is noticed; then the
    component goes out, its jobs return to their lines, and it comes back once it is repaired.
    """

    failures: tuple[AnyFailures, ...] = ()
    """What fails, such as `{kind: gpu, mtbf: 16 a}`, or `{kind: published, set: llama-3}` for 18 modes at once."""
    common_cause: CommonCause | None = None
    """Failures that strike several nodes at once, beside those of racks, PDUs and switches; none if nothing is said."""

    def modes(self) -> Sequence[RandomFailures]:
        """Return every mode that fails at random, published sets opened."""
        return tuple(mode for given in self.failures for mode in given.modes())

    def job_mtbf_s(self, node: Node, nodes: int) -> float | None:
        """Return the mean time between failures of a job on so many nodes of a type [s]; None where nothing fails.

        The hazards of its nodes' parts and its own add up. Those of racks, power, cooling and the fabric, and what new
        parts have on top, are left out: they depend on where it lies and when.
        """
        rate_per_s = math.fsum(
            mode.between.rate_per_s * (1 if mode.component == JOB else nodes * mode.parts_of(node))
            for mode in self.modes()
            if mode.component in (JOB, "node")
        )
        return 1.0 / rate_per_s if rate_per_s > 0.0 else None

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        # A mode's name keys its random numbers.
        counted = Counter(mode.label for given in self.failures for mode in given.modes() or (given,))
        twice = [name for name, count in counted.items() if count > 1]
        if twice:
            raise ValueError(f"'failures' has {', '.join(twice)} more than once; give each a 'name' of its own")
        return self
