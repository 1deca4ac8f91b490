"""The exit codes of the command line."""

from __future__ import annotations

INTERNAL_ERROR = 1
BAD_INPUT = 2
INFEASIBLE = 3
CHECK_FAILED = 4
STOPPED_AT_LIMIT = 5
INTERRUPTED = 130
