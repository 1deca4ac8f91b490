"""Loading a plan file: what comes out, and where its faults are told."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.problems import InputError, Problem
from plan_text import PLAN, changed
from simulator.scenario.examples import example_path, plan_names
from simulator.scenario.loading import load_scenario
from simulator.scenario.plan_file import load_every_plan, load_plan, resolved_plan_yaml
from simulator.scenario.reading import is_plan_file

VARIANTS = """\
overrides:
  dear: {plan: {skus: {h100: {price: 460 kUSD}}}}
  broken: {plan: {quarters: 0}}
scenarios:
  dear nodes: [dear]
  bad: [broken]
"""


def written(folder: Path, text: str, name: str = "growth.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text)
    return path


def told(folder: Path, text: str, *sets: str) -> list[str]:
    """What is said of a file, without the folder's name."""
    with pytest.raises(InputError) as refused:
        load_plan(written(folder, text), sets=sets)
    return str(refused.value).replace(f"{folder}/", "").splitlines()


def test_a_good_file_gives_a_plan_that_is_named_and_begins_like_its_file(tmp_path: Path) -> None:
    loaded = load_plan(written(tmp_path, PLAN))
    assert loaded.plan_file.name == "growth"
    assert loaded.plan_file.begins == datetime(2027, 1, 1, tzinfo=UTC)
    assert loaded.plan_file.plan.skus["h100"].price == 230_000.0
    assert list(loaded.files) == [str(tmp_path / "growth.yaml")]
    assert loaded.tree["plan"]["sites"]["plains"]["spare_modules"] == 0


def test_the_resolved_plan_is_read_as_the_same_plan(tmp_path: Path) -> None:
    loaded = load_plan(written(tmp_path, PLAN))
    again = load_plan(written(tmp_path, resolved_plan_yaml(loaded), "again.yaml"))
    assert again.plan_file == loaded.plan_file


def test_overlays_change_a_plan_as_they_change_a_scenario(tmp_path: Path) -> None:
    base = written(tmp_path, PLAN + VARIANTS)
    own = written(tmp_path, "extends: growth.yaml\nname: more\nplan: {quarters: 6}\n", "more.yaml")
    dear = load_plan(base, scenario="dear nodes", sets=["seed=3"]).plan_file
    assert (dear.plan.skus["h100"].price, dear.seed) == (460_000.0, 3)
    assert load_plan(own).plan_file.plan.quarters == 6
    with pytest.raises(InputError, match=r"growth\.yaml:39:19: plan\.quarters: 0; allowed: 1 or more"):
        load_every_plan(base)


def test_a_module_whose_facility_changes_its_kind_keeps_nothing_of_the_old_one(tmp_path: Path) -> None:
    cooled = "{cooling: {air: {kind: none}}, power: {ups: {kind: none}}}"
    text = f"{PLAN}overrides:\n  cooled: {{plan: {{modules: {{air: {{facility: {cooled}}}}}}}}}\n"
    with pytest.raises(InputError) as refused:
        load_plan(written(tmp_path, text), overrides=["cooled"])
    assert "pue" not in str(refused.value)


def test_which_files_are_plans(tmp_path: Path) -> None:
    base = written(tmp_path, PLAN)
    assert is_plan_file(base)
    assert is_plan_file(written(tmp_path, "extends: growth.yaml\n", "more.yaml"))
    assert not is_plan_file(written(tmp_path, "fleet: {}\n", "hall.yaml"))


def test_plan_and_scenario_say_what_to_use_instead(tmp_path: Path) -> None:
    plan, hall = written(tmp_path, PLAN), written(tmp_path, "fleet: {}\n", "hall.yaml")
    with pytest.raises(InputError, match=r"growth\.yaml:1:1: plan: .* not a scenario; `datahall plan .*` solves it"):
        load_scenario(plan)
    with pytest.raises(InputError, match=r"hall\.yaml:1:1: plan: is missing: .* `datahall run .*` simulates it"):
        load_plan(hall)


def test_no_demand_is_refused(tmp_path: Path) -> None:
    without, _, _ = PLAN.partition("  demand:")
    assert told(tmp_path, without) == ["growth.yaml:1:1: plan.demand: is missing: what is to be served"]
    assert told(tmp_path, f"{without}  demand: {{}}\n") == [
        "growth.yaml:32:3: plan.demand: has 0 entries; allowed: at least 1"
    ]


def test_tokens_a_second_alone_are_no_demand(tmp_path: Path) -> None:
    without, _, _ = PLAN.partition("    experiments:")
    lines = told(tmp_path, f"{without}    chat: {{kind: serving, tokens_per_s: 1000, stated: {{h100: 1}}}}\n")
    assert any("plan.demand.chat.tokens_per_s: is not a known key" in line for line in lines)
    assert any("plan.demand.chat.requests_per_s: is missing" in line for line in lines)


