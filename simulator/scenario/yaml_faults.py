"""What is wrong with a text that is no YAML, in words that need no knowledge of parsers."""

from __future__ import annotations

import re
from typing import Any

_OUT_OF_LINE = ("expected <block end>", "mapping values are not allowed")
"""How the parser's messages begin where a line is indented as none around it."""
_DASHES = re.compile(r"(?:- +)*")


def fault_in(text: str, error: Any) -> str:
    """Return what the parser's error (a `MarkedYAMLError` with its mark) says of a text."""
    problem = str(error.problem)
    if problem.startswith(_OUT_OF_LINE) and error.problem_mark is not None:
        told = out_of_line(text.split("\n"), error.problem_mark.line)
        if told:
            return told
    hint = "; indent with spaces, not tabs" if "\\t" in problem else ""
    context = f"{error.context}: " if error.context else ""
    return f"{context}{problem}{hint}"


def out_of_line(lines: list[str], line: int) -> str:
    """Return how a line is indented and how those above it are; empty where it stands beside one of them.

    `line` counts from 0. Of the lines above, those count that it may stand beside: each less indented than the next.

    >>> out_of_line(["skus:", "  h100:", "    batch: 4", "   supply: 20"], 3)
    'indented by 3 spaces, lines above it by 2 or 4'
    >>> out_of_line(["batch: 4", "  supply: 20"], 1)
    'indented by 2 spaces, and line 1 above it, which has its value, by 0'
    """
    given = _columns(lines[line])[0] if line < len(lines) else 0
    levels: list[int] = []
    nearest = 0
    for number in range(line - 1, -1, -1):
        if not lines[number].strip() or lines[number].lstrip().startswith("#"):
            continue
        nearest = nearest or number + 1
        levels += [column for column in reversed(_columns(lines[number])) if not levels or column < levels[-1]]
    if not levels or given in levels:
        return ""
    spaces = f"indented by {given} space{'' if given == 1 else 's'}"
    if given > levels[0]:
        return f"{spaces}, and line {nearest} above it, which has its value, by {levels[0]}"
    beside = sorted([min(level for level in levels if level > given), *[each for each in levels if each < given][:1]])
    return f"{spaces}, lines above it by {' or '.join(map(str, beside))}"


def _columns(line: str) -> list[int]:
    """Return the columns at which a line's entries begin: that of its text, and those of the dashes before it."""
    indent = len(line) - len(line.lstrip(" "))
    dashes = _DASHES.match(line, indent)
    assert dashes is not None
    return sorted({indent, dashes.end()})
