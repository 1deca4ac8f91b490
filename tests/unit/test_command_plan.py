"""`datahall plan`: what it prints and writes, exit codes, and bad input."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from hand_plan import PLAN as BY_HAND
from hand_plan import PROBABILITIES, QUARTERS
from optimizers.derates import Derates
from optimizers.plan import Served
from plan_text import PLAN, changed
from simulator.cli import group
from simulator.planning.outcome import outcome
from simulator.planning.solving import Solved, solve_plan
from simulator.planning.tables import plan_tables
from simulator.proof.comparison import ComparisonRow
from simulator.proof.observed import Cause
from simulator.proof.proving import Proof, Round
from simulator.scenario.plan_file import LoadedPlan, load_plan
from simulator.terminal.plan import headline, print_plan, shown


def datahall(*arguments: str | Path) -> Result:
    """What a command comes to."""
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def written(folder: Path, text: str) -> Path:
    """A plan file with this text."""
    path = folder / "growth.yaml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small plan, solved and saved in `out`, and what was printed in `printed`."""
    folder = tmp_path_factory.mktemp("plan")
    outcome = datahall("plan", written(folder, PLAN), "--output", folder / "out")
    assert outcome.exit_code == 0, outcome.output
    (folder / "printed").write_text(outcome.stdout)
    return folder


def test_a_plan_is_printed_with_its_groups_orders_sites_and_what_is_assumed(folder: Path) -> None:
    printed = (folder / "printed").read_text()
    assert printed.startswith("growth: optimal: cost ")
    for part in ("C compute", "O energy", "what to order", "h100", "sites by quarter", "PUE", "stranded", "assumed, "):
        assert part in printed
    assert "\ncost in thousands of USD" in printed


def test_what_is_saved_says_where_it_comes_from(folder: Path) -> None:
    (saved,) = (folder / "out").iterdir()
    run, plan = (json.loads((saved / name).read_text()) for name in ("run.json", "plan.json"))
    assert saved.name == f"growth-{run['inputs_sha256'][:8]}"
    assert (run["plan"], run["seed"]) == ("growth", 0)
    assert run["resolved"]["plan"]["sites"]["plains"]["exists"] is True
    assert "highspy" in run["packages"]
    assert "plan.discount_rate" in [each["path"] for each in run["assumed"]]
    assert {"nodes/dgx-h100", "accelerators/h100-sxm"} <= run["numbers"].keys()
    for name in run["tables"]:
        assert (saved / f"{name}.csv").read_text().count("\n") == pq.read_table(saved / f"{name}.parquet").num_rows + 1
    costs = pq.read_table(saved / "costs.parquet").to_pydict()
    assert sum(costs["compute_usd"]) == pytest.approx(plan["groups"]["C"])
    assert str(folder) not in (saved / "run.json").read_text() + (saved / "plan.json").read_text()


def test_json_has_the_keys_that_programs_read_and_the_groups_sum_to_the_cost(folder: Path) -> None:
    outcome = datahall("plan", folder / "growth.yaml", "--json")
    told = json.loads(outcome.stdout)
    assert list(told)[:8] == ["status", "objective", "bound", "gap", "groups", "objectives", "plan", "proof"]
    assert list(told["groups"]) == ["C", "B", "M", "S", "O"]
    assert sum(told["groups"].values()) == pytest.approx(told["objectives"]["cost"])
    assert told["bound"] <= told["objective"]
    assert told["proof"] == {}
    bought = [row for row in told["plan"] if row["kind"] == "buy"]
    assert bought
    assert all(row["site"] == "plains" and row["in_service"] > row["quarter"] for row in bought)
    (saved,) = (folder / "out").iterdir()
    assert json.loads((saved / "plan.json").read_text())["plan"] == told["plan"]