@pytest.mark.parametrize("key", ["supply: 10", "lead_quarters: 1\n      price: 230", "capacity: 500 kW", "quarters: 4"])
def test_a_number_that_is_missing_is_asked_for(tmp_path: Path, key: str) -> None:
    name, value = key.partition(":")[0], key.partition("\n")[0]
    left_out = told(tmp_path, changed(key, key.replace(value, "#", 1)))
    assert any(f"{name}: is missing" in line for line in left_out)
    empty = told(tmp_path, changed(key, key.replace(value, f"{name}:", 1)))
    assert any(re.search(f"{name}: (is|an) empty", line) for line in empty)
    nan = told(tmp_path, changed(key, key.replace(value, f"{name}: .nan", 1)))
    assert any("'.nan' is not a finite number" in line for line in nan)


def test_what_sections_say_of_each_other_is_told_where_each_key_stands(tmp_path: Path) -> None:
    text = changed("site: plains, sku: h100", "site: plain, sku: h1oo").replace(
        "exists: {plains: 1}", "exists: {fjord: 1}"
    )
    assert told(tmp_path, text) == [
        "growth.yaml:18:8: plan.existing[0].site: there is no site 'plain'; allowed: plains; nearest: 'plains'",
        "growth.yaml:18:21: plan.existing[0].sku: there is no SKU 'h1oo'; allowed: h100",
        "growth.yaml:29:7: plan.modules.air.exists: there is no site 'fjord'; allowed: plains",
    ]


def test_a_lead_time_beyond_the_horizon_is_refused(tmp_path: Path) -> None:
    text = changed("lead_quarters: 1\n      most: 3\n      exists: {plains: 1}", "lead_quarters: 4\n      most: 3")
    assert told(tmp_path, text) == [
        "growth.yaml:27:7: plan.modules.air.lead_quarters: 4 quarters end after the last, 2027-Q4"
    ]
    none_stand = PLAN.replace("    - {site: plains, sku: h100, count: 8, age_quarters: 2}\n", "    []\n")
    assert told(tmp_path, none_stand, "plan.skus.h100.lead_quarters=4") == [
        "--set plan.skus.h100.lead_quarters: 4 quarters end after the last, 2027-Q4"
    ]


def test_what_a_shorter_horizon_cuts_off_is_noted(tmp_path: Path) -> None:
    sets = ["plan.quarters=2", "plan.skus.h100.released=2027-Q2", "plan.budget={2028-Q1: 1 USD}"]
    beyond = "lies beyond the plan's last quarter, 2027-Q2, and is not used"
    assert load_plan(written(tmp_path, PLAN), sets=sets).plan_file.notes[-4:] == (
        f"plan.budget: 2028-Q1 {beyond}",
        f"plan.sites.plains.grid: 2027-Q3 {beyond}",
        f"plan.demand.experiments.accelerator_hours: 2027-Q3 {beyond}",
        "plan.skus.h100.released: what is ordered in 2027-Q2 serves after the plan's last quarter, 2027-Q2; it is not "
        "bought",
    )


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("2027-Q3: 2 MW", "2072-Q1: 2 MW", "plains.grid: 2072-Q1 lies beyond the plan's last quarter, 2027-Q4"),
        ("supply: 10", "supply: {2028-Q1: 10}", "plan.skus.h100.supply: 2028-Q1 lies beyond the plan's last quarter"),
        ("2027-Q3: 160000", "2028-Q1: 1, 2028-Q3: 2", "accelerator_hours: 2028-Q1, 2028-Q3 lie beyond the plan's last"),
        ("2027-Q1: 60000, ", "", "experiments.accelerator_hours: begins in 2027-Q3; before it nothing is asked for"),
        ("nodes_per_rack: 4", "nodes_per_rack: 9", "a rack of 'air' powers 7 of its 9: a node is provisioned with 8.4"),
    ],
)
def test_what_is_no_fault_but_may_be_a_slip_is_noted(tmp_path: Path, old: str, new: str, note: str) -> None:
    notes = load_plan(written(tmp_path, changed(old, new))).plan_file.notes
    assert [each for each in notes if note in each]


