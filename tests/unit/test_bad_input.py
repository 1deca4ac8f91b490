"""Bad input, from the command line: what a person is told, one test a kind. No traceback, exit code 2."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import group

HALL = """\
start: 2023-01-01T00:00:00Z
fleet:
  groups:
    - {name: a, node: dgx-h100, count: 2}
workload:
  kind: list
  jobs:
    - {duration: 1 h, tasks: 2}
facility: {pue: 1.3}
"""
LISTED = "  kind: list\n  jobs:\n    - {duration: 1 h, tasks: 2}\n"
HEADER = "submit_s,duration_s,tasks\n"


def told(folder: Path, text: str, *arguments: str, verb: str = "run") -> list[str]:
    """The lines on standard error of a command that is refused, without the folder's name."""
    (folder / "hall.yaml").write_text(text)
    output = ["--output", str(folder / "results")] if verb == "run" else []
    outcome = CliRunner().invoke(group, [verb, str(folder / "hall.yaml"), *output, *arguments])
    assert outcome.exit_code == 2, outcome.output
    assert outcome.stdout == ""
    assert "Traceback" not in outcome.stderr
    assert not list(folder.glob("results/*/run.json"))
    return outcome.stderr.replace(f"{folder}/", "").splitlines()


def changed(old: str, new: str) -> str:
    """The good hall with a piece of it replaced."""
    assert HALL.count(old) == 1
    return HALL.replace(old, new)