def test_without_enough_of_anything_it_exits_with_3(tmp_path: Path) -> None:
    outcome = datahall("plan", written(tmp_path, changed("supply: 10", "supply: 0")), "--json")
    assert outcome.exit_code == 3
    told = json.loads(outcome.stdout)
    assert (told["status"], told["objective"], told["plan"]) == ("infeasible", None, [])
    assert told["explanation"]["alternatives"]
    assert told["explanation"]["sentences"][0] == "No plan keeps all limits."
    printed = datahall("plan", tmp_path / "growth.yaml")
    assert printed.exit_code == 3
    assert "No plan keeps all limits." in printed.stdout
    assert "h100" in printed.stdout


def test_what_is_asked_beside_the_plan_is_printed_and_saved(folder: Path, tmp_path: Path) -> None:
    asked = ("--front", "--sensitivity", "--explain")
    sets = ("--set", "plan.front={objectives: [cost, carbon], gap: 0.2, most_solves: 5}")
    carbon = ("--set", "plan.sites.plains.site.carbon={kind: constant, value: 300 g/kWh}")
    outcome = datahall("plan", folder / "growth.yaml", *asked, *sets, *carbon, "--output", tmp_path)
    assert outcome.exit_code in (0, 5), outcome.output
    for part in ("front of cost, carbon: ", "what makes it dear", "how it reacts", "what a month costs"):
        assert part in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    (saved,) = tmp_path.iterdir()
    told = json.loads((saved / "plan.json").read_text())
    assert told["front"]["points"]
    assert told["sensitivity"]["changes"]
    assert told["sensitivity"]["months"]
    assert pq.read_table(saved / "front.parquet").num_rows == len(told["front"]["points"])


ROLLING = "plan.rolling={window_quarters: 2, step_quarters: 1}"


