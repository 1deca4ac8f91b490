"""Amounts as a planner reads them: megawatts, dollars, whole batches."""

from __future__ import annotations

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


def plural(unit: str) -> str:
    """Return the name of several of a unit that is counted."""
    return unit + ("es" if unit.endswith("ch") else "s")
