"""Loading a scenario: what comes out, and one test for each kind of bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.facility import Facility
from models.problems import InputError
from models.workload.listed import JobList
from simulator.scenario.loading import LoadedScenario, load_every, load_scenario, resolved_yaml
from simulator.scenario.scenario import Scenario

GOOD = """\
start: 2023-01-01T00:00:00Z
until: 30 d
fleet:
  groups:
    - {name: batch, node: box, count: 6}
    - name: training
      node: dgx-h100
      count: 2
workload:
  kind: list
  jobs:
    - {duration: 1 h, tasks: 2}
facility: {pue: 1.3}
site:
  tariff: {kind: flat, price: 62 USD/MWh}
nodes:
  box:
    cpu_cores: 32
    memory: 256 GiB
    power:
      parts:
        - {name: cpu, follows: processor, idle_power: 32 W, peak_power: 180 W}
overrides:
  small: {fleet: {groups: [{name: batch, node: box, count: 1}]}}
  broken: {facility: {pue: 0.5}}
scenarios:
  tiny: [small]
  bad: [broken]
"""


def written(folder: Path, text: str, name: str = "hall.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text)
    return path


def changed(old: str, new: str) -> str:
    """The good scenario with a piece of it replaced."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def told(folder: Path, text: str, **options: Any) -> list[str]:
    """What a person is told, a line a problem, without the folder."""
    path = written(folder, text)
    with pytest.raises(InputError) as caught:
        load_scenario(path, **options)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def loaded(folder: Path, text: str = GOOD, **options: Any) -> LoadedScenario:
    """The scenario of this text."""
    return load_scenario(written(folder, text), **options)


def test_a_good_file_gives_a_scenario(tmp_path: Path) -> None:
    scenario = loaded(tmp_path).scenario
    assert scenario.name == "hall"
    assert scenario.start == datetime(2023, 1, 1, tzinfo=UTC)
    assert scenario.start_utc_s == 1_672_531_200.0
    assert scenario.until == 2_592_000.0
    assert isinstance(scenario.workload, JobList)
    assert scenario.scheduling.model_dump()["kind"] == "fcfs"
    assert scenario.placement.model_dump()["kind"] == "first-fit"
    assert scenario.results.interval == 3600.0


def test_a_named_scenario_and_sets_are_applied(tmp_path: Path) -> None:
    found = loaded(tmp_path, scenario="tiny", sets=["fleet.groups[0].count=3", "seed=5"])
    assert [node.name for node in found.scenario.named_nodes().nodes] == ["batch-0", "batch-1", "batch-2"]
    assert found.scenario.seed == 5
    assert found.named == ("tiny", "bad")


def test_the_files_read_are_named_with_their_digest(tmp_path: Path) -> None:
    base = written(tmp_path, GOOD, "base.yaml")
    found = loaded(tmp_path, "extends: base.yaml\nseed: 3\n")
    assert list(found.files) == [str(tmp_path / "hall.yaml"), str(base)]
    assert all(len(digest) == 64 for digest in found.files.values())


def test_a_value_knows_the_file_and_line_that_won(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "base.yaml")
    positions = loaded(tmp_path, "extends: base.yaml\nfacility:\n  pue: 1.1\n").positions
    where = [getattr(positions.find(*path), "where", "") for path in (("facility", "pue"), ("until",))]
    assert [place.removeprefix(f"{tmp_path}/") for place in where] == ["hall.yaml:3:3", "base.yaml:2:1"]


def test_a_resolved_scenario_loads_as_an_equal_one(tmp_path: Path) -> None:
    first = loaded(
        tmp_path, changed("start:", "description: '0x1F'\nname: 'true'\nexpect: {jobs_completed: 1}\nstart:")
    )
    again = load_scenario(written(tmp_path, resolved_yaml(first), "resolved.yaml"))
    assert again.scenario == first.scenario
    assert again.tree == first.tree
    assert first.scenario.name == "true"


def test_the_tree_of_a_scenario_is_plain(tmp_path: Path) -> None:
    tree = loaded(tmp_path).tree
    assert json.loads(json.dumps(tree)) == tree
    assert tree["until"] == "30 d"
    assert tree["start"] == "2023-01-01T00:00:00+00:00"


