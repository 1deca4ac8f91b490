"""Make again what the documents show: outputs of commands, the picture, outcomes, the reference page, the notebook.

    python docs/refresh.py                  everything
    python docs/refresh.py README.md        only some: README.md, docs/glossary.md, docs/calibration.md,
                                            docs/typical-years.md, docs/reference/scenario.md, docs/reference/plan.md,
                                            notebooks

The tests call the same functions and compare, so that no document says what the code no longer does.

A document's ```console block holds commands after `$ ` with what they print below. Those that begin with `datahall`,
and `make run`, are run in order in an empty folder with the scenarios beside it. A ```yaml block whose first line is
`# name.yaml` is a file there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference/scenario.md"
PLAN_REFERENCE = "docs/reference/plan.md"
CALIBRATION = "docs/calibration.md"
GLOSSARY = "docs/glossary.md"
TYPICAL_YEARS = "docs/typical-years.md"
PICTURE = "docs/images/first_hall.png"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_PROGRESS = re.compile(r".*: \d+ %, [\d,]+ of [\d,]+ jobs, .* d simulated")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    """Return the contents of a Markdown text's code blocks in one language."""
    return [content for found, content in _BLOCK.findall(text) if found == language]


def files(text: str, language: str) -> dict[str, str]:
    """Return the code blocks that say in their first line, a comment, which file they are."""
    found = {}
    for block in blocks(text, language):
        first = re.match(r"# (\S+\.\w+)", block)
        if first:
            found[first[1]] = block
    return found


def with_outputs(text: str, folder: Path) -> str:
    """Return a Markdown text in which the commands of console blocks are followed by what they print in `folder`."""
    for name, content in files(text, "yaml").items():
        (folder / name).write_text(content, encoding="utf-8")
    if not (folder / "scenarios").exists():
        (folder / "scenarios").symlink_to(ROOT / "scenarios")

    def shown(block: re.Match[str]) -> str:
        if block[1] != "console":
            return block[0]
        parts = re.split(r"^\$ ", block[2], flags=re.MULTILINE)[1:]
        lines = [line for part in parts for line in _with_output(part, folder)]
        return "\n".join(["```console", *lines, "```"])

    return _BLOCK.sub(shown, text)


def _with_output(part: str, folder: Path) -> list[str]:
    command, *old = part.rstrip("\n").split("\n")
    said: list[str] = []
    given = command
    if command == "make run":
        given = _recipe("run")
        said = [f".venv/bin/{given}"]
    elif not command.startswith("datahall "):
        return [f"$ {command}", *old]
    return [f"$ {command}", *said, *output_of(given, folder)]


def _recipe(target: str) -> str:
    """Return the one command of a target of the Makefile."""
    found = re.search(
        rf"^{target}:.*\n\t\$\(BIN\)/(.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    if found is None:
        raise ValueError(f"the Makefile has no target '{target}' of one command of ours")
    return found[1]


def output_of(command: str, folder: Path) -> list[str]:
    """Return the lines that a `datahall` command prints to both streams, without spaces at their ends."""
    environment = {name: value for name, value in os.environ.items() if name != "DATAHALL_DATA"}
    ran = subprocess.run(
        [sys.executable, "-m", "simulator.cli", *command.split()[1:]],
        cwd=folder,
        env=environment | {"COLUMNS": "100", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # How far a run is gets told only where it takes long, which depends on the machine.
    return [line.rstrip() for line in ran.stdout.rstrip().split("\n") if not _PROGRESS.fullmatch(line.rstrip())]


def reference_page() -> str:
    """Return the reference of scenario files."""
    from simulator.scenario.reference_page import reference_page as page

    return page()


def plan_reference_page() -> str:
    """Return the reference of plan files."""
    from simulator.scenario.reference_page import plan_reference_page as page

    return page()


def calibration_page() -> str:
    """Return the page on the errors of calibration."""
    from simulator.report.calibration_page import calibration_page as page

    return page()


def typical_years_page() -> str:
    """Return the page on typical years; the weather is read beside the checkout, or where DATAHALL_DATA says."""
    from simulator.report.typical_years_page import typical_years_page as page

    return page(ROOT, Path(os.environ.get("DATAHALL_DATA", ROOT.parent / "shared" / "data")))


def with_outcomes(text: str) -> str:
    """Return the glossary with a row for each outcome of a run: name, unit, meaning."""
    from simulator.results.kpis import MEANINGS
    from simulator.terminal.summary import unit_of

    rows = "".join(f"| `{name}` | {unit_of(name) or '1'} | {meaning} |\n" for name, meaning in MEANINGS.items())
    table = re.compile(r"(## Outcomes\n\n\|[^\n]*\n\|[^\n]*\n)(?:\|[^\n]*\n)*")
    return table.sub(lambda found: found[1] + rows, text)


def executed(notebook: Path) -> Any:
    """Return a notebook with the outputs of a fresh run in its own folder, without times and names of machines."""
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        content,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    ).execute()
    content.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(content.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    return content


def main(wanted: list[str]) -> None:
    """Write what is wanted, or everything."""
    if not wanted or "README.md" in wanted:
        with tempfile.TemporaryDirectory() as scratch:
            text = (ROOT / "README.md").read_text(encoding="utf-8")
            (ROOT / "README.md").write_text(with_outputs(text, Path(scratch)), encoding="utf-8")
            session = next(code for code in blocks(text, "python") if "first_hall.png" in code)
            subprocess.run([sys.executable, "-c", session], cwd=scratch, check=True)
            (ROOT / PICTURE).write_bytes((Path(scratch) / "first_hall.png").read_bytes())
    if not wanted or GLOSSARY in wanted:
        text = (ROOT / GLOSSARY).read_text(encoding="utf-8")
        (ROOT / GLOSSARY).write_text(with_outcomes(text), encoding="utf-8")
    if not wanted or CALIBRATION in wanted:
        (ROOT / CALIBRATION).write_text(calibration_page(), encoding="utf-8")
    if not wanted or TYPICAL_YEARS in wanted:
        (ROOT / TYPICAL_YEARS).write_text(typical_years_page(), encoding="utf-8")
    if not wanted or REFERENCE in wanted:
        (ROOT / REFERENCE).write_text(reference_page(), encoding="utf-8")
    if not wanted or PLAN_REFERENCE in wanted:
        (ROOT / PLAN_REFERENCE).write_text(plan_reference_page(), encoding="utf-8")
    if not wanted or "notebooks" in wanted:
        import nbformat

        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            nbformat.write(executed(notebook), notebook)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(sys.argv[1:])