def test_what_a_plan_file_says_wrongly_by_itself_is_told_before_any_figure(tmp_path: Path) -> None:
    gang = "    run: {kind: training, tokens: 1e11, accelerators: 60, by: 2027-Q4, model: llama-3.1-8b, layout: "
    text = PLAN + gang + "{tensor: 8, global_batch: 64, sequence: 8192}}\n  caps: {co2: 3 t, cost: 3 kg, carbon: 3 t}\n"
    allowed = "allowed: cost, carbon, water, risk, slo-shortfall"
    assert told(tmp_path, text, "plan.objective=costs") == [
        f"--set plan.objective: 'costs' is no objective; {allowed}; nearest: 'cost'",
        "growth.yaml:6:7: plan.sites.plains.site.carbon: is missing: carbon counts in this plan, and no grid is free "
        "of it by default",
        "growth.yaml:37:5: plan.demand.run: runs on no SKU: h100: 60 do not make whole nodes of 8 accelerators each",
        f"growth.yaml:38:10: plan.caps.co2: 'co2' is no objective; {allowed}",
        "growth.yaml:38:20: plan.caps.cost: '3 kg' is a mass, not an amount of money; an amount of money is written "
        "like '11.7 MUSD'; units: USD, kUSD, MUSD, GUSD",
    ]
    (_, line, _, _) = told(tmp_path, text.replace("tensor: 8", "tensor: 7"), "plan.demand.run.accelerators=64")
    assert "plan.demand.run: runs on no SKU: h100: 32 heads are not divisible by 7" in line


def test_probabilities_that_do_not_sum_to_one_are_refused(tmp_path: Path) -> None:
    futures = "  futures: [{name: a, probability: 0.6}, {name: b, probability: 0.3}]\n"
    assert told(tmp_path, PLAN + futures) == [
        "growth.yaml:37:3: plan.futures: probabilities sum up to 0.9; they must sum up to 1"
    ]


def test_a_node_type_must_be_known(tmp_path: Path) -> None:
    assert told(tmp_path, changed("node: dgx-h100", "node: dgx-h1oo")) == [
        "growth.yaml:11:7: plan.skus.h100.node: 'dgx-h1oo' is not in the catalogue; nearest: 'dgx-h100'"
    ]
    own = "nodes:\n  box: {accelerator: {name: GPU}, accelerators: 8, cpu_cores: 8, memory: 1 TB, "
    own += "power: {parts: [{name: all, count: 8, follows: accelerator, idle_power: 100 W, peak_power: 1 kW}]}}\n"
    assert load_plan(written(tmp_path, changed("node: dgx-h100", "node: box") + own)).plan_file.nodes.keys() == {"box"}


def test_a_plan_starts_with_its_first_quarter(tmp_path: Path) -> None:
    (line,) = told(tmp_path, f"start: 2027-02-01T00:00:00Z\n{PLAN}")
    assert line.startswith("growth.yaml:1:1: start: is 2027-02-01T00:00:00+00:00, but 2027-Q1 begins at 2027-01-01")


def test_expected_decisions_name_what_the_plan_has(tmp_path: Path) -> None:
    keys = ["plain.mode", "plains.moode", "plains.nodes.h200@2027-Q1", "plains.nodes.h100@2026-Q4", "plains.mode"]
    listed = "".join(f"    {key}: 3\n" for key in keys)
    lines = told(tmp_path, f"{PLAN}expect:\n  decisions:\n{listed}")
    assert [line.partition(": ")[0] for line in lines] == [f"growth.yaml:{number}:5" for number in (39, 40, 41, 42)]


def test_what_is_found_later_is_placed_at_its_key(tmp_path: Path) -> None:
    loaded = load_plan(written(tmp_path, PLAN))
    (problem,) = loaded.placed([Problem("", "plan.skus.h100.price", "is dear")])
    assert str(problem) == f"{tmp_path}/growth.yaml:16:7: plan.skus.h100.price: is dear"


@pytest.mark.parametrize("name", plan_names())
def test_a_plan_that_comes_with_datahall_is_valid_and_expects_something(name: str) -> None:
    found = load_every_plan(example_path(name))
    assert found[""].plan_file.name == name
    assert found[""].plan_file.expect is not None
    assert len(found[""].plan_file.description) > 20


