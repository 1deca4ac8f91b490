"""Known answers of a node's power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.compiled import plain
from models.nodes import node_power_kernel as kernel
from models.nodes.node_power import NodePower, PowerPart, node_power_w, part_power_w

CURVES: dict[str, Any] = {
    "idle": "idle",
    "linear": "linear",
    "square_root": "square_root",
    "cubic": "cubic",
    "table": {"table": [[0, 0], [0.2, 0.5], [1, 1]]},
}


def part(curve: Any = "linear", **given: Any) -> PowerPart:
    whole = {"name": "host", "follows": "processor", "idle_power": "32 W", "peak_power": "180 W", "curve": curve}
    return PowerPart.model_validate(whole | given)


# Idle 32 W and peak 180 W: 148 W between them; the table reaches half way at 20%, and 0.5 + 0.5 * 0.05 / 0.8 at 25%.
@pytest.mark.parametrize(
    ("curve", "power_w"),
    [("idle", 32.0), ("linear", 69.0), ("square_root", 106.0), ("cubic", 34.3125), ("table", 32.0 + 148.0 * 0.53125)],
)
def test_power_at_a_quarter_load_follows_the_curve(curve: str, power_w: float) -> None:
    assert part_power_w(part(CURVES[curve]), 0.25) == pytest.approx(power_w, rel=1e-15)


@pytest.mark.parametrize("curve", CURVES)
def test_an_array_gives_what_its_elements_give(curve: str) -> None:
    utilizations = np.linspace(0.0, 1.0, 41)
    powers = part_power_w(part(CURVES[curve]), utilizations) * np.ones(41)
    assert list(powers) == pytest.approx([part_power_w(part(CURVES[curve]), float(u)) for u in utilizations], rel=1e-15)


@pytest.mark.parametrize("curve", CURVES)
def test_the_compiled_curve_agrees_with_the_equation(curve: str) -> None:
    table = np.array(CURVES["table"]["table"], dtype=float)
    number = getattr(kernel, curve.upper())
    for utilization in np.linspace(0.0, 1.0, 41):
        fraction = plain(kernel.dynamic_fraction)(number, float(utilization), table, 0, len(table))
        expected = part_power_w(part(CURVES[curve]), float(utilization))
        assert 32.0 + 148.0 * fraction == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("curve", CURVES)
def test_idle_and_peak_are_the_ends_of_every_curve(curve: str) -> None:
    some = part(CURVES[curve], count=3)
    assert part_power_w(some, 0.0) == some.idle_power_w == 96.0
    assert part_power_w(some, 1.0) == some.peak_power_w == (96.0 if curve == "idle" else 540.0)


NODE = NodePower.model_validate(
    {
        "parts": [
            {"name": "a", "count": 4, "follows": "accelerator", "idle_power": "100 W", "peak_power": "500 W"},
            {"name": "p", "count": 2, "follows": "processor", "idle_power": "50 W", "peak_power": "250 W"},
            {"name": "m", "follows": "always", "peak_power": "200 W"},
        ],
        "clock_exponent": 2.0,
    }
)


def test_a_nodes_power_is_the_sum_over_its_parts() -> None:
    assert NODE.idle_power_w == node_power_w(NODE, 0.0, 0.0, 1.0) == 400 + 100 + 200
    assert NODE.peak_power_w == node_power_w(NODE, 1.0, 1.0, 1.0) == 2000 + 500 + 200
    assert node_power_w(NODE, 0.5, 0.25, 1.0) == (400 + 800) + (100 + 100) + 200


def test_a_lower_clock_slows_the_accelerators_only() -> None:
    # Half the clock squared leaves a quarter of the 1600 W above idle; the processors keep their 400 W.
    assert NODE.clocked == "accelerator"
    assert node_power_w(NODE, 1.0, 1.0, 0.5) == 700 + 400 + 400


def test_a_lower_clock_slows_the_processors_of_a_node_without_accelerators() -> None:
    host = NodePower(parts=(part(),))
    assert host.clocked == "processor"
    assert node_power_w(host, 0.0, 1.0, 0.5) == pytest.approx(32.0 + 148.0 * 0.5**2.5, rel=1e-15)


def test_a_nodes_power_over_arrays_is_elementwise() -> None:
    powers = node_power_w(NODE, np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 0.5]))
    assert list(powers) == [700.0, 1500.0]


def refused(message: str, **given: Any) -> None:
    with pytest.raises(ValidationError, match=message):
        part(**given)


def test_power_that_falls_with_load_is_refused() -> None:
    refused("idle power 200 W is above peak power 180 W", idle_power="200 W")


def test_a_constant_part_with_an_idle_power_is_refused() -> None:
    refused("leave out idle_power and curve", follows="always")


def test_a_following_part_without_idle_power_is_refused() -> None:
    refused("has an idle_power", idle_power=None)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[0, 0], [0.5, 0.5]], r"ends at \[1, 1\]"),
        ([[0, 0.1], [1, 1]], r"starts at \[0, 0\]"),
        ([[0, 0], [0.5, 0.2], [0.5, 0.4], [1, 1]], "must rise"),
        ([[0, 0], [0.5, 1.2], [1, 1]], "is 0 to 1"),
    ],
)
def test_a_table_that_is_no_curve_is_refused(table: Any, message: str) -> None:
    refused(message, curve={"table": table})


def test_a_clock_exponent_beyond_three_is_refused() -> None:
    with pytest.raises(ValidationError, match="clock_exponent is 4; allowed: 1 to 3"):
        NodePower.model_validate({"parts": [part().model_dump()], "clock_exponent": 4})
