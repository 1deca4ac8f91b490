"""Ratios of a facility by the standards ISO/IEC 30134, and of its work.

The boundary of IT is one for all of them: nodes, the shelves and power supplies of racks, network and storage
equipment, server fans and pumps inside racks are IT; all between the meter and the rack's inlet, and everything else
that the building needs, is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_J_PER_KWH = 3.6e6


def pue(facility_j: float, it_j: float) -> float | None:
    """Return power usage effectiveness [1]: energy of the whole facility over that of IT; None without IT energy.

    `facility_j` [J] is all energy that crosses the boundary, whatever its source, on-site generation included; `it_j`
    [J] is measured at the inlet of IT equipment, which is category 3 (PUE3). The standard's figure is a year's; of a
    shorter run it is an interim PUE. Raises ValueError where the facility draws less than its IT.

    Source: ISO/IEC 30134-2.

    >>> pue(1.1e6, 1.0e6)
    1.1
    """
    _refuse_negative(facility_j=facility_j, it_j=it_j)
    # Sums of the same buckets in another order may differ in the last digits.
    if facility_j < it_j * (1.0 - 1e-9):
        raise ValueError(f"the facility's energy {facility_j:g} J is less than its IT's, {it_j:g} J")
    return facility_j / it_j if it_j else None


def partial_pue(zone_j: float, zone_it_j: float) -> float | None:
    """Return the partial PUE of a zone [1]: all energy used inside the zone over its IT energy; None without IT energy.

    `zone_j` [J] counts IT and what serves it inside the zone's own boundary, such as the air handlers of a hall; what
    serves several zones from outside, such as a chilled-water plant, is a zone of its own.

    Source: ISO/IEC 30134-2, annex on partial PUE.
    """
    return pue(zone_j, zone_it_j)


def wue_l_per_kwh(water_m3: float, it_j: float) -> float | None:
    """Return water usage effectiveness of the site [L/kWh]: water used over IT energy; None without IT energy.

    `water_m3` [m3] is water that the site draws for cooling, humidifying and power generation on the site; what is
    returned to where it came from is not told apart, and water of off-site power plants is left out. `it_j` [J] as
    for `pue`.

    Source: ISO/IEC 30134-9; The Green Grid, white paper 35 (2011), which names this WUE (site).

    >>> wue_l_per_kwh(1.8, 3.6e9)
    1.8
    """
    _refuse_negative(water_m3=water_m3, it_j=it_j)
    return 1e3 * water_m3 / (it_j / _J_PER_KWH) if it_j else None


def cue_kg_per_kwh(carbon_kg: float, it_j: float) -> float | None:
    """Return carbon usage effectiveness [kg of CO2 equivalent per kWh]; None without IT energy.

    `carbon_kg` [kg] is what the facility's energy use emitted: of grid electricity (scope 2) and of fuel burnt on the
    site (scope 1); embodied carbon is outside. `it_j` [J] as for `pue`. With location-based carbon of a constant grid
    it is PUE times the grid's intensity.

    Source: ISO/IEC 30134-8.

    >>> round(cue_kg_per_kwh(1.1 * 0.4, 3.6e6), 3)
    0.44
    """
    _refuse_negative(it_j=it_j)
    return carbon_kg / (it_j / _J_PER_KWH) if it_j else None


def free_cooling_hours(edges_utc_s: ArrayLike, compressor_j: ArrayLike, heat_j: ArrayLike) -> float:
    """Return the hours in which heat was rejected without any compressor [h].

    `compressor_j` [J] and `heat_j` [J], of shape (n,), are the compressors' electricity and the heat rejected between
    each two of the n + 1 rising edges. A bucket counts in full or not at all: an hour of partial free cooling, in which
    an economizer takes a share and a compressor the rest, is none (a definition; the standards have none).
    """
    import numpy as np

    hours = np.diff(np.asarray(edges_utc_s, dtype=np.float64)) / 3600.0
    free = (np.asarray(heat_j, dtype=np.float64) > 0.0) & (np.asarray(compressor_j, dtype=np.float64) <= 0.0)
    return float(hours[free].sum())


def partial_free_cooling_hours(
    edges_utc_s: ArrayLike, compressor_heat_j: ArrayLike, heat_j: ArrayLike
) -> NDArray[np.float64]:
    """Return the hours of free cooling of each bucket, weighed by the share of heat no compressor moved [h].

    `compressor_heat_j` [J], of shape (n,), is the part of `heat_j` [J] that passed an evaporator.
    """
    import numpy as np

    hours = np.diff(np.asarray(edges_utc_s, dtype=np.float64)) / 3600.0
    heat, moved = np.asarray(heat_j, dtype=np.float64), np.asarray(compressor_heat_j, dtype=np.float64)
    share = np.divide(heat - moved, heat, out=np.zeros_like(heat), where=heat > 0.0)
    return np.asarray(hours * np.clip(share, 0.0, 1.0))


def tokens_per_s_per_mw(tokens: float, facility_j: float) -> float | None:
    """Return tokens a second for each MW of the facility, that is tokens per MJ; None without energy.

    >>> tokens_per_s_per_mw(1e6 * 3600.0, 1e6 * 3600.0)  # a million tokens a second at 1 MW
    1000000.0
    """
    _refuse_negative(tokens=tokens, facility_j=facility_j)
    return tokens / (facility_j / 1e6) if facility_j else None


def _refuse_negative(**given: float) -> None:
    for name, value in given.items():
        if not value >= 0.0:
            raise ValueError(f"{name} must not be negative, it is {value:g}")
