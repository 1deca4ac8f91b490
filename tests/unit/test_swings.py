"""Swings of power that repeat: known answers, a dense simulation as the oracle, and limits in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from models.power.low_pass import band_variance_w2, periodic_response
from models.power.power_step import step_of
from models.power.supply_smoothing import SupplySmoothing
from models.power.swing import Phase, Swing, swing_of, together, widest_overlap
from models.power.swing_limits import SwingLimits, violations
from models.power.swings import Swings
from models.units import quantity

SQUARE = [Phase("compute", 3.0, 1000.0), Phase("exchange", 1.0, 400.0)]


def smoothing(**given: Any) -> SupplySmoothing:
    return SupplySmoothing(**{key: quantity(text) if isinstance(text, str) else text for key, text in given.items()})


@pytest.mark.parametrize("tau_s", [0.05, 0.7, 4.0, 300.0])
def test_a_square_wave_has_the_extremes_of_the_textbook(tau_s: float) -> None:
    high_s, low_s, high_w, low_w = 3.0, 1.0, 1000.0, 400.0
    after = periodic_response([high_s, low_s], [high_w, low_w], time_constant_s=tau_s)
    period = math.exp(-(high_s + low_s) / tau_s)
    greatest_w = low_w + (high_w - low_w) * (1.0 - math.exp(-high_s / tau_s)) / (1.0 - period)
    least_w = high_w - (high_w - low_w) * (1.0 - math.exp(-low_s / tau_s)) / (1.0 - period)
    assert after.greatest_w == pytest.approx(greatest_w, rel=1e-12)
    assert after.least_w == pytest.approx(least_w, rel=1e-12)
    assert after.mean_w == pytest.approx(850.0, rel=1e-12)
    # Steepest at one of the two jumps.
    assert after.ramp_w_per_s == pytest.approx(max(high_w - least_w, greatest_w - low_w) / tau_s, rel=1e-9)


def dense(durations_s: list[float], powers_w: list[float], rise_time_s: float, tau_s: float) -> NDArray[np.float64]:
    """The last of many periods, stepped through with scipy's filter."""
    from scipy.signal import lfilter

    steps, periods, period_s = 100_000, 40, sum(durations_s)
    step_s = period_s / steps
    at_s = (np.arange(steps) + 0.5) * step_s
    phase = np.searchsorted(np.cumsum(durations_s)[:-1], at_s, side="right")
    power_w = np.tile(np.array(powers_w)[phase], periods)
    window = round(rise_time_s / step_s)
    energy_j = np.concatenate([np.zeros(window), np.cumsum(power_w)])
    ramped_w = (energy_j[window:] - energy_j[: len(power_w)]) / window
    kept = math.exp(-step_s / tau_s)
    filtered, _ = lfilter([1.0 - kept], [1.0, -kept], ramped_w, zi=[kept * float(np.mean(power_w))])
    return np.asarray(filtered[-steps:])


@pytest.mark.parametrize(
    ("durations_s", "powers_w", "rise_time_s", "tau_s"),
    [
        ([1.0, 0.5, 0.2], [900.0, 300.0, 600.0], 0.02, 0.3),
        ([1.0, 0.5, 0.2], [900.0, 300.0, 600.0], 0.4, 3.0),  # a rise time longer than a phase
        ([0.3, 0.4], [100.0, 700.0], 1.9, 0.2),  # longer than the period
        ([6.0, 2.0, 0.1, 1.0], [10.0, 3.0, 8.0, 2.0], 0.05, 20.0),
    ],
)
def test_the_closed_form_agrees_with_a_dense_simulation(
    durations_s: list[float], powers_w: list[float], rise_time_s: float, tau_s: float
) -> None:
    after = periodic_response(durations_s, powers_w, rise_time_s=rise_time_s, time_constant_s=tau_s)
    power_w = dense(durations_s, powers_w, rise_time_s, tau_s)
    period_s, steps = sum(durations_s), len(power_w)
    scale = max(powers_w) - min(powers_w)
    assert [after.least_w, after.mean_w, after.greatest_w] == pytest.approx(
        [power_w.min(), power_w.mean(), power_w.max()], abs=1e-4 * scale
    )
    ramp_w_per_s = np.abs(np.diff(power_w)).max() * steps / period_s
    assert after.ramp_w_per_s == pytest.approx(ramp_w_per_s, rel=1e-3)
    assert after.variance_w2 == pytest.approx(power_w.var(), rel=1e-4)
    coefficient = np.abs(np.fft.rfft(power_w)) / steps
    hertz = np.arange(len(coefficient)) / period_s
    for least_hz, greatest_hz in ((0.1, 20.0), (1.0, 2.5)):
        inside = (hertz >= least_hz) & (hertz <= greatest_hz)
        in_band_w2 = band_variance_w2(
            durations_s, powers_w, least_hz=least_hz, greatest_hz=greatest_hz, rise_time_s=rise_time_s,
            time_constant_s=tau_s,
        )  # fmt: skip
        assert in_band_w2 == pytest.approx(2.0 * np.sum(coefficient[inside] ** 2), rel=2e-4, abs=1e-12 * scale**2)


