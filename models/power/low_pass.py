"""A power that repeats, after a first-order low-pass filter, in closed form.

The power is given by phases, each at one power. A change takes a rise time, over which the power is a straight line:
the mean over the last rise time. Then a filter of time constant tau follows, tau dy/dt = u - y. Both are linear and
leave the mean as it is. Between the corners of u the answer is a line and an exponential, so that extremes, ramp and
variance need no time steps; y(0) is the one value that a period brings back, y(0) = c / (1 - exp(-T/tau)).

Source of the equations: the step and ramp response of a first-order system, e.g. A. V. Oppenheim, A. S. Willsky,
Signals and Systems, 1997, sections 3.9 and 6.5.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

SLACK = 1e-9
"""Relative; a harmonic on the border of a band belongs to it, whatever its frequency lost in a division."""

SHORT = 0.01
"""A piece is short where it lasts less than this part of the time constant."""
_GAUSS = tuple(
    ((1.0 + sign * math.sqrt(0.6)) / 2.0, weight / 18.0) for sign, weight in ((-1.0, 5.0), (0.0, 8.0), (1.0, 5.0))
)


class Ripple(NamedTuple):
    """A power that repeats, after its filter."""

    least_w: float
    mean_w: float
    greatest_w: float
    ramp_w_per_s: float
    """Greatest change in time, up or down [W/s]; infinite where power jumps."""
    variance_w2: float
    """Mean square of the deviation from the mean [W2]."""


class _Piece(NamedTuple):
    """A straight stretch of the power before the filter."""

    length_s: float
    start: float
    slope: float


def periodic_response(
    durations_s: Sequence[float], powers_w: Sequence[float], *, rise_time_s: float = 0.0, time_constant_s: float = 0.0
) -> Ripple:
    """Return what comes out of the filter for ever, of phases that follow one another and repeat.

    `durations_s` [s, above 0] and `powers_w` [W] have one value a phase. Raises ValueError where they do not match.

    >>> after = periodic_response([1.0, 1.0], [100.0, 0.0], time_constant_s=1.0)
    >>> f"{after.least_w:.2f} {after.mean_w:.2f} {after.greatest_w:.2f}"  # 100 / (1 + e) and 100 e / (1 + e)
    '26.89 50.00 73.11'
    """
    _check(durations_s, powers_w)
    period_s = math.fsum(durations_s)
    mean_w = math.fsum(d * p for d, p in zip(durations_s, powers_w, strict=True)) / period_s
    deviations_w = [power_w - mean_w for power_w in powers_w]
    pieces = _pieces(durations_s, deviations_w, rise_time_s)
    if time_constant_s == 0.0:
        return _unfiltered(pieces, mean_w, period_s, jumps=rise_time_s == 0.0)
    tau_s = time_constant_s
    value = 0.0
    for piece in pieces:
        value = _after(piece, value, tau_s)
    value /= -math.expm1(-period_s / tau_s)
    least, greatest, ramp, square = math.inf, -math.inf, 0.0, 0.0
    for piece in pieces:
        following = _after(piece, value, tau_s)
        for reached in (value, following, _turning(piece, value, tau_s)):
            least, greatest = min(least, reached), max(greatest, reached)
        end = piece.start + piece.slope * piece.length_s
        ramp = max(ramp, abs(piece.start - value) / tau_s, abs(end - following) / tau_s)
        square += _square(piece, value, tau_s)
        value = following
    return Ripple(mean_w + least, mean_w, mean_w + greatest, ramp, max(square, 0.0) / period_s)


def band_variance_w2(
    durations_s: Sequence[float],
    powers_w: Sequence[float],
    *,
    least_hz: float,
    greatest_hz: float,
    rise_time_s: float = 0.0,
    time_constant_s: float = 0.0,
) -> float:
    """Return the part of the variance whose frequencies lie in a band [W2], both borders included.

    The Fourier coefficients of a power that changes by D_i at t_i are c_n = sum_i D_i exp(-j w t_i) / (j w T) with
    w = 2 pi n / T; the rise time multiplies them by sinc(n t_r / T), the filter by 1 / sqrt(1 + (w tau)^2), and the
    variance is 2 sum_n |c_n|^2 (Parseval).
    """
    import numpy as np

    _check(durations_s, powers_w)
    period_s = math.fsum(durations_s)
    first = max(math.ceil(least_hz * period_s * (1.0 - SLACK)), 1)
    last = math.floor(greatest_hz * period_s * (1.0 + SLACK))
    if last < first:
        return 0.0
    harmonic = np.arange(first, last + 1, dtype=np.float64)
    cosine, sine = np.zeros_like(harmonic), np.zeros_like(harmonic)
    at_s = 0.0
    for index, power_w in enumerate(powers_w):
        jump_w, angle = power_w - powers_w[index - 1], 2.0 * np.pi * harmonic * (at_s / period_s)
        cosine += jump_w * np.cos(angle)
        sine += jump_w * np.sin(angle)
        at_s += durations_s[index]
    angular = 2.0 * np.pi * harmonic / period_s
    gain = np.sinc(harmonic * rise_time_s / period_s) / (angular * period_s)
    return float(np.sum(2.0 * (cosine**2 + sine**2) * gain**2 / (1.0 + (angular * time_constant_s) ** 2)))


def _check(durations_s: Sequence[float], powers_w: Sequence[float]) -> None:
    if len(durations_s) != len(powers_w) or not durations_s:
        raise ValueError(f"{len(durations_s)} durations and {len(powers_w)} powers: each phase has one of both")
    if min(durations_s) <= 0.0:
        raise ValueError(f"a phase lasts {min(durations_s)} s; allowed: above 0")


def _pieces(durations_s: Sequence[float], powers_w: Sequence[float], rise_time_s: float) -> list[_Piece]:
    """Return the straight stretches of one period of the mean over the last rise time."""
    if rise_time_s == 0.0:
        return [_Piece(length_s, power_w, 0.0) for length_s, power_w in zip(durations_s, powers_w, strict=True)]
    edges_s = [0.0, *itertools.accumulate(durations_s)]
    energies_j = [0.0, *itertools.accumulate(d * p for d, p in zip(durations_s, powers_w, strict=True))]
    period_s = edges_s[-1]

    def energy_j(at_s: float) -> float:
        """Energy from 0 to an instant of any period."""
        periods = math.floor(at_s / period_s)
        inside_s = min(max(at_s - periods * period_s, 0.0), period_s)
        phase = min(bisect.bisect_right(edges_s, inside_s) - 1, len(powers_w) - 1)
        return periods * energies_j[-1] + energies_j[phase] + powers_w[phase] * (inside_s - edges_s[phase])

    late_s = [(edge_s + rise_time_s) % period_s for edge_s in edges_s[:-1]]
    # Corners that fall together but for rounding are one: a slope between them would be noise.
    corners_s = [0.0]
    for corner_s in sorted({*edges_s, *late_s}):
        if corner_s - corners_s[-1] > SLACK * min(rise_time_s, period_s):
            corners_s.append(corner_s)
    corners_s[-1] = max(corners_s[-1], period_s)
    values = [(energy_j(corner_s) - energy_j(corner_s - rise_time_s)) / rise_time_s for corner_s in corners_s]
    return [
        _Piece(to_s - from_s, start, (end - start) / (to_s - from_s))
        for (from_s, start), (to_s, end) in itertools.pairwise(zip(corners_s, values, strict=True))
    ]


def _unfiltered(pieces: Sequence[_Piece], mean_w: float, period_s: float, *, jumps: bool) -> Ripple:
    ends = [piece.start + piece.slope * piece.length_s for piece in pieces]
    starts = [piece.start for piece in pieces]
    square = math.fsum(
        piece.length_s * (piece.start**2 + piece.start * end + end**2) / 3.0
        for piece, end in zip(pieces, ends, strict=True)
    )
    least, greatest = min(*starts, *ends), max(*starts, *ends)
    ramp = max(abs(piece.slope) for piece in pieces)
    if jumps and greatest > least:
        ramp = math.inf
    return Ripple(mean_w + least, mean_w, mean_w + greatest, ramp, square / period_s)


def _after(piece: _Piece, value: float, tau_s: float) -> float:
    """Return the filter's value at the end of a piece: y = s t + (a - s tau)(1 - e) + y0 e with e = exp(-t/tau)."""
    gone = -math.expm1(-piece.length_s / tau_s)
    return value + (piece.start - piece.slope * tau_s - value) * gone + piece.slope * piece.length_s


