"""A chiller inside the bounds of its curves, beyond them, and where both meet."""

from __future__ import annotations

import pytest

from models import catalog
from models.chillers.chiller import Chiller, biquadratic
from models.cooling.continuation import Continuation
from models.cooling.staging import notes_on, worked

YORK = catalog.entry("chillers", "york-yk-2771kw-6.84cop-vsd")
AIR_COOLED = catalog.entry("chillers", "copper-169-air-screw-575kw-3.49cop")


def power_w(machine: Chiller, chilled_water_c: float, condenser_c: float, share: float = 1.0) -> float:
    """Power at a share of the reference capacity."""
    heat_w = share * machine.reference_capacity.value
    return worked(Continuation().parameters(machine), chilled_water_c, condenser_c, heat_w)[0]


@pytest.mark.parametrize("name", catalog.names("chillers")[::20])
def test_a_machine_draws_its_rated_power_at_its_reference_point(name: str) -> None:
    machine = catalog.entry("chillers", name)
    rated_w = machine.reference_capacity.value / machine.reference_cop.value
    at = (machine.reference_chilled_water, machine.reference_condenser)
    assert power_w(machine, *at) == pytest.approx(rated_w, rel=1e-4)  # bounds are rounded from °F


def test_inside_the_bounds_power_is_that_of_the_curves() -> None:
    x, y, heat_w = 7.0, 25.0, 2.0e6
    capacity_w = biquadratic(YORK.capacity_w, x, y)
    p0, p1, p2 = YORK.power_by_part_load
    part = heat_w / capacity_w
    expected_w = capacity_w * biquadratic(YORK.power_per_heat, x, y) * (p0 + p1 * part + p2 * part**2)
    assert worked(Continuation().parameters(YORK), x, y, heat_w)[0] == pytest.approx(expected_w, rel=1e-12)


def test_below_the_least_part_load_the_machine_cycles() -> None:
    capacity_w = biquadratic(YORK.capacity_w, 7.0, 25.0)
    least = YORK.part_load.least * capacity_w / YORK.reference_capacity.value
    assert power_w(YORK, 7.0, 25.0, 0.5 * least) == pytest.approx(0.5 * power_w(YORK, 7.0, 25.0, least), rel=1e-9)


def test_below_the_unloaded_part_load_power_falls_no_further_until_the_machine_cycles() -> None:
    machine = catalog.entry("chillers", "doe-2-centrifugal-5.50cop")  # least 0.1, unloaded 0.2
    assert power_w(machine, 6.67, 29.4, 0.15) == power_w(machine, 6.67, 29.4, 0.12)
    assert power_w(machine, 6.67, 29.4, 0.05) == pytest.approx(0.5 * power_w(machine, 6.67, 29.4, 0.1), rel=1e-9)


def test_beyond_the_bounds_power_follows_lift_over_evaporating_temperature() -> None:
    # York's corner is 8.89 and 29.44 °C; refrigerant 1.5 K below the chilled water and 6.5 K above the condenser's.
    at_corner_w = power_w(YORK, 8.89, 29.44, 0.8)
    lift = ((29.44 + 6.5) - (8.89 - 1.5)) / (8.89 - 1.5 + 273.15)
    warmer = ((29.44 + 6.5) - (12.0 - 1.5)) / (12.0 - 1.5 + 273.15)
    hotter = ((35.0 + 6.5) - (8.89 - 1.5)) / (8.89 - 1.5 + 273.15)
    assert power_w(YORK, 12.0, 29.44, 0.8) == pytest.approx(at_corner_w * warmer / lift, rel=1e-9)
    assert power_w(YORK, 8.89, 35.0, 0.8) == pytest.approx(at_corner_w * hotter / lift, rel=1e-9)