def test_half_a_square_wave_has_eight_over_pi_squared_in_its_first_harmonic() -> None:
    first_w2 = band_variance_w2([1.0, 1.0], [2.0, 0.0], least_hz=0.5, greatest_hz=0.5)
    assert first_w2 == pytest.approx(8.0 / math.pi**2, rel=1e-12)  # of a variance of 1


def test_a_swing_below_the_band_leaves_only_its_harmonics_there() -> None:
    slow = swing_of("slow", [Phase("train", 30.0, 1e6), Phase("write", 30.0, 0.0)])
    odd = sum(1.0 / n**2 for n in range(7, 200_001, 2))  # 6 / 60 s is 0.1 Hz
    assert slow.share_in_band == pytest.approx(math.sqrt(8.0 / math.pi**2 * odd), rel=0.01)
    fast = swing_of("fast", SQUARE)
    assert fast.share_in_band == pytest.approx(1.0, abs=1e-3)


def test_without_storage_the_ramp_is_the_change_over_the_rise_time() -> None:
    swing = swing_of("a", SQUARE, smoothing(rise_time="30 ms"))
    assert swing.ramp_w_per_s == pytest.approx(600.0 / 0.03)
    assert (swing.least_w, swing.mean_w, swing.greatest_w) == pytest.approx((400.0, 850.0, 1000.0))
    assert (swing.period_s, swing.frequency_hz) == (4.0, 0.25)
    assert swing.peak_cut == pytest.approx(0.0)


def test_one_power_at_all_times_does_not_swing() -> None:
    swing = swing_of("a", [Phase("compute", 2.0, 500.0)])
    assert (swing.peak_to_peak_w, swing.ramp_w_per_s, swing.share_in_band) == (0.0, 0.0, 0.0)


def test_a_floor_burns_what_lies_below_it() -> None:
    swing = swing_of("a", SQUARE, smoothing(floor=0.8))
    assert (swing.least_w, swing.mean_w, swing.burnt_w) == pytest.approx((800.0, 950.0, 100.0))
    assert swing.peak_cut == pytest.approx(0.0)


def test_the_filter_cuts_no_more_of_the_peak_than_is_published() -> None:
    spiky = [Phase("compute", 1.0, 1000.0), Phase("exchange", 3.0, 100.0)]
    free = swing_of("a", spiky, smoothing(time_constant="5 s"))
    held = swing_of("a", spiky, smoothing(time_constant="5 s", greatest_peak_cut=0.3))
    assert free.peak_cut > 0.5
    assert held.peak_cut == pytest.approx(0.3)
    assert held.greatest_w == pytest.approx(700.0)
    assert held.time_constant_s < 5.0


def test_the_filter_takes_no_more_than_is_stored() -> None:
    free = swing_of("a", SQUARE, smoothing(time_constant="2 s"))
    assert free.storage_j == pytest.approx(free.time_constant_s * free.peak_to_peak_w)
    held = swing_of("a", SQUARE, smoothing(time_constant="2 s", storage="65 J"))
    four = swing_of("a", SQUARE, smoothing(time_constant="2 s", storage="65 J"), accelerators=4)
    assert held.storage_j == pytest.approx(65.0)
    assert four.storage_j == pytest.approx(260.0)
    assert held.time_constant_s < four.time_constant_s < free.time_constant_s == 2.0
    assert held.greatest_w > four.greatest_w > free.greatest_w


