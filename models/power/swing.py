"""How far a job's power swings in each of its iterations, and how far several jobs swing together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .low_pass import band_variance_w2, periodic_response
from .supply_smoothing import SupplySmoothing

CRITICAL_BAND_HZ = (0.1, 20.0)
"""Where swings meet what resonates: modes of the grid, shafts of generators, flicker (E. Choukse et al., Power
stabilization for AI training datacenters, arXiv:2508.14318, 2025)."""


@dataclass(frozen=True)
class Phase:
    """A part of an iteration, such as computing, exposed communication, a pipeline bubble, a checkpoint."""

    name: str
    duration_s: float
    power_w: float
    """Power of all nodes of the job [W]."""


@dataclass(frozen=True)
class Swing:
    """What a meter sees of a job that repeats its iteration, after smoothing."""

    name: str
    least_w: float
    mean_w: float
    greatest_w: float
    period_s: float
    ramp_w_per_s: float
    """Greatest change of power in time, up or down [W/s]."""
    rms_w: float
    """Root mean square of the deviation from the mean [W]."""
    amplitude_in_band_w: float
    """Amplitude of the sine that has as much power as all harmonics in the band [W]."""
    band_hz: tuple[float, float] = CRITICAL_BAND_HZ
    peak_cut: float = 0.0
    """Share of the peak that the floor and storage took off."""
    burnt_w: float = 0.0
    """Mean power that is burnt to stay above the floor [W]; part of `mean_w`."""
    time_constant_s: float = 0.0
    """Time constant of the filter, as slow as its storage allowed [s]."""
    storage_j: float = 0.0
    """Energy that the filter takes from storage and gives back in a period [J]."""

    @property
    def frequency_hz(self) -> float:
        """Iterations a second [Hz]."""
        return 1.0 / self.period_s

    @property
    def peak_to_peak_w(self) -> float:
        """Greatest less least power [W]."""
        return self.greatest_w - self.least_w

    @property
    def share_in_band(self) -> float:
        """Share of the amplitude that lies in the band: its root mean square over that of the whole swing, 0 to 1."""
        return min(self.amplitude_in_band_w / (math.sqrt(2.0) * self.rms_w), 1.0) if self.rms_w > 0.0 else 0.0

    def called(self, name: str) -> Swing:
        """Return the same swing by another name."""
        return replace(self, name=name)

    def times(self, factor: float) -> Swing:
        """Return the swing of `factor` (above 0) as much power: of more nodes, or with the losses ahead of them."""
        powers = "least_w mean_w greatest_w ramp_w_per_s rms_w amplitude_in_band_w burnt_w storage_j"
        return replace(self, **{name: factor * getattr(self, name) for name in powers.split()})


@dataclass(frozen=True)
class Together:
    """Several jobs at one meter; the truth lies between."""

    in_step: Swing
    """All at their greatest at once: the worst case, amplitudes add up."""
    out_of_step: Swing
    """Phases of no relation: deviations from the mean add up by their squares."""


def swing_of(
    name: str,
    phases: Sequence[Phase],
    smoothing: SupplySmoothing | None = None,
    *,
    accelerators: int = 1,
    band_hz: tuple[float, float] = CRITICAL_BAND_HZ,
) -> Swing:
    """Return the swing of a job whose phases follow one another and repeat.

    `accelerators` is how many have the storage that the smoothing states for each. Phases of no duration are left out;
    raises ValueError where none is left.

    >>> phases = [Phase("compute", 3.0, 10e6), Phase("exchange", 1.0, 6e6)]
    >>> swing = swing_of("pretraining", phases)
    >>> f"{swing.peak_to_peak_w / 1e6:.1f} MW about {swing.mean_w / 1e6:.1f} MW at {swing.frequency_hz:.2f} Hz"
    '4.0 MW about 9.0 MW at 0.25 Hz'
    """
    smoothing = smoothing or SupplySmoothing()
    lasting = [phase for phase in phases if phase.duration_s > 0.0]
    if not lasting:
        raise ValueError(f"'{name}' has no phase that lasts: an iteration needs one")
    durations_s = [phase.duration_s for phase in lasting]
    powers_w = [phase.power_w for phase in lasting]
    raw = periodic_response(durations_s, powers_w, rise_time_s=smoothing.rise_time)
    held_w = smoothing.with_floor(powers_w)
    tau_s = smoothing.periodic_time_constant_s(durations_s, held_w, accelerators)
    filtered = {"rise_time_s": smoothing.rise_time, "time_constant_s": tau_s}
    after = periodic_response(durations_s, held_w, **filtered)
    in_band_w2 = band_variance_w2(durations_s, held_w, least_hz=band_hz[0], greatest_hz=band_hz[1], **filtered)
    return Swing(
        name=name,
        least_w=after.least_w,
        mean_w=after.mean_w,
        greatest_w=after.greatest_w,
        period_s=math.fsum(durations_s),
        ramp_w_per_s=after.ramp_w_per_s,
        rms_w=math.sqrt(after.variance_w2),
        amplitude_in_band_w=math.sqrt(2.0 * in_band_w2),
        band_hz=band_hz,
        peak_cut=1.0 - after.greatest_w / raw.greatest_w if raw.greatest_w > 0.0 else 0.0,
        burnt_w=after.mean_w - raw.mean_w,
        time_constant_s=tau_s,
        storage_j=tau_s * (after.greatest_w - after.least_w),
    )


def together(swings: Sequence[Swing], name: str = "all jobs") -> Together:
    """Return what one meter sees of several jobs that swing in the same band, in step and out of step.

    The period told is that of the job that swings most. In step everything adds up; the mean square deviation of jobs
    in step is bounded by the square of the sum (Minkowski). Raises ValueError where there is none.
    """
    if not swings:
        raise ValueError("no job swings: give one at least")
    widest = max(swings, key=lambda swing: swing.peak_to_peak_w)
    mean_w = math.fsum(swing.mean_w for swing in swings)

    def combined(total: Callable[[list[float]], float]) -> Swing:
        return Swing(
            name=name,
            least_w=mean_w - total([swing.mean_w - swing.least_w for swing in swings]),
            mean_w=mean_w,
            greatest_w=mean_w + total([swing.greatest_w - swing.mean_w for swing in swings]),
            period_s=widest.period_s,
            ramp_w_per_s=total([swing.ramp_w_per_s for swing in swings]),
            rms_w=total([swing.rms_w for swing in swings]),
            amplitude_in_band_w=total([swing.amplitude_in_band_w for swing in swings]),
            band_hz=widest.band_hz,
            burnt_w=math.fsum(swing.burnt_w for swing in swings),
            storage_j=math.fsum(swing.storage_j for swing in swings),
        )

    return Together(combined(math.fsum), combined(lambda parts: math.hypot(*parts)))


def widest_overlap(spans_s: Sequence[tuple[float, float]], swings: Sequence[Swing]) -> list[Swing]:
    """Return the swings of the jobs that run at the instant at which those running could together swing widest.

    `spans_s` are start and end [s] of each job's run, one a swing; a job that ends as another starts does not meet it.
    The instant is the first at which the swings, peak to peak, add up to most: the time to ask `together` about. Empty
    where no job runs.
    """
    changes = sorted(
        (at_s, starts, index)
        for index, (start_s, end_s) in enumerate(spans_s)
        for at_s, starts in ((start_s, True), (end_s, False))
        if end_s > start_s
    )
    running: set[int] = set()
    widest: list[int] = []
    greatest_w = -1.0
    for _, starts, index in changes:
        if not starts:
            running.discard(index)
            continue
        running.add(index)
        total_w = math.fsum(swings[each].peak_to_peak_w for each in running)
        if total_w > greatest_w:
            widest, greatest_w = sorted(running), total_w
    return [swings[index] for index in widest]