def test_data_files_are_found_and_listed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", "datetime,price\n", "price.csv")
    text = changed("{kind: flat, price: 62 USD/MWh}", "{kind: hourly, file: price.csv}")
    found = loaded(tmp_path, text, data_root=tmp_path / "data")
    assert found.data_files() == ((tmp_path / "data" / "price.csv").resolve(),)


def test_an_unknown_key_lists_the_known_and_names_the_nearest(tmp_path: Path) -> None:
    (unknown,) = told(tmp_path, changed("facility: {pue: 1.3}", "facility: {puee: 1.3}"))
    keys = ", ".join(Facility.model_fields)
    assert unknown == f"hall.yaml:13:12: facility.puee: is not a known key; allowed: {keys}; nearest: 'pue'"


def test_a_missing_section_is_told_at_the_top(tmp_path: Path) -> None:
    assert told(tmp_path, changed("facility: {pue: 1.3}\n", "")) == [
        "hall.yaml:1:1: facility: is missing: what the building needs besides its computers"
    ]


def test_a_missing_unit_is_told_with_an_example(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("peak_power: 180 W", "peak_power: 180"))
    assert line.startswith(
        "hall.yaml:22:61: nodes.box.power.parts[0].peak_power: 180 has no unit; a power is written like '700 W'"
    )


def test_a_wrong_dimension_is_told_by_its_name(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("until: 30 d", "until: 30 kWh"))
    assert line.startswith("hall.yaml:2:1: until: '30 kWh' is an energy, not a duration; a duration is written like")


def test_a_negative_duration_is_refused(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("duration: 1 h", "duration: -1 h"))
    assert line.startswith("hall.yaml:12:8: workload.jobs[0].duration: '-1 h' is negative; a duration is written like")


def test_a_node_not_in_the_catalogue_names_the_nearest(tmp_path: Path) -> None:
    assert told(tmp_path, changed("node: dgx-h100", "node: dgx-h1oo")) == [
        "hall.yaml:7:7: fleet.groups[1].node: 'dgx-h1oo' is not in the catalogue; nearest: 'dgx-h100'"
    ]
    assert told(tmp_path, changed("node: box, count: 6", "node: bax, count: 6")) == [
        "hall.yaml:5:21: fleet.groups[0].node: 'bax' is not in the catalogue; nearest: 'box'"
    ]


def test_a_node_unlike_any_other_is_answered_with_where_to_look(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("node: box, count: 6", "node: q, count: 6"))
    assert line.endswith("is not in the catalogue; see `datahall catalog list`, or describe it under 'nodes'")


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf"])
def test_nan_and_infinity_are_refused_and_told_once(tmp_path: Path, number: str) -> None:
    assert told(tmp_path, changed("pue: 1.3", f"pue: {number}")) == [
        f"hall.yaml:13:17: facility.pue: '{number}' is not a finite number"
    ]


def test_a_quoted_nan_is_no_number_either(tmp_path: Path) -> None:
    assert told(tmp_path, changed("pue: 1.3", "pue: 'nan'")) == [
        "hall.yaml:13:12: facility.pue: 'nan'; allowed: a finite number"
    ]


def test_a_wrong_kind_lists_the_kinds(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("kind: list", "kind: lsit"))
    assert line.startswith("hall.yaml:10:3: workload.kind: 'lsit' is not one of ")
    assert line.endswith("; nearest: 'list'")
    (line,) = told(tmp_path, changed("{kind: flat,", "{kind: flta,"))
    assert line == "hall.yaml:15:12: site.tariff.kind: 'flta' is not one of flat, hourly, time-of-use; nearest: 'flat'"


def test_a_missing_kind_lists_the_kinds(tmp_path: Path) -> None:
    assert told(tmp_path, changed("{kind: flat, price: 62 USD/MWh}", "{price: 62 USD/MWh}")) == [
        "hall.yaml:15:3: site.tariff.kind: is missing; allowed: flat, hourly, time-of-use"
    ]


