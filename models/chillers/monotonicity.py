"""Whether a chiller's curves go the right way: hotter condenser, colder chilled water and more load cost power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chiller import Chiller, Flag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING = 1e-9
"""What of a power is taken as the rounding of floats, not as the wrong way."""


def wrong_ways(chiller: Chiller, temperatures: int = 33, loads: int = 40) -> dict[Flag, float]:
    """Return where power goes the wrong way inside the curves' own bounds, and by how much of itself at worst.

    Power is scanned over `temperatures` values of chilled water, as many of the condenser, and `loads` loads [W] that
    are the same at every temperature, from near 0 to what the machine carries there. For each of the three the worst
    is the greatest fall (of chilled water: rise) from the greatest (least) power met on the way, whole grid considered.
    """
    import numpy as np

    power_w = _power_w(chiller, temperatures, loads)
    found: dict[Flag, float] = {
        "hotter-condenser-less-power": _greatest_fall(np.moveaxis(power_w, 1, 0)),
        "warmer-chilled-water-more-power": _greatest_fall(power_w[::-1]),
        "more-load-less-power": _greatest_fall(np.moveaxis(power_w, 2, 0)),
    }
    return {flag: fall for flag, fall in found.items() if fall > ROUNDING}


def _power_w(chiller: Chiller, temperatures: int, loads: int) -> NDArray[np.float64]:
    """Return power [W], shape (chilled water, condenser, load), not a number where the load is beyond the machine."""
    import numpy as np

    chilled_water, entering, part_load = chiller.chilled_water, chiller.condenser_entering, chiller.part_load
    x = np.linspace(chilled_water.least, chilled_water.greatest, temperatures)[:, np.newaxis]
    y = np.linspace(entering.least, entering.greatest, temperatures)[np.newaxis, :]
    capacity_w = _biquadratic(chiller.capacity_w, x, y)
    full_w = capacity_w * _biquadratic(chiller.power_per_heat, x, y)
    greatest_w = part_load.greatest * capacity_w
    load_w = np.linspace(0.0, float(greatest_w.max()), loads + 1)[1:]
    share = load_w / capacity_w[..., np.newaxis]
    p0, p1, p2 = chiller.power_by_part_load
    loaded = np.maximum(share, part_load.unloaded)
    power_w = full_w[..., np.newaxis] * (p0 + p1 * loaded + p2 * loaded**2) * np.minimum(share / part_load.least, 1.0)
    return np.where(load_w <= greatest_w[..., np.newaxis] * (1.0 + 1e-12), power_w, np.nan)


def _biquadratic(curve: tuple[float, ...], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    a, b, c, d, e, f = curve
    return a + b * x + c * x**2 + d * y + e * y**2 + f * x * y


def _greatest_fall(power_w: NDArray[np.float64]) -> float:
    """Return the greatest fall along the first axis, over the greatest value before it; 0 where nothing falls."""
    import numpy as np

    highest = np.fmax.accumulate(power_w, axis=0)
    return max(float(np.nanmax(1.0 - power_w / highest)), 0.0)
