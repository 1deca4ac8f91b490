"""The command line itself: what it loads, and how it says that something is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from models.problems import InputError, Problem
from simulator import cli

HEAVY = (
    "numpy", "pandas", "scipy", "pyarrow", "numba", "simpy", "pyomo", "highspy", "matplotlib", "networkx", "pvlib",
    "pydantic", "ruamel", "rich", "jinja2",
)  # fmt: skip
VERBS = [
    "calibrate", "catalog", "check", "doctor", "drills", "init", "levers", "plan", "run", "schema", "show",
    "textbook", "throughput", "validate",
]  # fmt: skip


def loaded_by(*arguments: str) -> set[str]:
    """The heavy packages that a command loads, found in a process of its own."""
    code = (
        "import sys\nfrom simulator.cli import main\n"
        f"sys.argv = ['datahall', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["doctor", "--help"]])
def test_help_loads_click_and_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(*arguments) == set()


def test_validate_loads_nothing_that_computes(tmp_path: Path) -> None:
    assert loaded_by("init", str(tmp_path)) <= {"pydantic", "ruamel"}
    assert loaded_by("validate", str(tmp_path / "starter.yaml")) == {"pydantic", "ruamel"}


def test_every_verb_is_found_and_has_a_line_of_help() -> None:
    context = click.Context(cli.group)
    assert cli.group.list_commands(context) == VERBS
    for verb in VERBS:
        command = cli.group.get_command(context, verb)
        assert command is not None
        assert command.name == verb
        assert command.get_short_help_str(limit=60).endswith(".")


def test_an_unknown_verb_names_the_nearest() -> None:
    outcome = CliRunner().invoke(cli.group, ["vaildate"])
    assert outcome.exit_code == 2
    assert "'vaildate' is not a command; allowed: calibrate, catalog, check, " in outcome.stderr
    assert outcome.stderr.endswith("nearest: 'validate'\n")


def test_every_problem_is_printed_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [Problem("a.yaml:1:2", "seed", "is wrong"), Problem("b.csv:7", "", "is broken")]
    refuse(monkeypatch, InputError(problems))
    outcome = CliRunner().invoke(cli.group, ["schema"])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr == "a.yaml:1:2: seed: is wrong\nb.csv:7: is broken\n"


def test_an_interrupt_outside_a_run_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, KeyboardInterrupt())
    outcome = CliRunner().invoke(cli.group, ["schema"])
    assert outcome.exit_code == 130
    assert outcome.stderr == "interrupted; nothing was kept\n"


@pytest.mark.parametrize("shown", [False, True])
def test_an_internal_error_is_one_line_unless_a_traceback_is_asked_for(shown: bool) -> None:
    code = (
        "import simulator.scenario.schema as schema\n"
        "def broken():\n    raise RuntimeError('the tables\\nturned')\n"
        "schema.json_schema = broken\n"
        "import sys; sys.argv = ['datahall', 'schema']\n"
        "from simulator.cli import main; main()"
    )
    environment = {**os.environ, "DATAHALL_TRACEBACK": "1" if shown else ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) is shown
    if not shown:
        first, second = done.stderr.splitlines()
        assert first == "datahall: internal error: RuntimeError: the tables"
        assert second.startswith("Set DATAHALL_TRACEBACK=1 to see where")


def test_a_package_of_the_users_in_place_of_ours_is_met_with_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text("")
    code = (
        "import sys; import simulator.cli; sys.path.insert(0, sys.argv[1])\n"
        "sys.argv = ['datahall', 'catalog', 'list']; simulator.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "`datahall doctor` finds it" in done.stderr


def refuse(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the verb `schema` raise an error."""

    def raised() -> None:
        raise error

    monkeypatch.setattr("simulator.scenario.schema.json_schema", raised)
