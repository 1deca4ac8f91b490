"""A plan's hours, and what energy, power and carbon come to in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from models.problems import InputError
from optimizers.figures.hours import chosen_hours, end_discount, quarters_of
from optimizers.figures.places import granted_w
from optimizers.figures.prices import site_prices, water_of_quarter
from optimizers.figures.weather import weather_at
from optimizers.problem import Problem
from optimizers.refusals import Refusals
from optimizers.stated.places import check_places
from plan_text import PLAN

SITE = {"plains": {"tariff": {"kind": "flat", "price": "62 USD/MWh"}}}


def problem(**given: Any) -> Problem:
    """The small plan with some keys replaced; `site` is that of its only site."""
    plan = YAML(typ="safe", pure=True).load(PLAN)["plan"]
    if "site" in given:
        plan["sites"]["plains"]["site"] = given.pop("site")
    return Problem.model_validate(plan | given)


def prices(given: Problem, refusals: Refusals | None = None) -> Any:
    return site_prices(given, "plains", chosen_hours(given), quarters_of(given), refusals or Refusals())


@pytest.mark.parametrize(("days", "step_hours"), [(1, 1), (3, 2), (14, 24)])
def test_hours_of_a_quarter_stand_for_all_of_its_hours(days: int, step_hours: int) -> None:
    given = problem(quarters=5, first_quarter="2027-Q4", hours={"days": days, "step_hours": step_hours})
    hours = chosen_hours(given)
    lengths_h = [each.hours_h for each in quarters_of(given)]
    assert lengths_h == [92 * 24, 91 * 24, 91 * 24, 92 * 24, 92 * 24]  # 2028 is a leap year
    assert hours.weight_h.sum(axis=1) == pytest.approx(lengths_h)
    assert hours.count == days * 24 // step_hours + 1
    assert hours.weight_h[:, -1].tolist() == [0.0] * 5
    assert sum(day.count for day in hours.days) == hours.count


def test_a_quarters_one_day_is_the_one_in_its_middle() -> None:
    starts = chosen_hours(problem()).start_utc_s[0, :24]
    assert starts[0] == np.datetime64("2027-02-15T00", "s").astype(float)  # day 45 of 90, from 0
    assert np.diff(starts).tolist() == [3600.0] * 23


def test_money_counts_less_by_the_interest_of_a_year() -> None:
    found = quarters_of(problem(quarters=6, discount_rate=0.1))
    assert [each.discount for each in found][::4] == pytest.approx([1.0, 1.0 / 1.1])


def test_what_is_left_at_the_end_counts_a_quarter_less_than_the_last_quarters_money() -> None:
    given = problem(quarters=4, discount_rate=0.1)
    assert end_discount(given) == pytest.approx(1.0 / 1.1)
    assert end_discount(given) < quarters_of(given)[-1].discount
    assert end_discount(problem(discount_rate=0.0)) == 1.0


def test_tranches_of_the_grid_slip_and_the_first_quarters_does_not() -> None:
    futures = [
        {"name": "as planned", "probability": 0.5},
        {"name": "late", "probability": 0.5, "grid_slip_quarters": 1},
    ]
    given = problem(futures=futures)
    assert granted_w(given, given.sites["plains"]).tolist() == [[1e6, 1e6, 2e6, 2e6], [1e6, 1e6, 1e6, 2e6]]


def test_a_price_has_its_taxes_and_its_futures_factor() -> None:
    tariff = {"kind": "flat", "price": "60 USD/MWh", "taxes": {"per_energy": "5 USD/MWh", "share": 0.1}}
    futures = [
        {"name": "as planned", "probability": 0.5},
        {"name": "dear", "probability": 0.5, "price_factor": 2.0},
    ]
    found = prices(problem(site={"tariff": tariff}, futures=futures)).price_usd_per_kwh
    assert found.shape == (2, 4, 25)
    assert found[0] == pytest.approx(np.full((4, 25), 1.1 * 0.065))
    assert found[1] == pytest.approx(np.full((4, 25), 1.1 * 0.125))


def test_three_months_of_every_demand_charge_are_billed_at_a_quarters_peak() -> None:
    charges = [{"price": "10 USD/kW"}, {"price": "4 USD/kW", "months": ["jun", "jul", "aug"], "hours": "12:00-18:00"}]
    tariff = {"kind": "flat", "price": "60 USD/MWh", "demand": charges, "fixed": "1 kUSD", "taxes": {"share": 0.5}}
    refusals = Refusals()
    found = prices(problem(site={"tariff": tariff}), refusals)
    assert found.demand_charge_usd_per_kw == pytest.approx(1.5 * 3.0 * (10.0 + 4.0 * 3.0 / 12.0))
    assert found.fixed_usd == pytest.approx(1.5 * 3000.0)
    assert "demand[1]" in refusals.notes[0]


def test_prices_of_some_hours_are_the_mean_over_a_step() -> None:
    periods = [{"hours": "00:00-03:00", "price": "40 USD/MWh"}]
    tariff = {"kind": "time-of-use", "zone": "UTC", "periods": periods, "default": "100 USD/MWh"}
    found = prices(problem(site={"tariff": tariff}, hours={"step_hours": 6, "design_hour": False}))
    assert found.price_usd_per_kwh[0, 0] == pytest.approx([0.07, 0.1, 0.1, 0.1])


def test_energy_and_carbon_that_count_are_not_free() -> None:
    refusals = Refusals()
    check_places(problem(site={}, caps={"carbon": "100 t"}), refusals)
    with pytest.raises(InputError) as refused:
        refusals.raise_if_any()
    assert [each.path for each in refused.value.problems] == [
        "plan.sites.plains.site.tariff", "plan.sites.plains.site.carbon",
    ]  # fmt: skip


def test_what_does_not_count_is_noted_where_it_is_unknown() -> None:
    refusals = Refusals()
    without = problem(site={}, objective="risk")
    check_places(without, refusals)
    found = prices(without, refusals)
    refusals.raise_if_any()
    assert not found.carbon_kg_per_kwh.any()
    assert ["energy costs nothing" in refusals.notes[0], "counts no carbon" in refusals.notes[1]] == [True, True]


def test_a_contracts_minimum_is_refused() -> None:
    minimum = {"share": 0.8, "contracted": "10 MW"}
    tariff = {"kind": "flat", "price": "60 USD/MWh", "demand": [{"price": "10 USD/kW", "contract_minimum": minimum}]}
    refusals = Refusals()
    check_places(problem(site={"tariff": tariff}), refusals)
    with pytest.raises(InputError, match="contract_minimum"):
        refusals.raise_if_any()


def test_water_pays_its_sources_and_what_is_drained_the_sewer() -> None:
    prices = {"supply": "2 USD/m3", "sewer": "3 USD/m3"}
    sources = [
        {"name": "mains", "share": 0.5, "prices": prices, "daily_limit": "10 m3"},
        {"name": "well", "share": 0.5},
    ]
    given = problem(site={"water": {"sources": sources}})
    most_m3, usd = water_of_quarter(given.sites["plains"], "plains", 0.2, Refusals())
    assert usd == pytest.approx(0.5 * (2.0 + 0.2 * 3.0))
    assert most_m3 == pytest.approx(20.0 * 365.25 / 4.0)


def test_weather_is_that_of_its_hours_and_of_the_design_day_in_the_design_hour() -> None:
    site = {
        "weather": {"kind": "constant", "dry_bulb": "16 °C", "relative_humidity": 0.6},
        "design": {"dry_bulb": "35 °C", "wet_bulb": "24 °C"},
    }
    given = problem(site=site)
    found = weather_at(given.sites["plains"], chosen_hours(given))
    assert found.dry_bulb_c[0, :-1].tolist() == [16.0] * 24
    assert (found.dry_bulb_c[0, -1], found.wet_bulb_c[0, -1]) == (35.0, 24.0)
    assert 11.0 < found.wet_bulb_c[0, 0] < 12.5  # psychrometric chart: 11.7 °C
    with pytest.raises(InputError, match=r"site\.weather: modules with 'cooling' stand in weather"):
        weather_at(problem().sites["plains"], chosen_hours(given))
