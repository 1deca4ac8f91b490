"""The section `power.swings`: iterations that move the meter, what smooths them, and who has to bear them."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Self

from pydantic import Field, model_validator

from ..section import Section
from ..units import Duration, Frequency, Power, quantity
from .power_step import PowerStep, step_of
from .supply_smoothing import SupplySmoothing
from .swing import CRITICAL_BAND_HZ, Phase, Swing, swing_of, together
from .swing_limits import SwingLimits, exceeded, violations


class IterationPhase(Section):
    """A part of an iteration in which power stays the same."""

    name: str = Field(min_length=1)
    """What it is, such as compute, communication, bubble, checkpoint."""
    duration: Duration = Field(gt=0.0)
    """How long it lasts in each iteration."""
    power: Power
    """Mean power of a node of the job in it."""


class Iteration(Section):
    """What the nodes of some jobs do over and over, all together."""

    jobs: tuple[str, ...] = Field(min_length=1)
    """Names of the jobs; `*` stands for any letters, such as `pretraining-*`."""
    phases: tuple[IterationPhase, ...] = Field(min_length=1)
    """The phases of an iteration, in their order."""

    def of_nodes(self, nodes: float) -> list[Phase]:
        """Return the phases with the power of `nodes` nodes."""
        return [Phase(phase.name, phase.duration, nodes * phase.power) for phase in self.phases]


class SwingBand(Section):
    """Frequencies at which swings do harm."""

    least: Frequency = quantity(f"{CRITICAL_BAND_HZ[0]} Hz")
    """Lower border. 0.1 Hz: arXiv:2508.14318."""
    greatest: Frequency = quantity(f"{CRITICAL_BAND_HZ[1]} Hz")
    """Upper border. 20 Hz: arXiv:2508.14318."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.least < self.greatest:
            raise ValueError(f"the band from {self.least:g} to {self.greatest:g} Hz is empty: 'least' lies below")
        return self


class EquipmentLimits(Section):
    """Limits by who has to bear the swings; what is left out is not checked."""

    ups: SwingLimits = SwingLimits()
    """Of the UPS, which sees the power of IT."""
    genset: SwingLimits = SwingLimits()
    """Of the gensets, which see the power of the facility when they feed it."""
    utility: SwingLimits = SwingLimits()
    """Of the utility, which sees the power of the facility."""


class Swings(Section):
    """Swings of synchronous jobs and steps of their starts and failures, checked against who has to bear them."""

    iterations: tuple[Iteration, ...] = ()
    """Iterations of jobs; jobs that are not named do not swing."""
    smoothing: SupplySmoothing = SupplySmoothing()
    """What smooths the power of jobs."""
    band: SwingBand = SwingBand()
    """Frequencies whose amplitude is told and checked."""
    limits: EquipmentLimits = EquipmentLimits()
    """Ramps, steps and swings that are allowed."""

    @model_validator(mode="after")
    def _each_job_once(self) -> Self:
        named = [job for iteration in self.iterations for job in iteration.jobs]
        twice = sorted({job for job in named if named.count(job) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: a job has one iteration")
        return self

    def iteration_of(self, job: str) -> Iteration | None:
        """Return what a job of this name does over and over, the first that fits; None where nothing is said."""
        for iteration in self.iterations:
            if any(fnmatchcase(job, pattern) for pattern in iteration.jobs):
                return iteration
        return None

    def swing(self, job: str, phases: Sequence[Phase], *, accelerators: int) -> Swing:
        """Return the swing of a job after this smoothing, in this band."""
        band_hz = (self.band.least, self.band.greatest)
        return swing_of(job, phases, self.smoothing, accelerators=accelerators, band_hz=band_hz)

    def job_steps(
        self,
        job: str,
        *,
        idle_w: float,
        busy_w: float,
        accelerators: int,
        checkpoint_w: float | None = None,
        powered: bool = True,
    ) -> list[PowerStep]:
        """Return the steps of power of a job: its start, its checkpoint (with `checkpoint_w`), and its gang's failure.

        `idle_w` and `busy_w` are of all its nodes. With `powered` False the nodes lose their supply when the gang
        fails: then nothing smooths and all of their power goes, in the rise time.
        """
        given = self.smoothing if powered else SupplySmoothing(rise_time=quantity(f"{self.smoothing.rise_time} s"))
        steps = [step_of(f"the start of {job}", idle_w, busy_w, self.smoothing, accelerators=accelerators)]
        if checkpoint_w is not None:
            name = f"a checkpoint of {job}"
            steps.append(step_of(name, busy_w, checkpoint_w, self.smoothing, accelerators=accelerators))
        after_w = idle_w if powered else 0.0
        steps.append(step_of(f"the failure of {job}", busy_w, after_w, given, accelerators=accelerators))
        return steps

    def violations(
        self,
        swings: Sequence[Swing],
        steps: Sequence[PowerStep] = (),
        *,
        facility_per_it: float = 1.0,
        meeting: Sequence[Swing] | None = None,
    ) -> list[str]:
        """Return a sentence for each limit that is exceeded: by a job alone, by several in step, or by a step.

        `facility_per_it` is what gensets and utility see for each W of IT that changes: losses of the power chain,
        without what does not follow at once, such as cooling. `meeting` are those of the swings that meet (all if not
        said); it is told whether out of step they exceed the limit too.
        """
        found = []
        for equipment, limits, factor in (
            ("UPS", self.limits.ups, 1.0),
            ("genset", self.limits.genset, facility_per_it),
            ("utility", self.limits.utility, facility_per_it),
        ):
            for swing in swings:
                found += violations(swing.times(factor), limits, equipment)
            seen = [swing.times(factor) for swing in (swings if meeting is None else meeting)]
            if len(seen) > 1:
                both = together(seen, f"{len(seen)} jobs")
                anyway = {each.what for each in exceeded(both.out_of_step, limits)}
                for each in exceeded(both.in_step, limits):
                    unless = "and out of step too" if each.what in anyway else "but not out of step"
                    found.append(f"{each.sentence(both.in_step.name, equipment)} (in step, {unless})")
            for step in steps:
                found += violations(step.times(factor), limits, equipment)
        return found
