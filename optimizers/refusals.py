"""What is wrong with a plan, told all at once; and what its reader must know though nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.problems import InputError, Problem


class Refusals:
    """The faults of a plan by path, and notes on what its figures leave out."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._notes: dict[str, None] = {}

    @property
    def faults(self) -> tuple[Problem, ...]:
        """What was refused, each fault once."""
        return tuple(dict.fromkeys(self._found))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, each text once."""
        return tuple(self._notes)

    def refuse(self, path: str, message: str) -> None:
        """Keep a fault at a path such as `plan.skus.h100.price`."""
        self._found.append(Problem("", path, message))

    def note(self, text: str) -> None:
        """Keep something that the reader must know."""
        self._notes[text] = None

    @contextmanager
    def within(self, path: str, words: str = "") -> Iterator[None]:
        """Keep what is refused inside as a fault of this path, its message begun with `words`, and go on after it."""
        try:
            yield
        except InputError as error:
            self._found += [prefixed(fault, path, words) for fault in error.problems]
        except ValueError as error:
            self.refuse(path, f"{words}{error}")

    def raise_if_any(self) -> None:
        """Raise InputError with every fault, if there is one."""
        if self._found:
            raise InputError(self.faults)


def prefixed(fault: Problem, path: str, words: str = "") -> Problem:
    """Return a fault with its path below another one, and its message begun with some words."""
    return Problem(fault.where, f"{path}.{fault.path}".rstrip("."), f"{words}{fault.message}")
