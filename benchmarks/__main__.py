"""Measure everything, or what is named: `python -m benchmarks [--json] [--runs N] [NAME...]`."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import sys
from collections.abc import Sequence

from .figure import Figure

BENCHMARKS = (
    "start_up",
    "batch",
    "rerating",
    "idle_year",
    "kernels",
    "moist_air",
    "cooling",
    "heat_rejection",
    "chillers",
    "coupled",
    "routing",
    "sharing",
    "training",
    "plan",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, or with `--json` an array of figures; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--runs", type=int, default=5, help="how often each is repeated; the median counts")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    names = given.name or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"{', '.join(unknown)} is no benchmark; there are {', '.join(BENCHMARKS)}")
    figures: list[Figure] = []
    if not given.json:
        print("CPU time of the process, median; compiled code is warm. The reference is measured in the same run.\n")
    for name in names:
        for figure in importlib.import_module(f"benchmarks.{name}").measure(given.runs):
            figures.append(figure)
            if not given.json:
                print(_line(figure), flush=True)
    if given.json:
        rows = [{**dataclasses.asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in figures]
        print(json.dumps(rows, indent=1))
    return 1 if any(figure.met is False for figure in figures) else 0


def _line(figure: Figure) -> str:
    parts = [f"{figure.name:<55}{_number(figure.value):>10} {figure.unit:<11}"]
    if figure.target is not None:
        word = "at least" if figure.more_is_better else "at most"
        parts.append(f"{word} {_number(figure.target)}: {'met' if figure.met else 'MISSED'}; ")
    if figure.reference is not None and figure.ratio is not None:
        parts.append(f"{figure.ratio:.3g} x {figure.reference_name} ({_number(figure.reference)})")
    if figure.covers:
        parts.append(f" [{figure.covers}]")
    return "".join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
