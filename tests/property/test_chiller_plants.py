"""Worse weather and more load never save power, and every joule is accounted for; searched over machines and sites."""

from __future__ import annotations

import functools
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import types

from models import catalog
from models.compiled import compiled_as
from models.cooling.chiller_kernel import work_chillers
from models.cooling.continuation import Continuation
from models.cooling.merkel_kernel import WATER_J_PER_KG_K
from models.cooling.plants import trains_kernel as kernel
from models.cooling.plants.chilled_water import ChilledWaterPlant, Economizer
from models.cooling.plants.plant import Duty, SizedPlant
from models.cooling.tower import Tower
from models.cooling.tower_kernel import LEAVING_C, WATER_KG_PER_S, work_tower
from models.weather.design_day import DesignDay


@functools.cache
def unflagged(condenser: str) -> list[str]:
    """The machines of the catalogue whose power goes the right way inside their bounds."""
    machines = {name: catalog.entry("chillers", name) for name in catalog.names("chillers")}
    return [name for name, machine in machines.items() if machine.condenser == condenser and not machine.flags]


# Read when a test asks, not when it is collected.
WATER_COOLED = st.deferred(lambda: st.sampled_from(unflagged("water")))
AIR_COOLED = st.deferred(lambda: st.sampled_from(unflagged("air")))
DEFAULT = "york-yk-2771kw-6.84cop-vsd"
ROUNDING = 1e-9


