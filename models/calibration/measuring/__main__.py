"""`python -m models.calibration.measuring OUTDIR`: measure with PyTorch, NumPy and pyarrow alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...problems import InputError
from .suite import family_names, measure
from .table import summary


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m models.calibration.measuring", description=__doc__)
    parser.add_argument("folder", type=Path, help="where <gpu>.parquet and <gpu>.json go")
    parser.add_argument("--budget-s", type=float, help="begin no further row after so many seconds")
    parser.add_argument(
        "--only", action="append", metavar="GROUP", help=f"one of {', '.join(family_names())}; repeatable"
    )
    given = parser.parse_args()
    try:
        path = measure(
            given.folder, only=given.only, budget_s=given.budget_s, on_progress=_say
        )  # fmt: skip
        for row in summary(path):
            rates = f"{(row.fastest_flop_per_s or 0) / 1e12:8.1f} TFLOP/s {(row.fastest_b_per_s or 0) / 1e9:8.1f} GB/s"
            power = f"{row.highest_power_w or 0:6.0f} W, spread {100 * row.spread:.2f} %"
            _say(f"{row.operation:27}{row.dtype:5}{row.variant:13}{row.rows:6} rows {rates} {power}")
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