def test_beyond_the_bounds_no_machine_does_better_than_the_greatest_cop() -> None:
    assert 0.8 * YORK.reference_capacity.value / power_w(YORK, 24.0, 22.0, 0.8) == pytest.approx(12.0, rel=1e-12)
    # 12.5 is published at this corner, and is kept: what is known is no extrapolation.
    known = power_w(YORK, 8.89, 12.78, 0.8)
    assert 0.8 * YORK.reference_capacity.value / known > 12.4
    assert power_w(YORK, 24.0, 12.78, 0.8) == known


def test_power_falls_no_further_than_at_the_least_lift() -> None:
    freely = Continuation(greatest_cop=100.0)
    heat_w = 0.8 * YORK.reference_capacity.value
    corner_w, _ = worked(freely.parameters(YORK), 8.89, 12.78, heat_w)
    # 11.89 K of lift at the corner, 10 K at the least, and the evaporating temperature of 24 °C chilled water.
    expected_w = corner_w * 10.0 / 11.89 * (8.89 - 1.5 + 273.15) / (24.0 - 1.5 + 273.15)
    for condenser_c in (12.78, 15.0, 20.0):
        assert worked(freely.parameters(YORK), 24.0, condenser_c, heat_w)[0] == pytest.approx(expected_w, rel=1e-9)


@pytest.mark.parametrize("machine", [YORK, AIR_COOLED], ids=["water", "air"])
def test_power_and_capacity_are_continuous_at_the_bounds(machine: Chiller) -> None:
    chiller = Continuation().parameters(machine)
    x, y = machine.chilled_water, machine.condenser_entering
    heat_w = 0.6 * machine.reference_capacity.value
    for inside, outside in (
        ((x.greatest, 30.0), (x.greatest + 1e-7, 30.0)),
        ((x.least, 30.0), (x.least - 1e-7, 30.0)),
        ((x.greatest, y.greatest), (x.greatest, y.greatest + 1e-7)),
        ((x.greatest, y.least), (x.greatest, y.least - 1e-7)),
        ((x.greatest, y.greatest), (x.greatest + 1e-7, y.greatest + 1e-7)),
    ):
        assert worked(chiller, *inside, heat_w) == pytest.approx(worked(chiller, *outside, heat_w), rel=1e-7)


def test_capacity_beyond_the_bounds_is_that_of_the_nearest_bound() -> None:
    chiller = Continuation().parameters(YORK)
    assert worked(chiller, 24.0, 40.0, 0.0)[1] == worked(chiller, 8.89, 29.44, 0.0)[1]


def test_a_machine_is_not_counted_on_for_more_on_a_hotter_day() -> None:
    trane = catalog.entry("chillers", "trane-cvhf-2317kw-6.33cop-vsd")
    capacities_w = [worked(Continuation().parameters(trane), 7.0, 12.78 + 0.5 * step, 0.0)[1] for step in range(40)]
    assert capacities_w == sorted(capacities_w, reverse=True)
    # Its curve alone has the capacity rise at first.
    assert biquadratic(trane.capacity_w, 7.0, 20.0) > biquadratic(trane.capacity_w, 7.0, 12.78)


def test_a_flagged_machine_comes_with_a_note() -> None:
    assert notes_on(YORK) == ()
    notes = notes_on(catalog.entry("chillers", "york-yt-563kw-10.61cop-vanes"))
    assert notes[0].startswith(
        "York YT 563 kW, COP 10.61, centrifugal, inlet vanes: inside its curves' bounds power falls with a hotter "
        "condenser, by 4.0% at worst"
    )
    assert len(notes) == 3


def test_approaches_that_leave_no_lift_are_refused() -> None:
    machine = catalog.entry("chillers", "york-yk-1881kw-6.53cop-vanes")  # 12.78 °C chilled water, condenser 9.44 °C
    small = Continuation(condenser_rise_k=0.0)
    with pytest.raises(ValueError, match=r"the refrigerant would have -0\.34 K of lift; state larger approaches"):
        small.parameters(machine)
