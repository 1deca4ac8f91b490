"""Swings of the jobs of a run: a row each, those that meet together, and limits in the notes."""

from __future__ import annotations

from typing import Any

import pytest

from hall import Hall, Job, fleet, node, workload
from models.power.swings import Swings
from simulator.results.swings import swings_of_run

BOX = node(accelerators=4)  # 100 W + 4 x 50 W idle, 200 W + 4 x 400 W at work
PHASES = [
    {"name": "compute", "duration": "3 s", "power": "1.8 kW"},
    {"name": "exchange", "duration": "1 s", "power": "1 kW"},
]


def swings(**more: Any) -> Swings:
    return Swings.model_validate({"iterations": [{"jobs": ["big", "small", "late"], "phases": PHASES}], **more})


def hall() -> Hall:
    jobs = (
        Job(0, 100, name="big", tasks=4),
        Job(10, 50, name="small", gpus=2.0),
        Job(200, 100, name="late", tasks=2),
        Job(0, 20, name="other", tasks=3),
        Job(9999, 20, name="never", tasks=3),
    )
    return Hall(fleet([BOX] * 8), workload(*jobs)).run(until_s=250.0)


def test_each_job_with_an_iteration_has_a_row() -> None:
    run = hall()
    found, notes = swings_of_run(swings(), run.workload, run.fleet, run.state)
    rows = {row["job"]: row for row in found.to_pylist()}
    assert list(rows) == [
        "big", "small", "late", "2 jobs that run together, in step", "2 jobs that run together, out of step",
    ]  # fmt: skip
    assert rows["big"]["greatest_w"] == pytest.approx(4 * 1800.0)
    assert rows["small"]["least_w"] == pytest.approx(0.5 * 1000.0)  # two of four accelerators
    assert rows["2 jobs that run together, in step"]["greatest_w"] == pytest.approx(4.5 * 1800.0)
    assert found.schema.field("ramp_w_per_s").metadata == {b"unit": b"W/s"}
    assert notes == ("swings of 3 jobs and 8 steps of power keep to the limits that are stated",)


def test_limits_that_are_exceeded_are_told() -> None:
    run = hall()
    limits = {"utility": {"swing": "3.4 kW", "step": "5.5 kW"}}
    _, notes = swings_of_run(swings(limits=limits), run.workload, run.fleet, run.state, facility_per_it=1.02)
    assert notes == (
        "utility: the swing of 2 jobs is 3.67 kW; allowed: 3.40 kW (in step, but not out of step)",
        "utility: the step of the start of big is 6.12 kW; allowed: 5.50 kW",
        "utility: the step of the failure of big is 6.12 kW; allowed: 5.50 kW",
    )


def test_the_widest_job_without_an_iteration_is_a_step() -> None:
    run = hall()
    limits = {"ups": {"step": "4 kW"}}
    section = Swings.model_validate({"limits": limits})
    table, notes = swings_of_run(section, run.workload, run.fleet, run.state)
    assert table.num_rows == 0
    # 4 nodes x (1800 W - 300 W).
    assert notes[0] == "UPS: the step of the start of big is 6.00 kW; allowed: 4.00 kW"
    assert len(notes) == 2
