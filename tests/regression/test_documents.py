"""The documents say what the code does: outputs, keys, outcomes, columns, formats."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from hand_plan import PLAN, QUARTERS
from models.workload.table import OPTIONAL, REQUIRED, JobTable
from simulator import simulate
from simulator.planning.tables import plan_tables
from simulator.results.kpis import MEANINGS
from simulator.scenario.loading import load_scenario

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")])
RUN_FOLDER = re.compile(r"-[0-9a-f]{8}\b")
"""The digest in a result folder's name: any new key of a scenario moves it, and says nothing to a reader."""


def _refresh() -> ModuleType:
    """Return `docs/refresh.py`, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


refresh = _refresh()
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_what_its_commands_print(tmp_path: Path) -> None:
    again = refresh.with_outputs(README, tmp_path)
    assert "$ make run" in README
    assert RUN_FOLDER.sub("-HASH", README) == RUN_FOLDER.sub("-HASH", again), "run docs/refresh.py README.md"


def test_readme_scenario_runs_and_has_twenty_lines(tmp_path: Path) -> None:
    text = refresh.files(README, "yaml")["lab.yaml"]
    assert len(text.splitlines()) <= 21
    path = tmp_path / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_scenario(path).named == ("one-type",)
    kpis = simulate(path).kpis
    assert kpis["jobs_completed"] == kpis["jobs_submitted"]
    assert (kpis["jobs_submitted"] or 0) > 100


def test_readme_session_for_jupyter_runs_and_draws(tmp_path: Path) -> None:
    code = next(block for block in refresh.blocks(README, "python") if "first_hall.png" in block)
    assert len([line for line in code.splitlines() if line]) == 5
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "first_hall.png").read_bytes().startswith(b"\x89PNG")


def test_readme_questions_about_kernels_and_steps_are_answered() -> None:
    code = next(block for block in refresh.blocks(README, "python") if "kernels_for" in block)
    told = "print(kernels.gemm(64, 8192, 8192).time_s < 1e-3, 0.2 < answer(question).candidates[0].step.mfu < 0.7)"
    ran = subprocess.run([sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, check=False)
    assert ran.stdout == "True True\n", ran.stderr


def test_readme_serving_iteration_takes_milliseconds() -> None:
    codes = [block for block in refresh.blocks(README, "python") if "kernels_for" in block or "ServingEngine" in block]
    told = "step = iteration(engine, Batch((), 64, 64_000))\nprint(0.005 < step.time_s < 0.05)"
    ran = subprocess.run([sys.executable, "-c", "\n".join([*codes, told])], capture_output=True, text=True, check=False)
    assert ran.stdout == "True\n", ran.stderr


def test_readme_policy_works_as_two_new_files(tmp_path: Path) -> None:
    new = {name: text for name, text in refresh.files(README, "python").items() if "scheduling" in name}
    assert sorted(new) == ["simulator/scheduling/narrowest_first.py", "simulator/scheduling/narrowest_first_kernel.py"]
    for name, text in new.items():
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    # A folder that Python counts to the package stands for the package's own, so that the test writes nothing there.
    code = f"""
import simulator.scheduling
simulator.scheduling.__path__.append({str(tmp_path)!r})
from simulator import simulate
from simulator.scenario.reference_page import reference_page
assert "NarrowestFirst" in reference_page()
jobs = simulate({str(ROOT / "scenarios" / "quickstart.yaml")!r}, sets=["scheduling={{kind: narrowest-first}}"]).jobs
print(jobs.groupby("tasks")["wait_s"].mean().round().to_list())
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    mean_wait_s = [float(number) for number in ran.stdout.strip(" []\n").split(",")]
    assert len(mean_wait_s) == 4
    assert mean_wait_s == sorted(mean_wait_s)


def test_readme_names_every_command() -> None:
    for module in sorted((ROOT / "simulator" / "commands").glob("[a-z]*.py")):
        assert f"`datahall {module.stem}" in README


def test_every_outcome_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in glossary for name in MEANINGS)
    assert glossary == refresh.with_outcomes(glossary), f"run docs/refresh.py {refresh.GLOSSARY}"


