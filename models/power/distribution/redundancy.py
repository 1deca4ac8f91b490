"""How many units of a stage are there beyond those that its load needs."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

_FORMS = "'N', 'N+1' (any number of spare units), '2N', '2(N+1)', or 'distributed' forms such as '4-to-make-3'"
_PATTERN = r"^(N|N\+[1-9]|2N|2\(N\+[1-9]\)|[2-9]-to-make-[1-8])$"
_TEXT = re.compile(r"(?:(?P<sides>2)?\(?N(?:\+(?P<more>[1-9]))?\)?|(?P<built>[2-9])-to-make-(?P<carry>[1-8]))")


class Units(NamedTuple):
    """Units of a stage: all of them, which share the load, and how many may be out while the rest still carry it."""

    all: int
    spare: int


def units_of(redundancy: str, needed: int) -> Units:
    """Return the units built where `needed` of them (at least 1) carry the load.

    `N` builds what is needed, `N+k` adds k, `2N` doubles it (two sides, both energised, each able to carry all),
    `2(N+k)` doubles N+k. `m-to-make-l`, distributed redundancy, builds m equal systems of which any l carry the load:
    each system has needed/l units, rounded up. Raises ValueError where the text is of no such form.
    """
    match = _TEXT.fullmatch(redundancy)
    if match is None or not re.match(_PATTERN, redundancy):
        raise ValueError(f"'{redundancy}' is no redundancy; allowed: {_FORMS}")
    if match["built"]:
        built, carry = int(match["built"]), int(match["carry"])
        if built <= carry:
            raise ValueError(f"'{redundancy}' has nothing to spare: more systems are built than are needed")
        each = -(-needed // carry)
        return Units(built * each, (built - carry) * each)
    built = needed + int(match["more"] or 0)
    total = 2 * built if match["sides"] else built
    return Units(total, total - needed)


def needed_of(redundancy: str, units: int) -> int:
    """Return how many of `units` built must work, the inverse of `units_of`.

    Raises ValueError where no load makes so many: 2N has an even number of units, 4-to-make-3 a multiple of four.
    """
    for needed in range(1, units + 1):
        if units_of(redundancy, needed).all == units:
            # Of distributed systems the most that the same number of units can carry.
            return units - units_of(redundancy, needed).spare
    raise ValueError(f"{units} units can not be '{redundancy}'")


def least_needed(redundancy: str) -> int:
    """Return the smallest number of needed units that leaves no system of distributed redundancy idle."""
    match = _TEXT.fullmatch(redundancy)
    return int(match["carry"]) if match and match["carry"] else 1


def _known(text: str) -> str:
    units_of(text, 1)
    return text


Redundancy = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "pattern": _PATTERN})]
"""`N`, `N+1`, `2N`, `2(N+1)`, `4-to-make-3` and their like."""
