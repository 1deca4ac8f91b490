"""Progress in plain lines."""

from __future__ import annotations

import pytest

from simulator.terminal.progress import lines, progress


def said_at(times_s: list[float], shares: list[float]) -> list[str]:
    """The lines of a run of 1,000 jobs that has come so far at these times."""
    said: list[str] = []
    clock = iter([0.0])
    now_s = 0.0

    def time_s() -> float:
        return next(clock, now_s)

    told = lines("hall", time_s, said.append)
    for now_s, share in zip(times_s, shares, strict=True):  # noqa: B007 (read by the clock)
        told(86_400.0 * share, round(1_000 * share), 1_000)
    return said


def test_a_line_is_said_at_each_tenth() -> None:
    shares = [0.05, 0.1, 0.15, 0.19, 0.3, 0.35, 1.0]
    said = said_at([10.0 * step for step in range(1, 8)], shares)
    assert [line.split(",")[0] for line in said] == ["hall: 10 %", "hall: 30 %", "hall: 100 %"]
    assert said[0] == "hall: 10 %, 100 of 1,000 jobs, 0.1 d simulated"


def test_a_short_run_says_nothing() -> None:
    assert said_at([0.1, 0.5, 1.0], [0.3, 0.6, 1.0]) == []


def test_a_run_without_jobs_has_no_tenths() -> None:
    said: list[str] = []
    lines("hall", say=said.append)(10.0, 0, 0)
    assert said == []


def test_nobody_is_told_where_output_is_for_a_program() -> None:
    with progress("hall", quiet=True) as told:
        assert told is None
    with progress("hall") as told:
        assert told is not None


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress("hall", quiet=True) as told:
        assert told is not None
        told(86_400.0, 5, 10)
    assert "hall" in capsys.readouterr().err