def test_a_fleet_without_kind_is_of_groups_and_says_so_of_its_keys(tmp_path: Path) -> None:
    told_of = told(tmp_path, changed("  groups:\n    - {name: batch", "  pods:\n    - {name: batch"))
    assert "hall.yaml:4:3: fleet.pods: is not a known key; allowed: kind, groups" in told_of


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("pue: 1.3", "pue: 0.9", "hall.yaml:13:12: facility.pue: 0.9; allowed: 1.0 or more"),
        ("pue: 1.3", "pue: high", "hall.yaml:13:12: facility.pue: 'high'; allowed: a number"),
        ("{pue: 1.3}", "high", "hall.yaml:13:1: facility: 'high'; allowed: a mapping with the keys pue"),
        ("{pue: 1.3}", "", "hall.yaml:13:1: facility: is empty; allowed: a mapping with the keys pue"),
        ("count: 2", "count: 1.5", "hall.yaml:8:7: fleet.groups[1].count: 1.5; allowed: a whole number"),
        ("count: 2", "count: 0", "hall.yaml:8:7: fleet.groups[1].count: 0; allowed: above 0"),
        (
            "count: 2",
            "rack: gb200",
            "hall.yaml:8:7: fleet.groups[1].rack: 'gb200' is not in the catalogue of racks; nearest",
        ),
        ("count: 2", "count: 2\n      name: t", "hall.yaml:9:7: fleet.groups[1].name: is given twice"),
        ("until: 30 d", "until: 0 s", "hall.yaml:2:1: until: '0 s'; allowed: above 0 s"),
        ("until: 30 d", "seed: -1", "hall.yaml:2:1: seed: -1; allowed: 0 or more"),
        ("until: 30 d", "name: [a]", "hall.yaml:2:1: name: a list; allowed: a text (put it in quotes)"),
        ("until: 30 d", "events: {}", "hall.yaml:2:1: events: a mapping; allowed: a list"),
        (
            "until: 30 d",
            "results: {change_points: 7}",
            "hall.yaml:2:11: results.change_points: 7; allowed: true or false",
        ),
        ("until: 30 d", "expect: [1]", "hall.yaml:2:1: expect: a list; allowed: a mapping of names to values"),
        ("kind: list", "kind: [a]", "hall.yaml:10:3: workload.kind: a list is not one of "),
        (
            "follows: processor",
            "follows: x",
            "hall.yaml:22:23: nodes.box.power.parts[0].follows: 'x' is not one of acc",
        ),
        ("  box:", "  dgx-h100:", "hall.yaml:16:1: nodes: the catalogue has dgx-h100 already; choose another name"),
        ("name: training", "name: batch", "hall.yaml:3:1: fleet: group names must differ; given twice: batch"),
    ],
)
def test_a_refused_value_is_told_in_plain_words(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert any(said.startswith(line) for said in told(tmp_path, changed(old, new)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2023-01-01T00:00:00", "'2023-01-01T00:00:00' has no zone; write it like 2023-01-01T00:00:00Z"),
        ("2023-01-01", "'2023-01-01' has no zone;"),
        ("tomorrow", "'tomorrow' is not a time; write it like 2023-01-01T00:00:00Z"),
        ("1672531200", "'1672531200' is not a time;"),
    ],
)
def test_a_start_carries_its_zone(tmp_path: Path, given: str, said: str) -> None:
    (line,) = told(tmp_path, changed("start: 2023-01-01T00:00:00Z", f"start: {given}"))
    assert line.startswith(f"hall.yaml:1:1: start: {said}")


def test_a_start_in_another_zone_is_the_same_instant(tmp_path: Path) -> None:
    text = changed("start: 2023-01-01T00:00:00Z", "start: 2023-01-01T01:00:00+01:00")
    assert loaded(tmp_path, text).scenario.start_utc_s == 1_672_531_200.0


def test_a_data_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("{kind: flat, price: 62 USD/MWh}", "{kind: hourly, file: no.csv}"))
    assert line.startswith("hall.yaml:15:3: site.tariff: there is no file 'no.csv' in ")


def test_a_scenario_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no file '.*none.yaml'"):
        load_scenario(tmp_path / "none.yaml")