def test_a_training_run_is_shown_with_what_is_done_of_its_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    done = {("2027-Q1", "as planned"): 0.6, ("2027-Q2", "as planned"): 1.0}
    run = [Served("run", *key, 1e12 * share, 1e12 * share, done=share) for key, share in done.items()]
    run += [Served("run", quarter, "busy", 1e12, 1e12, done=0.5) for quarter in QUARTERS]
    weights = {"as planned": 0.75, "busy": 0.25}
    print_plan(dataclasses.replace(BY_HAND, served=(*BY_HAND.served, *run)), QUARTERS, weights)
    shown = capsys.readouterr().out
    assert "of a training run: tokens done by then" in shown
    rows = [" ".join(line.split()) for line in shown[shown.index("served of what") :].splitlines()]
    assert [row.partition(" ")[2] for row in rows if row.startswith("2027")] == [
        "100.0 57.5 (50.0)", "100.0 87.5 (50.0)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (True, "the solve stopped at a limit with a gap of 20.00 %; asked for: 0.5 % within 20,000 branch-and-bound"),
        (False, "the solve stopped at a limit without a plan; asked for: 0.5 % within 20,000 branch-and-bound nodes"),
    ],
)
def test_a_solve_that_ends_at_its_limit_exits_with_5_and_tells_the_gap(
    found: bool, said: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = at_its_limit(found, folder, monkeypatch)
    assert outcome.exit_code == 5
    assert said in outcome.stderr
    assert "or decide in windows with plan.rolling" in outcome.stderr


def test_who_decides_in_windows_is_not_told_to_decide_in_windows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = at_its_limit(True, folder, monkeypatch, "--set", ROLLING)
    assert outcome.exit_code == 5
    assert "deciding in windows of 2 quarters ended with a gap of 20.00 %; asked for: 0.5 %" in outcome.stderr
    assert "decide in windows with" not in outcome.stderr


def at_its_limit(found: bool, folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    """What planning prints whose solve ended at its limit, with a plan or without one."""

    def limited(loaded: LoadedPlan) -> Solved:
        solved = solve_plan(loaded)
        objective, gap = (solved.plan.objective, 0.2) if found else (math.nan, math.nan)
        plan = dataclasses.replace(solved.plan, status="limit", objective=objective, gap=gap)
        return dataclasses.replace(solved, plan=plan)

    monkeypatch.setattr("simulator.planning.study.solve_plan", limited)
    return datahall("plan", folder / "growth.yaml", *options)


def test_a_proof_is_printed_with_what_it_changed_and_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    solved = solve_plan(load_plan(folder / "growth.yaml"))
    rows = (
        ComparisonRow("availability", "", "share", "", "", "", 1.0, 0.96, -0.04, 0.001, 0.01),
        ComparisonRow("pue", "", "ratio", "", "", "", 1.3, 1.3, 0.0, 0.001, 0.01),
    )
    cause = Cause("availability", "lean/h100", "nobody was there at night", 1.0, 0.97)
    proof = Proof(False, (Round(solved.plan, Derates(), rows, (cause,), 8),), 0, 0.01, ("one future is proven",))
    monkeypatch.setattr("simulator.planning.study.prove_plan", lambda loaded, tell, scenarios_into: (solved, proof))
    outcome = datahall("plan", folder / "growth.yaml", "--prove")
    assert outcome.exit_code == 5
    assert "the proof stopped after 1 round, planned and delivered 4.00 % apart; asked for: 1 %" in outcome.stderr
    assert "proof: not confirmed within 1 % after 1 round" in outcome.stdout
    assert ["availability", "*", "all", "1", "0.96", "share", "-4.00", "±", "0.10", "%"] in [
        line.split() for line in outcome.stdout.splitlines()
    ]
    assert "  availability lean/h100: 1 to 0.97: nobody was there at night" in outcome.stdout
    told = json.loads(datahall("plan", folder / "growth.yaml", "--prove", "--json").stdout)
    assert (told["proof"]["converged"], told["proof"]["rounds"][0]["causes"][0]["after"]) == (False, 0.97)


def test_quarters_may_be_decided_in_windows(folder: Path) -> None:
    whole = json.loads(datahall("plan", folder / "growth.yaml", "--json").stdout)
    outcome = datahall("plan", folder / "growth.yaml", "--json", "--set", ROLLING)
    told = json.loads(outcome.stdout)
    assert outcome.exit_code in (0, 5)
    assert told["objective"] >= whole["bound"] - 1.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("grid: {2027-Q1: 1 MW, 2027-Q3: 2 MW}", "grid: 15 kW", "7:7: plan.sites.plains.grid: is 0.015 MW in the"),
        ("stated: {h100: {speed: 1}}", "stated: {h200: {speed: 1}}", "33:5: plan.demand.experiments: there is no SKU"),
        ("exists: {plains: 1}", "exists: {plains: 4}", "air.exists.plains: 4 exist, and a site may have 3"),
        (
            "price: 230 kUSD\n",
            "price: 230 kUSD\n    h200: {node: dgx-h200, nodes_per_rack: 4, supply: 3, lead_quarters: 1}\n",
            "37:7: plan.demand.experiments.stated: says nothing of 'h200'",
        ),
        ("price: 230 kUSD", "price: .nan", "16:14: plan.skus.h100.price: '.nan' is not a finite number"),
    ],
)  # fmt: skip
def test_bad_input_is_told_at_its_line_with_exit_code_2(tmp_path: Path, old: str, new: str, said: str) -> None:
    outcome = datahall("plan", written(tmp_path, changed(old, new)))
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert said in outcome.stderr, outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_every_table_has_units() -> None:
    tables = plan_tables(BY_HAND, QUARTERS)
    units = {f"{name}.{field.name}": field.metadata for name, table in tables.items() for field in table.schema}
    assert units["sites.grid_peak_kw"] == {b"unit": b"kW"}
    assert units["costs.compute_usd"] == {b"unit": b"USD"}
    assert units["decisions.site"] is None
    assert tables["costs"].column("quarter").to_pylist() == ["start", *QUARTERS, "end"]
    assert sum(tables["costs"].column("compute_usd").to_pylist()) == BY_HAND.groups["C"]
    assert tables["costs"].column("resale_usd").to_pylist() == [0.0, 0.0, -2e6, 0.0]
    assert tables["served"].num_rows == 4
    assert tables["sites"].column("pue").to_pylist()[-1] is None


