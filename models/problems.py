"""What is wrong with an input, said to the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of one input.

    `where` is `file`, `file:line` or `file:line:column` (lines and columns from 1), `path` the dotted path of the
    key in the file or the column of a table ("" where neither applies), `message` what was given and what is allowed.
    """

    where: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.path, self.message) if part)


class InputError(Exception):
    """Raised with every problem that was found; the command line prints one a line and exits with 2."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Return how it is made again in another process: of its problems, not of their text."""
        return type(self), (self.problems,)


def nearest(given: str, allowed: Iterable[str]) -> str:
    """Return "; nearest: 'name'" for the allowed name closest to the given one, or "" where none is close.

    A name that begins with what was given is closer than any that is spelt alike: h200 means h200-sxm, not b200.
    """
    names = list(allowed)
    begun = sorted((name for name in names if len(given) > 2 and name.startswith(given)), key=len)
    matches = begun or difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    return f"; nearest: '{matches[0]}'" if matches else ""
