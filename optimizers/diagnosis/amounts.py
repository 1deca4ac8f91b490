"""Amounts as a planner reads them: megawatts, dollars, whole batches."""

from __future__ import annotations

import math

_DUST = 1e-6
"""Of an amount: what the solver's tolerance may have added to it."""
_STEPS: dict[str, tuple[tuple[float, str], ...]] = {
    "W": ((1e9, "GW"), (1e6, "MW"), (1e3, "kW"), (1.0, "W")),
    "USD": ((1e9, "GUSD"), (1e6, "MUSD"), (1e3, "kUSD"), (1.0, "USD")),
    "kg": ((1e6, "kt"), (1e3, "t"), (1.0, "kg")),
}
COUNTS = ("batch", "module", "block", "unit", "quarter")
"""Units of what comes whole."""


def amount_text(amount: float, unit: str) -> str:
    """Return an amount with its unit, in steps that a person reads: three significant digits or two decimals.

    >>> amount_text(410_000.0, "W"), amount_text(2e6, "W"), amount_text(3.0, "batch"), amount_text(0.021, "share")
    ('410 kW', '2.00 MW', '3 batches', '2.1%')
    """
    if unit == "share":
        return f"{100.0 * amount:.2f}".rstrip("0").rstrip(".") + "%"
    if unit in COUNTS:
        return f"{amount:.0f} {unit if round(amount) == 1 else plural(unit)}"
    for size, name in _STEPS.get(unit, ((1.0, unit),)):
        if abs(amount) >= size or size == 1.0:
            scaled = amount / size
            whole = abs(scaled) >= 100.0 or abs(scaled) < 0.005
            return f"{abs(scaled) if abs(scaled) < 0.005 else scaled:,.{0 if whole else 2}f} {name}"
    raise AssertionError(unit)


def rounded_up(amount: float, unit: str) -> float:
    """Return the least amount of those that `amount_text` can write that is not below an amount of 0 or more.

    Who relaxes a limit by what a report says must not fall short of it. A millionth of the amount is the solver's dust.

    >>> rounded_up(114_320.0, "W"), rounded_up(40_000.000_01, "W"), rounded_up(0.14936, "share")
    (115000.0, 40000.0, 0.1494)
    """
    step = 1e-4 if unit == "share" else 1.0
    if unit != "share" and unit not in COUNTS:
        steps = _STEPS.get(unit, ((1.0, unit),))
        size = next((each for each, _ in steps if amount >= each), 1.0)
        step = size if amount >= 100.0 * size else 0.01 * size
    count = amount / step
    return round(math.ceil(count - _DUST * max(count, 1.0)) * step, 9)


def plural(unit: str) -> str:
    """Return the name of several of a unit that is counted."""
    return unit + ("es" if unit.endswith("ch") else "s")