@compiled_as(types.void(types.float64[::1], types.float64[::1], types.float64[::1]))
def work_alone(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what a tower answers to heat, water wanted, dry bulb, wet bulb, pressure and cells."""
    work_tower(parameters, 0, asked[0], asked[1], asked[2], asked[3], asked[4], asked[5], answered)


def falls(values: np.ndarray) -> float:
    """The greatest fall below the highest value before, as a share of it."""
    highest = np.maximum.accumulate(values)
    return float((1.0 - values / np.maximum(highest, 1e-9)).max())


@settings(max_examples=40, deadline=None)
@given(
    name=st.one_of(WATER_COOLED, AIR_COOLED),
    chilled_water_c=st.floats(-5.0, 35.0),
    condenser_c=st.floats(-10.0, 60.0),
    share=st.floats(0.01, 0.6),
)
def test_a_machine_without_flags_stays_monotone_beyond_its_bounds(
    name: str, chilled_water_c: float, condenser_c: float, share: float
) -> None:
    machine = catalog.entry("chillers", name)
    parameters = np.array(Continuation().parameters(machine))
    steps = 400

    def power_w(x: object, y: object, heat: object) -> np.ndarray:
        asked = np.stack(np.broadcast_arrays(*(np.asarray(value, float) for value in (x, y, heat))), axis=1)
        answered = np.zeros((steps, 3))
        work_chillers(parameters, np.ascontiguousarray(asked), answered)
        # Where the heat is beyond the machine, its power is no answer.
        return np.where(asked[:, 2] <= answered[:, 1], answered[:, 0], np.nan)

    heat_w = share * machine.reference_capacity.value
    along = {
        "hotter condenser": power_w(chilled_water_c, np.linspace(-10.0, 60.0, steps), heat_w),
        "colder chilled water": power_w(np.linspace(35.0, -5.0, steps), condenser_c, heat_w),
        "more load": power_w(
            chilled_water_c, condenser_c, np.linspace(0.001, 1.2, steps) * machine.reference_capacity.value
        ),
    }
    for what, found in along.items():
        carried = found[~np.isnan(found)]
        assert carried.size == 0 or falls(carried) <= ROUNDING, what


def plants(draw: st.DrawFn) -> tuple[SizedPlant, float, float]:
    """A plant of one to five units of a machine without flags, its supply and its capacity on the design day."""
    name = draw(st.one_of(st.just(DEFAULT), WATER_COOLED))
    supply_c = draw(st.floats(5.0, 32.0))
    day = DesignDay(36.0, draw(st.floats(14.0, 29.0)), 101_325.0, "drawn")
    staging: Literal["least-power", "fixed"] = draw(st.sampled_from(("least-power", "fixed")))
    approach_k = draw(st.one_of(st.none(), st.floats(1.0, 4.0)))
    stated_c = draw(st.one_of(st.none(), st.floats(8.0, 28.0)))
    plant = ChilledWaterPlant(
        chiller=name,
        staging=staging,
        cells_per_chiller=draw(st.integers(1, 2)),
        tower=Tower(correlation=draw(st.sampled_from(("merkel", "yorkcalc")))),
        condenser_water=None if stated_c is None else f"{stated_c} °C",  # type: ignore[arg-type]
        economizer=None if approach_k is None else Economizer(approach_k=approach_k),
    )
    heat_w = draw(st.floats(0.3, 4.0)) * catalog.entry("chillers", name).reference_capacity.value
    sized = plant.sized(Duty(heat_w, supply_c, day))
    capacity_w = sized.operate(1.0, supply_c, 30.0, day.wet_bulb_c, 101_325.0).capacity_w[0]
    return sized, supply_c, float(capacity_w)


@settings(max_examples=25, deadline=None)
@given(drawn=st.composite(plants)(), share=st.floats(0.01, 1.0), at_wet_bulb_c=st.floats(-15.0, 32.0))
def test_more_wet_bulb_or_more_load_never_takes_less_power(
    drawn: tuple[SizedPlant, float, float], share: float, at_wet_bulb_c: float
) -> None:
    plant, supply_c, capacity_w = drawn
    wet_bulb_c = np.linspace(-15.0, 32.0, 300)
    hotter = plant.operate(share * capacity_w, supply_c, 40.0, wet_bulb_c, 101_325.0)
    carried = hotter.removed_w >= share * capacity_w * (1.0 - ROUNDING)
    total_w = hotter.compressor_w + hotter.fan_w + hotter.pump_w
    if carried.any():
        assert falls(total_w[carried]) <= ROUNDING
    assert falls(-hotter.capacity_w + 10.0 * hotter.capacity_w.max()) <= ROUNDING
    loaded = plant.operate(np.linspace(0.002, 1.1, 300) * capacity_w, supply_c, 40.0, at_wet_bulb_c, 101_325.0)
    assert falls(loaded.compressor_w + loaded.fan_w + loaded.pump_w) <= ROUNDING


@settings(max_examples=25, deadline=None)
@given(
    drawn=st.composite(plants)(),
    share=st.floats(0.0, 1.5),
    wet_bulb_c=st.floats(-15.0, 32.0),
    working=st.floats(0.0, 1.0),
)
def test_what_is_removed_and_drawn_is_what_the_towers_reject(
    drawn: tuple[SizedPlant, float, float], share: float, wet_bulb_c: float, working: float
) -> None:
    plant, supply_c, capacity_w = drawn
    units = round(working * plant.units)
    found = plant.operate(share * capacity_w, supply_c, wet_bulb_c + 5.0, wet_bulb_c, 101_325.0, units=units)
    removed_w, compressor_w, pump_w = (
        float(column[0]) for column in (found.removed_w, found.compressor_w, found.pump_w)
    )
    assert removed_w <= found.capacity_w[0] and found.free_w[0] <= removed_w
    assert found.running[0] <= units
    if removed_w == 0.0:
        assert compressor_w == pump_w == found.fan_w[0] == 0.0
        return
    # The tower as it is by itself, given the heat that the plant must reject, draws the plant's fan power.
    train_pump_w = plant.parameters[kernel.TRAIN_PUMP_W]
    loops_w = removed_w * plant.parameters[kernel.CHILLED_PUMP_SHARE]
    with_exchanger_w = loops_w + removed_w * plant.parameters[kernel.EXCHANGER_PUMP_SHARE]
    trains = round((pump_w - loops_w) / train_pump_w) if found.free_w[0] == 0.0 else None
    if trains is None or abs(pump_w - loops_w - trains * train_pump_w) > 1e-6 * pump_w:
        trains = round((pump_w - with_exchanger_w) / train_pump_w)
    cells = min(trains * plant.parameters[kernel.CELLS_PER_TRAIN], plant.towers)
    tower = np.ascontiguousarray(plant.parameters[kernel.TOWER :])
    rejected_w = removed_w + compressor_w + pump_w
    full_w = cells * tower[3]
    if found.fan_w[0] >= full_w * (1.0 - 1e-9):
        answered = np.zeros(6)
        work_alone(tower, np.array([rejected_w, -50.0, wet_bulb_c + 5.0, wet_bulb_c, 101_325.0, cells]), answered)
        assert answered[LEAVING_C] + rejected_w / (WATER_J_PER_KG_K * cells * tower[WATER_KG_PER_S]) < 45.0 + 1e-6
        water = [found.evaporation_kg_per_s[0], found.blowdown_kg_per_s[0], found.drift_kg_per_s[0]]
        assert answered[2:5] == pytest.approx(water, rel=1e-6)