def kpis(folder: Path, text: str, *arguments: str) -> dict[str, float]:
    """The figures of a run that succeeds."""
    (folder / "hall.yaml").write_text(text)
    command = ["run", str(folder / "hall.yaml"), "--json", "--output", str(folder / "results"), *arguments]
    outcome = CliRunner().invoke(group, command, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.stderr
    found: dict[str, float] = json.loads(outcome.stdout)["kpis"]
    return found


@pytest.mark.parametrize("verb", ["run", "validate", "check", "show"])
def test_an_unknown_key_is_named_with_the_nearest_whatever_the_verb(tmp_path: Path, verb: str) -> None:
    assert told(tmp_path, changed("name: a, node", "name: a, cuont: 2, node"), verb=verb) == [
        "hall.yaml:4:17: fleet.groups[0].cuont: is not a known key; allowed: name, node, rack, count, nodes_per_rack, "
        "in_service, retire_at, retire; nearest: 'count'"
    ]


def test_a_missing_unit_is_told_with_an_example(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("duration: 1 h", "duration: 3600"))
    assert line.startswith("hall.yaml:8:8: workload.jobs[0].duration: 3600 has no unit; a duration is written like '")


def test_a_wrong_dimension_is_told_by_its_name(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("duration: 1 h", "duration: 1 kWh"))
    assert line.startswith("hall.yaml:8:8: workload.jobs[0].duration: '1 kWh' is an energy, not a duration;")


def test_a_node_not_in_the_catalogue_names_the_nearest(tmp_path: Path) -> None:
    assert told(tmp_path, changed("dgx-h100", "dgx-h1oo")) == [
        "hall.yaml:4:17: fleet.groups[0].node: 'dgx-h1oo' is not in the catalogue; nearest: 'dgx-h100'"
    ]


def test_a_broken_line_of_a_trace_is_named_by_file_and_line(tmp_path: Path) -> None:
    fields = "1 0 -1 60 2 -1 -1 2 60 -1 1 1 1 1 1 -1 -1 -1"
    (tmp_path / "log.swf").write_text(f"; MaxNodes: 2\n{fields}\n{fields.replace('60', 'sixty', 1)}\n1 2 3\n")
    lines = told(tmp_path, changed(LISTED, "  kind: swf\n  file: log.swf\n"))
    assert [line.partition(" ")[0] for line in lines] == ["log.swf:3:", "log.swf:4:"]
    assert "'sixty'" in lines[0]


def test_a_broken_line_of_a_table_is_named_with_its_column(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(f"{HEADER}0,60,1\n5,sixty,1\n7,-3,1\n")
    lines = told(tmp_path, changed(LISTED, "  kind: csv\n  file: jobs.csv\n"))
    assert [line.partition(": '")[0] for line in lines] == ["jobs.csv:3: duration_s", "jobs.csv:4: duration_s"]


def test_jobs_of_a_trace_that_ask_for_more_than_the_hall_has_are_rejected_and_counted(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(f"{HEADER}0,60,1\n5,60,3\n7,60,2\n9,60,1000\n")
    found = kpis(tmp_path, changed(LISTED, "  kind: csv\n  file: jobs.csv\n"))
    counted = {name: found[name] for name in ("jobs_submitted", "jobs_completed", "jobs_rejected")}
    assert counted == {"jobs_submitted": 4, "jobs_completed": 2, "jobs_rejected": 2}


def test_a_job_wider_than_the_hall_is_rejected_and_said(tmp_path: Path) -> None:
    (tmp_path / "hall.yaml").write_text(changed("tasks: 2", "tasks: 3"))
    command = ["run", str(tmp_path / "hall.yaml"), "--output", str(tmp_path / "results")]
    outcome = CliRunner().invoke(group, command)
    assert outcome.exit_code == 0, outcome.stderr
    assert "1" in next(line for line in outcome.stdout.splitlines() if "jobs rejected" in line)
    assert any(line.startswith("note: ") and "reject" in line for line in outcome.stdout.splitlines())


def test_missing_hours_of_the_weather_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    write_weather(tmp_path / "weather.json", [hour for hour in range(48) if hour not in (7, 8, 30)])
    lines = told(tmp_path, HALL + "site: {weather: {kind: open-meteo, file: weather.json}}\n")
    assert lines == ["weather.json: 3 hours are missing, the first 2023-01-01T07:00Z; every hour must be given"]


@pytest.mark.parametrize("until", ["until: 3 d\n", ""])
def test_a_series_that_ends_before_the_run_is_refused(tmp_path: Path, until: str) -> None:
    hours = "".join(f"{time_text(hour)}Z,50\n" for hour in range(48))
    (tmp_path / "price.csv").write_text("time_utc,price_usd_per_mwh\n" + hours)
    text = changed("duration: 1 h", "duration: 60 h") + until + "site: {tariff: {kind: hourly, file: price.csv}}\n"
    (line,) = told(tmp_path, text)
    assert line.startswith("price.csv: energy_price: the series ends at 2023-01-03T00:00Z, before the run ends at ")
    assert "add 'repeat: year'" in line
    assert kpis(tmp_path, text.replace("60 h", "10 h").replace("3 d", "2 d"))["energy_cost_usd"] > 0.0


def test_an_empty_workload_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, changed(LISTED, "  kind: list\n  jobs: []\n")) == [
        "workload.jobs: the workload holds no job; at least one is needed"
    ]
    (tmp_path / "jobs.csv").write_text(HEADER)
    (line,) = told(tmp_path, changed(LISTED, "  kind: csv\n  file: jobs.csv\n"))
    assert line.startswith("jobs.csv: the workload holds no job;")


def test_a_negative_duration_is_refused(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("duration: 1 h", "duration: -1 h"))
    assert line.startswith("hall.yaml:8:8: workload.jobs[0].duration: '-1 h' is negative;")


@pytest.mark.parametrize("number", [".nan", ".inf", "1e999", "-.inf"])
def test_nan_and_infinity_are_refused(tmp_path: Path, number: str) -> None:
    assert told(tmp_path, changed("pue: 1.3", f"pue: {number}")) == [
        f"hall.yaml:9:17: facility.pue: '{number}' is not a finite number"
    ]
    assert told(tmp_path, HALL, "--set", f"facility.pue={number}") == [
        f"--set facility.pue: '{number}' is not a finite number"
    ]


@pytest.mark.parametrize("number", ["nan", "inf", "1e999"])
def test_nan_and_infinity_in_a_table_are_refused(tmp_path: Path, number: str) -> None:
    (tmp_path / "jobs.csv").write_text(f"{HEADER}0,{number},1\n")
    (line,) = told(tmp_path, changed(LISTED, "  kind: csv\n  file: jobs.csv\n"))
    assert line.startswith(f"jobs.csv:2: duration_s: '{number}' is not")


def test_a_scenario_file_that_is_not_there_is_named() -> None:
    outcome = CliRunner().invoke(group, ["run", "nowhere/hall.yaml"])
    assert (outcome.exit_code, outcome.stderr) == (2, "nowhere/hall.yaml: there is no file 'nowhere/hall.yaml'\n")


def test_a_data_file_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed(LISTED, "  kind: csv\n  file: jobs.csv\n"), "--data-root", str(tmp_path))
    assert line.startswith("hall.yaml:5:1: workload: there is no file 'jobs.csv' in '")


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    (line,) = told(tmp_path, "\n".join(levels))
    assert "stands for more than 100000 values, aliases counted" in line


def test_a_folder_that_can_not_be_written_is_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lines = told(tmp_path, HALL, "--output", str(tmp_path / "file" / "results"))
    assert len(lines) == 1
    assert lines[0].startswith("--output: results can not be written into 'file/results': ")


def time_text(hour: int) -> str:
    """An hour of January 2023 as ISO text, without zone."""
    return (datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M")


def write_weather(path: Path, hours: list[int]) -> None:
    """Write an Open-Meteo file with these hours of January 2023."""
    constants = {
        "temperature_2m": 5.0,
        "relative_humidity_2m": 60,
        "surface_pressure": 1000.0,
        "dew_point_2m": -2.0,
        "wind_speed_10m": 3.0,
        "wet_bulb_temperature_2m": 2.0,
        "shortwave_radiation": 0.0,
    }
    units = {"temperature_2m": "°C", "relative_humidity_2m": "%", "surface_pressure": "hPa", "dew_point_2m": "°C"}
    units |= {"wind_speed_10m": "m/s", "wet_bulb_temperature_2m": "°C", "shortwave_radiation": "W/m²"}
    hourly = {"time": [time_text(hour) for hour in hours]}
    filled = {name: [value] * len(hours) for name, value in constants.items()}
    place = {"latitude": 39.0, "longitude": -77.5, "elevation": 90.0, "utc_offset_seconds": 0, "timezone": "GMT"}
    path.write_text(json.dumps({**place, "hourly_units": {"time": "iso8601", **units}, "hourly": {**hourly, **filled}}))
