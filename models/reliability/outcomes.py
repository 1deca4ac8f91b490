"""What comes of a failure: whether a part must be replaced, how long until it is noticed and mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .modes.component_failures import REBOOT, REPAIR, ComponentFailures

if TYPE_CHECKING:
    import numpy as np

    from .modes.failure_mode import RandomFailures

_CHUNK = 64


class Outcome(NamedTuple):
    """What comes of one failure. `clock` is the fraction of full clock that is left: 0 where it stops."""

    permanent: bool
    detection_s: float
    mending_s: float
    """From its detection until the component is back."""
    stated: bool = False
    """Whether the scenario says how long mending takes; otherwise crews do, where there are any."""
    clock: float = 0.0


class Outcomes:
    """The outcomes of a mode's failures in their order, drawn in vectors."""

    def __init__(self, mode: RandomFailures, generator: np.random.Generator) -> None:
        self._mode, self._generator = mode, generator
        self._drawn: list[Outcome] = []

    def next(self) -> Outcome:
        """Return the outcome of the next failure."""
        if not self._drawn:
            self._drawn = self._draw()[::-1]
        return self._drawn.pop()

    def _draw(self) -> list[Outcome]:
        import numpy as np

        mode, generator, detection = self._mode, self._generator, self._mode.detection
        noticed, seen, kept, slowed = generator.random((4, _CHUNK))
        detection_s = np.where(
            noticed < detection.missed,
            detection.until_noticed,
            np.where(seen < detection.at_once, 0.0, detection.delay),
        )
        if not isinstance(mode, ComponentFailures):
            return [Outcome(False, wait_s, 0.0) for wait_s in detection_s.tolist()]
        permanent = kept < mode.permanent
        repair, reboot = mode.repair or REPAIR, mode.reboot or REBOOT
        mending_s = np.where(permanent, repair.draw(generator, _CHUNK), reboot.draw(generator, _CHUNK))
        stated = np.where(permanent, mode.repair is not None, mode.reboot is not None)
        slows = slowed < mode.slowdown.share
        detection_s = np.where(slows, mode.slowdown.until_noticed, detection_s)
        clock = np.where(slows, mode.slowdown.clock, 0.0)
        columns = (permanent.tolist(), detection_s.tolist(), mending_s.tolist(), stated.tolist(), clock.tolist())
        return [Outcome(*row) for row in zip(*columns, strict=True)]