def test_jobs_in_step_add_up_and_out_of_step_their_squares_do() -> None:
    one, other = swing_of("a", SQUARE), swing_of("b", [Phase("c", 1.0, 300.0), Phase("x", 1.0, 100.0)])
    both = together([one, other])
    assert (both.in_step.least_w, both.in_step.greatest_w) == pytest.approx((500.0, 1300.0))
    assert both.in_step.ramp_w_per_s == pytest.approx(one.ramp_w_per_s + other.ramp_w_per_s)
    assert both.out_of_step.mean_w == both.in_step.mean_w == pytest.approx(1050.0)
    assert both.out_of_step.greatest_w == pytest.approx(1050.0 + math.hypot(150.0, 100.0))
    assert both.out_of_step.least_w == pytest.approx(1050.0 - math.hypot(450.0, 100.0))
    assert both.out_of_step.rms_w == pytest.approx(math.hypot(one.rms_w, other.rms_w))
    assert both.in_step.period_s == 4.0
    alone = together([one])
    assert alone.in_step.greatest_w == pytest.approx(one.greatest_w)
    assert alone.out_of_step.share_in_band == pytest.approx(one.share_in_band)


def test_jobs_meet_only_where_they_run_at_the_same_time() -> None:
    one, other, third = (swing_of(name, SQUARE).times(factor) for name, factor in (("a", 1.0), ("b", 2.0), ("c", 0.5)))
    spans_s = [(0.0, 10.0), (10.0, 20.0), (15.0, 30.0)]
    assert [swing.name for swing in widest_overlap(spans_s, [one, other, third])] == ["b", "c"]
    assert widest_overlap([(5.0, 5.0)], [one]) == []
    assert widest_overlap([], []) == []


def test_a_step_without_storage_is_as_steep_as_its_rise_time() -> None:
    step = step_of("start", 100.0, 1100.0, smoothing(rise_time="0.1 s"))
    assert (step.change_w, step.ramp_w_per_s, step.settled_s) == pytest.approx((1000.0, 10_000.0, 0.095))


def test_a_filtered_step_settles_in_three_time_constants() -> None:
    step = step_of("failure", 1000.0, 0.0, smoothing(rise_time="1 ms", time_constant="10 s"))
    assert step.ramp_w_per_s == pytest.approx(100.0, rel=1e-3)  # change over time constant
    assert step.settled_s == pytest.approx(10.0 * math.log(20.0), rel=1e-3)


def test_a_step_is_smoothed_as_far_as_storage_lasts() -> None:
    step = step_of("start", 0.0, 1000.0, smoothing(rise_time="1 ms", time_constant="10 s", storage="65 J"))
    assert step.ramp_w_per_s == pytest.approx(1000.0 / 0.065, rel=0.01)  # 65 J are 65 ms of 1 kW


def test_accelerators_that_keep_to_a_ramp_start_slowly() -> None:
    step = step_of("start", 0.0, 8000.0, smoothing(ramp_limit="100 W/s"), accelerators=8)
    assert (step.ramp_w_per_s, step.settled_s) == pytest.approx((800.0, 9.5))


def test_what_exceeds_a_limit_is_said_in_words() -> None:
    limits = SwingLimits(ramp=quantity("10 kW/s"), swing=quantity("500 W"), step=quantity("2 kW"))
    assert violations(swing_of("pretraining", SQUARE), limits, "UPS") == [
        "UPS: the ramp of pretraining is 30.0 kW/s; allowed: 10.0 kW/s",
        "UPS: the swing of pretraining is 600 W; allowed: 500 W",
    ]
    band = SwingLimits(amplitude_in_band=quantity("300 W"))
    (sentence,) = violations(swing_of("pretraining", SQUARE), band, "utility")
    assert sentence == "utility: the amplitude from 0.1 to 20 Hz of pretraining is 366 W; allowed: 300 W"
    assert violations(step_of("a start", 0.0, 5000.0, smoothing(rise_time="1 s")), limits) == [
        "limits: the step of a start is 5.00 kW; allowed: 2.00 kW"
    ]
    assert violations(swing_of("pretraining", SQUARE), SwingLimits()) == []