def _tables(text: str) -> dict[str, str]:
    """Return what a part of the glossary says of the columns of each table."""
    return dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", text, re.MULTILINE))


def test_every_column_of_a_plan_is_in_the_glossary() -> None:
    rows = _tables((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("## Tables of a plan\n")[2])
    tables = plan_tables(PLAN, QUARTERS)
    assert set(rows) - set(tables) == {"front", "proof"}  # these are asked for
    for name, table in tables.items():
        told = set(re.findall(r"`(\w+)`", rows[name]))
        assert told == set(table.column_names), name


def test_every_column_of_a_result_is_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = _tables(glossary.partition("## Tables of a result\n")[2].partition("## Tables of a plan\n")[0])
    swinging = "{iterations: [{jobs: ['job-1*'], phases: [{name: compute, duration: 4 s, power: 9 kW}]}]}"
    beside = ["loads=[{kind: constant, name: storage, draws: 1 kW}]", "site.carbon={kind: constant, value: 400 g/kWh}"]
    rows_of_racks = "facility.power.rows={row_capacity: 100 kW}"
    runs = (
        simulate(ROOT / "scenarios" / "quickstart.yaml", sets=["results.change_points=true", "until=6 h"]),
        simulate(
            ROOT / "scenarios" / "bad_day.yaml",
            sets=["until=52 h", *beside, rows_of_racks, f"facility.swings={swinging}"],
        ),
        simulate(ROOT / "scenarios" / "training.yaml", sets=["until=16 d"]),
        simulate(ROOT / "scenarios" / "shared_hall.yaml"),
        simulate(
            ROOT / "scenarios" / "drills.yaml",
            sets=["until=14 h", "operations.every_single={kinds: [node], at: 10 h}"],
        ),
        simulate(ROOT / "scenarios" / "tenants.yaml"),
        simulate(ROOT / "scenarios" / "serving.yaml", sets=["until=1 d"]),
    )
    columns: dict[str, set[str]] = {}
    for result in runs:
        for name, table in result.tables.items():
            stems = {re.sub(r"_(mean|least|greatest)(?=_|$)", "", column) for column in table.column_names}
            columns.setdefault(name, set()).update(stems)
    assert set(rows) - set(columns) == {"water"}  # needs `site.water`
    assert set(columns) <= set(rows)
    for name, stems in columns.items():
        assert set(re.findall(r"`(\w+)`", rows[name])) == stems, name


def test_scenario_reference_is_up_to_date() -> None:
    written = (ROOT / refresh.REFERENCE).read_text(encoding="utf-8")
    assert written == refresh.reference_page(), f"run docs/refresh.py {refresh.REFERENCE}"


def test_plan_reference_is_up_to_date() -> None:
    written = (ROOT / refresh.PLAN_REFERENCE).read_text(encoding="utf-8")
    assert written == refresh.plan_reference_page(), f"run docs/refresh.py {refresh.PLAN_REFERENCE}"


def test_every_column_of_a_job_file_is_documented() -> None:
    text = (ROOT / "docs" / "traces.md").read_text(encoding="utf-8")
    part = text.partition("(`kind: csv`)")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == [*REQUIRED, *OPTIONAL]


def test_the_documented_job_file_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "traces.md").read_text(encoding="utf-8")
    path = tmp_path / "jobs.csv"
    path.write_text(refresh.blocks(text, "csv")[0], encoding="utf-8")
    workload = JobTable(file=str(path), outside=True).read(0.0, lambda *_: pytest.fail("nothing is drawn"))
    assert workload.accelerators_milli.tolist() == [8000, 8000, 250]
    assert workload.tasks.tolist() == [1, 4, 1]


def test_picture_of_the_readme_is_there() -> None:
    assert f"]({refresh.PICTURE})" in README
    assert (ROOT / refresh.PICTURE).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere_and_no_machine_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert target.startswith("https://") or (path.parent / target).exists(), target
    for folder in (str(ROOT), str(Path.home()), "/tmp/", "/home/", "site-packages"):
        assert folder not in text
