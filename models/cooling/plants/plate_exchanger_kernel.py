"""A plate heat exchanger in counterflow between a loop of variable flow and water of constant flow."""

from __future__ import annotations

import math

from ...compiled import compiled_apart


@compiled_apart
def cold_end_difference_k(warm_fall_k: float, cold_rise_k: float, mean_k: float) -> float:
    """Return the difference at the cold end [K] of a counterflow exchanger from its logarithmic mean difference [K].

    With a at the cold end and a + d at the warm one, d the warm stream's fall less the cold one's rise, the mean is
    d / ln(1 + d/a); solved for a it is d / (exp(d/mean) - 1). (The same as effectiveness and transfer units.)
    """
    if mean_k <= 0.0:
        return 0.0
    more_k = warm_fall_k - cold_rise_k
    exponent = more_k / mean_k
    if abs(exponent) < 1e-9:
        return mean_k
    if exponent > 700.0:
        return 0.0
    return more_k / math.expm1(exponent)


@compiled_apart
def mean_difference_k(load_share: float, design_mean_k: float) -> float:
    """Return the logarithmic mean difference [K] at a load and loop flow of `load_share` of design.

    Each side's film has half the resistance at design; the loop's falls with flow^0.8 (turbulent flow, Dittus and
    Boelter), the cold side's flow is constant. The mean is heat over conductance.
    """
    if load_share <= 0.0:
        return 0.0
    return design_mean_k * 0.5 * (load_share + math.pow(load_share, 0.2))