def _turning(piece: _Piece, value: float, tau_s: float) -> float:
    """Return the filter's value where it turns within a piece; `value` where it does not.

    There y = u. With G = y0 - a + s tau, dy/dt = s - G/tau exp(-t/tau) vanishes at t = tau ln(G / (s tau)).
    """
    rising = piece.slope * tau_s
    ratio = (value - piece.start + rising) / rising if rising != 0.0 else 0.0
    if ratio <= 1.0 or tau_s * math.log(ratio) >= piece.length_s:
        return value
    return piece.start + piece.slope * tau_s * math.log(ratio)


def _square(piece: _Piece, value: float, tau_s: float) -> float:
    """Return the integral of y^2 over a piece, y = A + s t + G exp(-t/tau) with A = a - s tau.

    Of a short piece A and G nearly cancel; there three points (Gauss) are exact to the last digits.
    """
    h, s = piece.length_s, piece.slope
    if h < SHORT * tau_s:
        return h * math.fsum(
            weight * _after(piece._replace(length_s=share * h), value, tau_s) ** 2 for share, weight in _GAUSS
        )
    a = piece.start - s * tau_s
    g = value - a
    left = math.exp(-h / tau_s)
    gone = -math.expm1(-h / tau_s)
    line = h * (a * a + a * s * h + s * s * h * h / 3.0)
    mixed = 2.0 * g * tau_s * ((a + s * tau_s) * gone - s * h * left)
    return line + mixed + g * g * tau_s / 2.0 * -math.expm1(-2.0 * h / tau_s)
