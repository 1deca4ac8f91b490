"""Ratios of ISO/IEC 30134 and of the facility's work, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.accounting.ratios import (
    cue_kg_per_kwh,
    free_cooling_hours,
    partial_free_cooling_hours,
    partial_pue,
    pue,
    tokens_per_s_per_mw,
    wue_l_per_kwh,
)

KWH = 3.6e6


def test_pue_is_facility_over_it() -> None:
    assert pue(1180.0 * KWH, 1000.0 * KWH) == pytest.approx(1.18, rel=1e-12)
    assert pue(5.0, 0.0) is None
    with pytest.raises(ValueError, match="less than its IT's"):
        pue(0.9, 1.0)
    with pytest.raises(ValueError, match="facility_j must not be negative"):
        pue(-1.0, 0.0)


def test_partial_pue_counts_what_is_inside_the_zone() -> None:
    it_kwh, air_handlers_kwh = 800.0, 40.0
    assert partial_pue((it_kwh + air_handlers_kwh) * KWH, it_kwh * KWH) == pytest.approx(1.05, rel=1e-12)


def test_wue_is_litres_over_kwh_of_it() -> None:
    assert wue_l_per_kwh(0.27, 1000.0 * KWH) == pytest.approx(0.27, rel=1e-12)  # 270 L for 1,000 kWh
    assert wue_l_per_kwh(1.0, 0.0) is None


def test_cue_of_a_constant_grid_is_pue_times_its_intensity() -> None:
    facility_j, it_j, kg_per_kwh = 1150.0 * KWH, 1000.0 * KWH, 0.392
    effectiveness = pue(facility_j, it_j)
    assert effectiveness is not None
    assert cue_kg_per_kwh(facility_j / KWH * kg_per_kwh, it_j) == pytest.approx(effectiveness * kg_per_kwh, rel=1e-12)
    assert cue_kg_per_kwh(1.0, 0.0) is None


def test_an_hour_is_of_free_cooling_only_without_any_compressor() -> None:
    edges = 3600.0 * np.arange(5)
    heat_j = np.array([100.0, 100.0, 100.0, 0.0])
    assert free_cooling_hours(edges, [0.0, 1.0, 20.0, 0.0], heat_j) == 1.0
    partial_h = partial_free_cooling_hours(edges, [0.0, 25.0, 100.0, 0.0], heat_j)
    assert partial_h.tolist() == [1.0, 0.75, 0.0, 0.0]


def test_tokens_a_second_for_a_megawatt() -> None:
    # 2 million tokens a second at 4 MW for an hour.
    assert tokens_per_s_per_mw(2e6 * 3600.0, 4e6 * 3600.0) == pytest.approx(500_000.0, rel=1e-12)
    assert tokens_per_s_per_mw(1.0, 0.0) is None