def test_every_problem_of_a_file_is_told_at_once_in_its_order(tmp_path: Path) -> None:
    text = changed("until: 30 d", "until: 30").replace("count: 6", "count: six").replace("dgx-h100", "dgx-h1oo")
    text = text.replace("pue: 1.3", "pue: .nan").replace("price: 62", "pryce: 62").replace("180 W", "180 V")
    places = [line.partition(" ")[0] for line in told(tmp_path, text, sets=["seed=-1", "sede=4"], scenario="x")]
    assert places == [
        "--scenario:",
        "--set",
        "--set",
        "hall.yaml:2:1:",
        "hall.yaml:5:32:",
        "hall.yaml:7:7:",
        "hall.yaml:13:17:",
        "hall.yaml:15:3:",
        "hall.yaml:15:24:",
        "hall.yaml:22:61:",
    ]


def test_a_bad_set_is_told_by_its_path(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD, sets=["facility.puee=1.2", "fleet.groups[9].count=1"]) == [
        f"--set facility.puee: is not a known key; allowed: {', '.join(Facility.model_fields)}; nearest: 'pue'",
        "--set fleet.groups[9].count: 'fleet.groups' has no entry 9; allowed: 0 to 1",
    ]


def test_a_problem_of_a_base_is_told_there(tmp_path: Path) -> None:
    written(tmp_path, changed("pue: 1.3", "pue: 0.9"), "base.yaml")
    assert told(tmp_path, "extends: base.yaml\nseed: -1\n") == [
        "base.yaml:13:12: facility.pue: 0.9; allowed: 1.0 or more",
        "hall.yaml:2:1: seed: -1; allowed: 0 or more",
    ]


def test_a_problem_of_an_override_is_told_where_the_override_stands(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD, scenario="bad") == ["hall.yaml:25:23: facility.pue: 0.5; allowed: 1.0 or more"]


def test_an_event_names_a_group_of_the_fleet(tmp_path: Path) -> None:
    text = changed("until: 30 d", "events: [{kind: retire, at: 1 d, group: bach}]")
    (line,) = told(tmp_path, text)
    assert line.startswith(
        "hall.yaml:2:34: events[0].group: 'bach' is not a group of the fleet; allowed: batch, training"
    )
    assert line.endswith("; nearest: 'batch'")


def test_a_value_that_stands_for_a_section_is_told_at_its_key(tmp_path: Path) -> None:
    (line,) = told(tmp_path, changed("memory: 256 GiB", "memory: 256"))
    assert line.startswith(
        "hall.yaml:19:5: nodes.box.memory: 256 has no unit; an amount of data is written like '80 GB'"
    )


def test_names_are_checked_in_scenarios_made_in_python(tmp_path: Path) -> None:
    tree = dict(loaded(tmp_path).tree)
    fleet = {"groups": [{"name": "a", "node": "dgx-h1oo", "count": 1}]}
    with pytest.raises(ValueError, match="'dgx-h1oo' is not in the catalogue"):
        Scenario.model_validate({**tree, "fleet": fleet})
    events = [{"kind": "retire", "at": "1 d", "group": "bach"}]
    with pytest.raises(ValueError, match="'bach' is not a group of the fleet"):
        Scenario.model_validate({**tree, "events": events})


def test_loading_imports_nothing_heavy(tmp_path: Path) -> None:
    heavy = ("pandas", "numpy", "pyomo", "numba", "matplotlib", "scipy", "simpy", "pvlib", "pyarrow")
    code = (
        "import sys; from simulator.scenario.loading import load_scenario, resolved_yaml\n"
        "from simulator.scenario.schema import json_schema\n"
        "resolved_yaml(load_scenario(sys.argv[1])); json_schema()\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(written(tmp_path, GOOD))]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_every_named_scenario_is_loaded(tmp_path: Path) -> None:
    found = load_every(written(tmp_path, changed("pue: 0.5", "pue: 1.5")))
    assert {name: one.scenario.facility.pue for name, one in found.items()} == {"": 1.3, "tiny": 1.3, "bad": 1.5}


def test_problems_of_named_scenarios_are_told_with_those_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_every(written(tmp_path, changed("count: 2", "count: 0")))
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "hall.yaml:8:7: fleet.groups[1].count: 0; allowed: above 0",
        "hall.yaml:25:23: facility.pue: 0.5; allowed: 1.0 or more",
    ]