@pytest.mark.parametrize("columns", [80, 100])
def test_a_plan_fits_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("simulator.terminal.summary.PLAIN_WIDTH", columns)
    print_plan(BY_HAND, QUARTERS, PROBABILITIES)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= columns
    assert "  fjord: opens in 2027-Q2" in lines
    assert [line.split() for line in lines if line.startswith(" total")] == [
        ["total", "10,000", "1,000", "500", "200", "800", "12,500", "-2,000"]
    ]
    assert ["2027-Q2", "1,000", "-", "250", "100", "400", "1,750", "-2,000"] in [line.split() for line in lines]
    ends = [line.split()[-4:] for line in lines if line.startswith((" there", " left at"))]
    assert ends == [["-", "-", "3,000", "-"], ["-", "-", "-3,500", "-"]]
    assert ["2027-Q1", "95.0", "(80.0)"] in [line.split() for line in lines]


def test_the_headline_says_how_good_the_plan_may_still_get() -> None:
    assert headline(BY_HAND).startswith(
        "by hand: optimal: cost 12,500,000 USD\nno plan is below 12,450,000 USD (gap 0.40 %)\n"
    )


def test_a_scenario_is_sent_to_run_and_a_plan_to_plan(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "hall.yaml").write_text("fleet: {}\n")
    sent = datahall("plan", tmp_path / "hall.yaml")
    assert (sent.exit_code, "`datahall run" in sent.stderr) == (2, True)
    for verb in ("run", "drills", "levers", "show"):
        sent = datahall(verb, folder / "growth.yaml")
        assert (sent.exit_code, "`datahall plan" in sent.stderr) == (2, True)


def test_what_is_reported_has_no_dust_of_the_solver_and_lies_in_its_range() -> None:
    plan = dataclasses.replace(
        BY_HAND, objective=392414.99999999994, gap=-1.25e-16,
        objectives={**BY_HAND.objectives, "risk": 1.0000000000000002, "slo-shortfall": -1e-17},
    )  # fmt: skip
    told = outcome(plan)
    assert (told["objective"], told["gap"]) == (392415.0, 0.0)
    assert (told["objectives"]["risk"], told["objectives"]["slo-shortfall"]) == (1.0, 0.0)
    assert outcome(dataclasses.replace(BY_HAND, gap=math.nan))["gap"] is None
    assert shown("cost", -0.3) == ("0", "USD")
    assert shown("risk", -1e-9) == ("0.00 %", "")


def test_json_has_the_quarters_beside_the_keys_that_were_promised() -> None:
    told = outcome(BY_HAND)
    assert list(told)[:8] == ["status", "objective", "bound", "gap", "groups", "objectives", "plan", "proof"]
    assert told["groups_by_quarter"][1] == {"quarter": "2027-Q2", **BY_HAND.groups_by_quarter[1]}
    assert told["resale_by_quarter"] == [{"quarter": "2027-Q1", "C": 0.0}, {"quarter": "2027-Q2", "C": -2e6}]
    for name, usd in told["groups"].items():
        parts = told["taken_over"], *told["groups_by_quarter"], told["left_at_end"]
        assert sum(part[name] for part in parts) == usd
    assert told["site_quarters"][0]["nodes"] == {"h100": 32.0}
    assert told["served"][0]["by_site"] == {"plains": 80.0}


def test_sites_are_printed_with_what_the_grid_grants_and_the_nodes_of_every_future(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = dataclasses.replace(BY_HAND.site_quarters[0], grid_limit_kw=700.0, nodes_between={"h100": (24.0, 36.0)})
    plan = dataclasses.replace(BY_HAND, site_quarters=(first, *BY_HAND.site_quarters[1:]))
    print_plan(plan, QUARTERS, PROBABILITIES)
    printed = capsys.readouterr().out
    assert "640 of 700" in printed
    assert "24 to 36 h100" in printed
    assert "40 h100" in printed
