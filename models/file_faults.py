"""Collect what is wrong with a file, and say it all at once."""

from __future__ import annotations

from .problems import InputError, Problem

MOST_REPORTED = 20


class Faults:
    """The problems of one file, in the order of its lines; beyond `MOST_REPORTED` they are only counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[tuple[int, str, str]] = []
        self._reported: dict[str, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, line: int, column: str, message: str) -> None:
        """Note a problem of a line (from 1; 0 for the whole file) and column ("" for the whole line)."""
        self._count += 1
        self._reported[column] = self._reported.get(column, 0) + 1
        # A file of garbage has a problem a line: what can not be reported is not kept.
        if self._reported[column] <= MOST_REPORTED:
            self._found.append((line, column, message))

    def raise_if_any(self) -> None:
        """Raise InputError with the first problems of the file and the number of the others, if there are any."""
        if not self._count:
            return
        problems = [
            Problem(f"{self.file}:{line}" if line else self.file, column, message)
            for line, column, message in sorted(self._found, key=lambda found: found[0])[:MOST_REPORTED]
        ]
        if self._count > len(problems):
            problems.append(Problem(self.file, "", f"and {self._count - len(problems):,} more"))
        raise InputError(problems)


def shown(text: str) -> str:
    """Return a piece of a file in quotes, cut to what a message can hold."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"
