"""What the host adds to a step: fitted to what kernels leave over, and kept in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from models.calibration.host_overhead import (
    ASSUMED,
    OTHER,
    HostOverhead,
    fit_host_overhead,
    host_overhead,
    write_host_overheads,
)


def test_an_overhead_that_was_put_in_is_found() -> None:
    random = np.random.default_rng(2)
    sequences = random.uniform(1, 256, 200)
    kernel_s = random.uniform(5e-3, 3e-2, 200)
    measured_s = kernel_s + 8e-4 + 2e-5 * sequences
    found = fit_host_overhead(kernel_s, sequences, measured_s, source="made up")
    assert found.step_s == pytest.approx(8e-4, rel=1e-4)
    assert found.sequence_s == pytest.approx(2e-5, rel=1e-4)
    assert (found.status, found.source) == ("fitted", "made up")


def test_one_odd_point_in_ten_moves_the_fit_little() -> None:
    random = np.random.default_rng(3)
    sequences, kernel_s = random.uniform(1, 64, 100), np.full(100, 1e-2)
    measured_s = kernel_s + 1e-3
    measured_s[::10] *= 3.0
    assert fit_host_overhead(kernel_s, sequences, measured_s, source="").step_s == pytest.approx(1e-3, rel=0.4)


def test_kernels_that_take_longer_than_the_step_leave_nothing_to_the_host() -> None:
    kernel_s = np.array([1e-2, 2e-2])
    found = fit_host_overhead(kernel_s, np.array([1.0, 2.0]), 0.8 * kernel_s, source="")
    assert found.step_s == pytest.approx(0.0, abs=1e-9)
    assert found.sequence_s == pytest.approx(0.0, abs=1e-9)


def test_overheads_are_written_as_they_are_read(tmp_path: Path) -> None:
    given = {OTHER: ASSUMED, "vllm": HostOverhead(1.5e-4, 3.3e-6, "fitted", "a long " * 20 + "source")}
    write_host_overheads(tmp_path / "host_overhead.yaml", given, provenance="Two\nlines.")
    text = (tmp_path / "host_overhead.yaml").read_text()
    assert text.startswith("# Two\n# lines.\n")
    read = YAML(typ="safe", pure=True).load(text)["frameworks"]
    assert {name: HostOverhead(**entry) for name, entry in read.items()} == given


def test_vllm_that_schedules_between_steps_waits_longer() -> None:
    assert host_overhead("vllm-0.13").step_s > host_overhead("vllm").step_s