def test_a_plan_file_is_read_without_anything_that_computes(tmp_path: Path) -> None:
    code = f"""
import sys
from simulator.scenario.plan_file import load_plan
load_plan({str(written(tmp_path, PLAN))!r})
print(*[name for name in ("numpy", "pandas", "scipy", "pyomo", "highspy", "numba", "simpy") if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "\n"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("first_quarter: 2027-Q1", "first_quarter: 9999-Q4", "'9999-Q4' is no quarter to plan for; allowed: 2000-Q1"),
        ("2027-Q3: 160000", "2027-Q3: 1e300", "accelerator_hours.2027-Q3: 1e+300; allowed: 1e+12 or less"),
        ("supply: 10", f"supply: {10**30}", f"plan.skus.h100.supply: {10**30}; allowed: 1000000 or less"),
        (
            "  demand:\n", "  futures: [{name: a, probability: 1.0, demand_factor: 1e300}]\n  demand:\n",
            "plan.futures[0].demand_factor: 1e+300; allowed: 1000.0 or less",
        ),
        (
            "  demand:\n", "  front: {objectives: [cost, cost]}\n  demand:\n",
            "plan.front.objectives: names cost more than once; allowed: each objective once",
        ),
        (
            "  demand:\n", "  proof: {quarters: [3, 9]}\n  demand:\n",
            "plan.proof.quarters[1]: 9; allowed: 0 to 3, positions in the plan",
        ),
        (
            "shifts: [{technicians: 1}]}}",
            "shifts: [{technicians: 1}]}, spares: {gpu: {per_100_nodes: 1e12, price: 1 USD}}}",
            "plan.maintenance.lean.spares.gpu.per_100_nodes: 1000000000000.0; allowed: 1000.0 or less",
        ),
        (
            "shifts: [{technicians: 1}]", "shifts: [{technicians: 2000000}]",
            "plan.maintenance.lean.crew.shifts[0].technicians: 2000000; allowed: 10000 or less",
        ),
        (
            "  demand:\n", "  proof: {replicas: 1000000}\n  demand:\n",
            "plan.proof.replicas: 1000000; allowed: 1000 or less",
        ),
        ("  demand:\n", "  proof: {quarters: []}\n  demand:\n", "plan.proof.quarters: has 0 entries"),
    ],
)  # fmt: skip
def test_what_lies_outside_the_plan_or_beyond_any_fleet_is_refused(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    (said,) = told(tmp_path, changed(old, new))
    assert line in said
    assert re.match(r"growth\.yaml:[0-9]+:[0-9]+: ", said)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("price: 230 kUSD", "price: 230 kW", "16:7: plan.skus.h100.price: '230 kW' is a power, not an amount of money"),
        ("price: 230 kUSD", "price: {2027-Q1: -2 USD}", "16:15: plan.skus.h100.price.2027-Q1: '-2 USD' is negative"),
        ("price: 230 kUSD", "price: {}", "16:7: plan.skus.h100.price: give at least one quarter"),
        ("supply: 10", "supply: {2027-Q1: -3}", "14:16: plan.skus.h100.supply.2027-Q1: -3; allowed: 0 or more"),
        ("supply: 10", "supply: 1.5", "14:7: plan.skus.h100.supply: 1.5; allowed: a whole number"),
        ("2027-Q3: 2 MW", "2027-Q5: 2 MW", "7:29: plan.sites.plains.grid.2027-Q5: '2027-Q5' is no quarter"),
    ],
)
def test_a_bad_value_of_a_curve_is_told_once_and_as_what_it_was_written_as(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    (said,) = told(tmp_path, changed(old, new))
    assert said.startswith(f"growth.yaml:{line}")
    assert "mapping" not in said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("price: 230 kUSD", "price: [230 kUSD, 220 kUSD]"),
        ("supply: 10", "supply: [10, 12]"),
        ("supply: 10", "supply: many"),
        ("  demand:\n", "  budget: plenty\n  demand:\n"),
    ],
)
def test_where_a_curve_may_stand_a_wrong_value_is_told_how_one_is_written(tmp_path: Path, old: str, new: str) -> None:
    (said,) = told(tmp_path, changed(old, new))
    assert said.endswith(
        "or one such value for each of some quarters, which holds until the next: {2027-Q1: ..., 2027-Q3: ...}"
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("kind: batch\n", "kind: batch\n      security: []\n", "security: an empty list; allowed: levels of"),
        ("grid: {2027-Q1: 1 MW, 2027-Q3: 2 MW}", "grid: 3", "plan.sites.plains.grid: 3 has no unit"),
        ("price: 230 kUSD", "price: 2027-Q1", "plan.skus.h100.price: '2027-Q1' is not an amount of money"),
        ("stated: {h100: {speed: 1}}", "stated: {h100: {speed: 0}}", "stated.h100.speed: 0; allowed: "),
        ("stated: {h100: {speed: 1}}", "stated: {b200: {speed: 1}}", "there is no SKU 'b200'; allowed: h100"),
        ("rack_power: 60 kW", "rack_power: 1 kW", "no rack of a module for air may have more than 1 kW"),
        ("quarters: 4", "quarters: 4\n  discount_rate: .nan", "plan.discount_rate: "),
        ("quarters: 4", "quarters: 4\n  discount_rate: -0.1", "plan.discount_rate: -0.1; allowed: 0.0 or more"),
        ("  skus:\n", "    plains: {grid: 1 MW}\n  skus:\n", "plan.sites.plains: is given twice; first at "),
        ("count: 8", "count: 0", "plan.existing[0].count: 0; allowed: 1 or more"),
    ],
)  # fmt: skip
def test_slips_of_the_pen_are_told_at_their_line(tmp_path: Path, old: str, new: str, line: str) -> None:
    said = told(tmp_path, changed(old, new))
    assert any(line in each for each in said), said
    assert all(re.match(r"growth\.yaml:[0-9]+:[0-9]+: ", each) for each in said)
