"""`datahall plan`: what it prints and writes, exit codes, and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from hand_plan import PLAN as BY_HAND
from hand_plan import PROBABILITIES, QUARTERS
from plan_text import PLAN, changed
from simulator.cli import group
from simulator.planning.tables import plan_tables
from simulator.terminal.plan import headline, print_plan


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
    assert list(told) == ["status", "objective", "bound", "gap", "groups", "objectives", "plan", "proof"]
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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("grid: {2027-Q1: 1 MW, 2027-Q3: 2 MW}", "grid: 20 kW", "7:7: plan.sites.plains.grid: is 0.02 MW in the first"),
        ("stated: {h100: {speed: 1}}", "stated: {h200: {speed: 1}}", "33:5: plan.demand.experiments: there is no SKU"),
        ("exists: {plains: 1}", "exists: {plains: 4}", "5:5: plan.sites.plains: 4 of air exist, and a site may have 3"),
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
        ["total", "10,000", "1,000", "500", "200", "800", "12,500"]
    ]
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