SECTION = {
    "iterations": [
        {
            "jobs": ["pretraining"],
            "phases": [
                {"name": "compute", "duration": "3 s", "power": "10 kW"},
                {"name": "communication", "duration": "1 s", "power": "5 kW"},
            ],
        }
    ],
    "limits": {"utility": {"swing": "1.05 MW", "step": "1 MW"}, "ups": {"ramp": "1 GW/s"}},
}


def section(**more: Any) -> Swings:
    return Swings.model_validate({**SECTION, **more})


def job(swings: Swings, nodes: int) -> Swing:
    iteration = swings.iteration_of("pretraining")
    assert iteration is not None
    return swings.swing("pretraining", iteration.of_nodes(nodes), accelerators=8 * nodes)


def test_the_section_turns_power_of_a_node_into_that_of_the_job() -> None:
    swing = job(section(), 100)
    assert (swing.least_w, swing.greatest_w) == pytest.approx((0.5e6, 1e6))
    assert section().iteration_of("other") is None


def test_what_the_utility_sees_has_losses_in_it() -> None:
    swings = section()
    swing = job(swings, 208)  # 1.04 MW of IT
    assert swings.violations([swing]) == []
    assert swings.violations([swing], facility_per_it=1.05) == [
        "utility: the swing of pretraining is 1.09 MW; allowed: 1.05 MW"
    ]


def test_jobs_that_only_exceed_a_limit_in_step_are_told_apart() -> None:
    swings = section()
    assert swings.violations([job(swings, 120)] * 2) == [
        "utility: the swing of 2 jobs is 1.20 MW; allowed: 1.05 MW (in step, but not out of step)"
    ]
    (sentence,) = swings.violations([job(swings, 200)] * 2)
    assert sentence.endswith("2.00 MW; allowed: 1.05 MW (in step, and out of step too)")


def test_a_gang_that_fails_is_a_step() -> None:
    swings = section()
    steps = swings.job_steps("pretraining", idle_w=0.2e6, busy_w=1.4e6, checkpoint_w=0.9e6, accelerators=800)
    assert [step.name.split(" of ")[0] for step in steps] == ["the start", "a checkpoint", "the failure"]
    assert [step.change_w for step in steps] == pytest.approx([1.2e6, -0.5e6, -1.2e6])
    assert swings.violations([], steps) == [
        "utility: the step of the start of pretraining is 1.20 MW; allowed: 1.00 MW",
        "utility: the step of the failure of pretraining is 1.20 MW; allowed: 1.00 MW",
    ]


def test_nodes_that_lose_their_supply_fall_at_once_and_to_nothing() -> None:
    swings = section(smoothing={"ramp_limit": "10 W/s", "rise_time": "10 ms"})
    *_, held = swings.job_steps("pretraining", idle_w=100.0, busy_w=1000.0, accelerators=1)
    *_, lost = swings.job_steps("pretraining", idle_w=100.0, busy_w=1000.0, accelerators=1, powered=False)
    assert (held.change_w, held.ramp_w_per_s) == pytest.approx((-900.0, 10.0))
    assert (lost.change_w, lost.ramp_w_per_s) == pytest.approx((-1000.0, 100_000.0))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"iterations": SECTION["iterations"] * 2}, "pretraining: a job has one iteration"),  # type: ignore[operator]
        ({"band": {"least": "30 Hz"}}, "the band from 30 to 20 Hz is empty"),
        ({"limits": {"utility": {"ramp": "5 MW"}}}, "'5 MW' is a power, not a change of power over time"),
        ({"smoothing": {"greatest_peak_cut": 1.0}}, "less than 1"),
    ],
)
def test_sections_that_make_no_sense_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        section(**given)


def test_phases_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="'a' has no phase that lasts"):
        swing_of("a", [Phase("compute", 0.0, 5.0)])
    with pytest.raises(ValueError, match="no job swings"):
        together([])
    with pytest.raises(ValueError, match="2 durations and 1 powers"):
        periodic_response([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="a phase lasts -1"):
        periodic_response([-1.0], [1.0])
