"""Failures that have happened, or might: read from a file, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ...data_file import FromFile
from ...file_columns import read_columns
from ...file_faults import Faults
from .failure_mode import FailureMode, ListedFailure


class FailureTrace(FromFile, FailureMode):
    """Failures from a CSV file with a header: columns `time_s`, `name` and `duration_s`, and where wanted `component`
    (its kind, `node` if there is no such column), `mode` and `permanent` (0 or 1).

    `time_s` counts from the scenario's start, `duration_s` from the failure until the component is back, whatever crews
    the hall has; failures are noticed at once. One that begins while its component is out does nothing.
    """

    kind: Literal["trace"] = "trace"

    def listed(self) -> Sequence[ListedFailure]:
        faults = Faults(self.file)
        table = read_columns(self.path, faults, ("time_s", "name", "duration_s"), ("component", "mode", "permanent"))
        time_s = table.numbers("time_s").tolist()
        duration_s = table.numbers("duration_s").tolist()
        permanent = table.numbers("permanent", maximum=1.0, whole=True, required=False).tolist()
        faults.raise_if_any()
        names = table.text["name"]
        component = table.words("component") or ["node"] * len(table)
        cause = table.words("mode") or [""] * len(table)
        listed = [
            ListedFailure(
                f"{self.file}:{table.line[row]}",
                time_s[row],
                component[row] or "node",
                names[row],
                duration_s[row],
                cause[row] or self.label,
                permanent[row] == 1.0,
            )
            for row in range(len(table))
        ]
        return sorted(listed, key=lambda failure: failure.at_s)
