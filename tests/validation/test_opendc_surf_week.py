"""OpenDC's own outcome for a week of SURF's cluster, through the whole engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from hall import Hall, assert_energy_is_whole, fleet, node
from models.data_file import DataFolders
from models.workload.opendc import OpenDC
from simulator.engine import state as layout
from simulator.random_streams import stream


def test_the_surf_week_takes_the_energy_that_opendc_gives(public_data: Path) -> None:
    # 279 hosts, linear from 32 W to 180 W; OpenDC gives 1.21125541e10 J over 168.0 h.
    week = "traces/opendc_surf_week"
    given = {
        "tasks": {"file": f"{week}/tasks.parquet"},
        "fragments": {"file": f"{week}/fragments.parquet"},
        "host_capacity": "33.6 GHz",
    }
    source = OpenDC.model_validate(given, context=DataFolders(public_data))
    jobs = source.read(0.0, lambda *name: stream(1, *name))
    host = node(cores=16, idle_w=32.0, peak_w=180.0)
    hall = Hall(fleet([host] * 279, racks=[index // 40 for index in range(279)]), jobs).run()
    assert hall.state.clock[0]["completed"] == len(jobs) == 6_295
    assert hall.end_s == 168.0 * 3600.0
    assert hall.energy_j == pytest.approx(1.21125541e10, abs=1e6)
    # Nobody waits, so what is held is the work and what is drawn follows from it.
    assert (hall.state.jobs["first_start_s"] == jobs.submit_s).all()
    assert hall.state.meters["integral"][layout.HELD_NODES] == pytest.approx(jobs.work_s.sum(), rel=1e-9)
    work_j = 148.0 * float(jobs.phase_work_s @ jobs.phase_activity)
    assert hall.energy_j == pytest.approx(279 * 32.0 * hall.end_s + work_j, rel=1e-9)
    assert_energy_is_whole(hall)
