"""Bills computed by hand: what a month costs, line by line."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from models.economics.bill import Bill, bill
from models.economics.tariff import Tariff
from models.economics.tariff_flat import FlatTariff
from simulator.scenario.selection import selected_from

NEW_YORK = "America/New_York"
MW_QUARTER_J = 1e6 * 900.0
DEMAND_12 = {"price": "12 USD/kW"}


def flat(price: str = "80 USD/MWh", **charges: Any) -> FlatTariff:
    return FlatTariff.model_validate({"price": price, **charges})


def edges(first: str, last: str, zone: str = "UTC", step_s: int = 900) -> NDArray[np.float64]:
    """Return edges from local midnight of one day to that of another."""
    start, end = (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp() for day in (first, last))
    return np.arange(start, end + 1, step_s, dtype=np.float64)


def constant_j(at: NDArray[np.float64], power_w: float) -> NDArray[np.float64]:
    return np.diff(at) * power_w


def by_month_j(at: NDArray[np.float64], power_mw: list[float]) -> NDArray[np.float64]:
    """Return energy at one power for each month in turn, on the UTC clock."""
    month = np.floor(at[:-1] / 86_400).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    energy_j: NDArray[np.float64] = np.diff(at) * np.array(power_mw)[month - month[0]] * 1e6
    return energy_j


def amounts(given: Bill, component: str) -> list[float]:
    return [round(line.amount_usd, 6) for line in given.lines if line.component == component]


def test_a_constant_megawatt_in_january_by_hand() -> None:
    tariff = flat(demand=[DEMAND_12], fixed="500 USD", taxes={"per_energy": "5 USD/MWh", "share": 0.06})
    january = edges("2023-01-01", "2023-02-01")
    total = bill(january, constant_j(january, 1e6), tariff)
    # 744 MWh at 80 USD; 1,000 kW at 12 USD; the fee; 5 USD/MWh; and 6% of 75,740 USD.
    assert [(line.month, line.component, round(line.amount_usd, 6)) for line in total.lines] == [
        ("2023-01", "energy", 59_520.0),
        ("2023-01", "demand", 12_000.0),
        ("2023-01", "fixed", 500.0),
        ("2023-01", "energy-tax", 3_720.0),
        ("2023-01", "tax", 4_544.4),
    ]
    assert total.total_usd == pytest.approx(80_284.4, rel=1e-12)
    assert (total.energy_charge_usd, total.demand_charge_usd) == pytest.approx((59_520.0, 12_000.0), rel=1e-12)
    assert total.billed_demand_kw == pytest.approx(1000.0, rel=1e-12)
    assert total.notes == ()


@pytest.mark.parametrize(("interval", "demand_kw"), [("15 min", 600.0), ("30 min", 300.0), ("60 min", 150.0)])
def test_demand_is_the_mean_of_the_metering_interval(interval: str, demand_kw: float) -> None:
    at = edges("2023-01-01", "2023-02-01", step_s=60)
    energy_j = np.zeros(len(at) - 1)
    energy_j[500] = 9e6 * 60.0  # one minute at 9 MW
    total = bill(at, energy_j, flat(demand=[{**DEMAND_12, "interval": interval}]))
    assert total.billed_demand_kw == pytest.approx(demand_kw, rel=1e-12)
    assert total.demand_charge_usd == pytest.approx(12.0 * demand_kw, rel=1e-12)


def test_demand_of_some_hours_counts_these_alone_on_the_local_clock() -> None:
    at = edges("2023-07-01", "2023-08-01", NEW_YORK)
    energy_j = constant_j(at, 1e6)
    noon, evening = (datetime(2023, 7, 3, hour, tzinfo=ZoneInfo(NEW_YORK)).timestamp() for hour in (12, 18))
    energy_j[np.searchsorted(at, noon)] *= 5.0
    energy_j[np.searchsorted(at, evening)] *= 2.0
    on_peak = {"name": "on-peak", "price": "20 USD/kW", "weekdays": ["mon"], "hours": "16:00-21:00"}
    total = bill(at, energy_j, flat(zone=NEW_YORK, demand=[DEMAND_12, on_peak]))
    assert [(month.name, round(month.measured_w / 1e6, 9), month.peak_utc_s) for month in total.demand] == [
        ("demand", 5.0, noon),
        ("on-peak", 2.0, evening),
    ]
    assert amounts(total, "demand") == [60_000.0, 40_000.0]


def test_a_seasonal_charge_is_billed_in_its_months_only() -> None:
    at = edges("2023-05-01", "2023-08-01")
    total = bill(at, constant_j(at, 1e6), flat(demand=[{**DEMAND_12, "months": ["jun", "jul"]}]))
    assert [line.month for line in total.lines if line.component == "demand"] == ["2023-06", "2023-07"]


def test_ratchet_holds_the_summer_peak_for_eleven_months_and_then_lets_go() -> None:
    at = edges("2023-06-01", "2024-09-01", step_s=3600)
    power_mw = [4.0, 10.0, *[4.0] * 13]  # July 2023 is the peak
    hourly = {"price": "10 USD/kW", "interval": "1 h", "ratchet": {"share": 0.8}}
    total = bill(at, by_month_j(at, power_mw), flat(demand=[hourly]))
    billed_mw = [round(month.billed_w / 1e6, 9) for month in total.demand]
    # From August to June 80% of 10 MW; in July 2024 that is twelve months back: 80% of 4 MW is below 4 MW.
    assert billed_mw == [4.0, 10.0, *[8.0] * 11, 4.0, 4.0]
    assert amounts(total, "ratchet") == [40_000.0] * 11


def test_ratchet_may_look_at_summer_alone_and_at_months_before_the_run() -> None:
    at = edges("2023-02-01", "2023-04-01", step_s=3600)
    ratchet = {"share": 0.5, "months": ["jan"], "earlier": ["20 MW", "6 MW"]}  # December and January
    hourly = {"price": "10 USD/kW", "interval": "1 h", "ratchet": ratchet}
    total = bill(at, by_month_j(at, [1.0, 1.0]), flat(demand=[hourly]))
    assert [month.ratchet_w for month in total.demand] == [3e6, 3e6]


def test_contract_minimum_tops_up_what_a_large_load_does_not_draw() -> None:
    at = edges("2023-01-01", "2023-02-01", step_s=3600)
    large = {"price": "10 USD/kW", "interval": "1 h", "contract_minimum": {"share": 0.85, "contracted": "100 MW"}}
    total = bill(at, constant_j(at, 60e6), flat(demand=[large]))
    assert amounts(total, "demand") == [600_000.0]
    assert amounts(total, "contract-minimum") == [250_000.0]
    assert total.billed_demand_kw == pytest.approx(85_000.0, rel=1e-12)
    assert amounts(bill(at, constant_j(at, 90e6), flat(demand=[large])), "contract-minimum") == []


def test_contract_minimum_follows_the_ramp_of_the_site() -> None:
    at = edges("2023-01-01", "2023-05-01", step_s=3600)
    ramp = [
        {"until": "2023-04-01T00:00Z", "contracted": "50 MW"},
        {"until": "2023-02-01T00:00Z", "contracted": "20 MW"},
    ]
    minimum = {"share": 0.5, "contracted": "100 MW", "ramp": ramp}
    large = {"price": "10 USD/kW", "interval": "1 h", "contract_minimum": minimum}
    total = bill(at, constant_j(at, 1e6), flat(demand=[large]))
    assert [month.minimum_w / 1e6 for month in total.demand] == [10.0, 25.0, 25.0, 50.0]


def test_four_coincident_peaks_bill_the_mean_in_every_month_of_their_year() -> None:
    at = edges("2023-05-01", "2023-11-01", "America/Chicago")
    starts = [f"2023-0{month}-15T17:00:00-05:00" for month in (6, 7, 8, 9)]
    energy_j = constant_j(at, 10e6)
    for start, share in zip(starts, (0.0, 0.2, 0.4, 1.0), strict=True):
        energy_j[np.searchsorted(at, datetime.fromisoformat(start).timestamp())] *= share
    peaks = {"price": "5 USD/kW", "interval": "15 min", "starts": starts}
    total = bill(at, energy_j, flat(zone="America/Chicago", coincident_peak=[peaks]))
    assert amounts(total, "coincident-peak") == [5.0 * 4_000.0] * 6  # (0 + 2 + 4 + 10) / 4 MW
    monthly = bill(at, energy_j, flat(zone="America/Chicago", coincident_peak=[{**peaks, "sets": "month"}]))
    assert amounts(monthly, "coincident-peak") == [0.0, 0.0, 10_000.0, 20_000.0, 50_000.0, 0.0]


def test_peaks_outside_the_run_are_noted() -> None:
    at = edges("2023-07-01", "2023-08-01")
    peaks = {"price": "5 USD/kW", "starts": ["2022-07-15T17:00:00Z", "2023-07-15T17:00:00Z"]}
    total = bill(at, constant_j(at, 1e6), flat(coincident_peak=[peaks]))
    assert amounts(total, "coincident-peak") == [5_000.0]
    assert total.notes == (
        "coincident peak: 1 of 2 peaks lie outside the run, the first 2022-07-15T17:00Z; the mean is over the others",
    )


def test_likely_peak_hours_bill_the_mean_over_them() -> None:
    at = edges("2023-07-01", "2023-08-01", step_s=3600)
    hour = (at[:-1] // 3600) % 24
    energy_j = np.where((hour >= 16) & (hour < 18), 2e6, 6e6) * 3600.0
    likely = {"price": "5 USD/kW", "hours": "16:00-18:00"}
    assert amounts(bill(at, energy_j, flat(coincident_peak=[likely])), "coincident-peak") == [10_000.0]


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [
        ("2023-03-01", "2023-04-01", 743),  # the day of 23 hours
        ("2023-11-01", "2023-12-01", 721),  # the day of 25 hours
        ("2024-02-01", "2024-03-01", 696),  # with 29 February
    ],
)
def test_a_whole_local_month_is_billed_as_one(first: str, last: str, hours: int) -> None:
    at = edges(first, last, NEW_YORK)
    total = bill(at, constant_j(at, 1e3), flat("100 USD/MWh", zone=NEW_YORK, demand=[DEMAND_12], fixed="50 USD"))
    assert total.energy_charge_usd == pytest.approx(0.1 * hours, rel=1e-12)
    assert amounts(total, "demand") == [12.0]
    assert amounts(total, "fixed") == [50.0]
    assert list(total.by_month()) == [first[:7]]
    assert total.notes == ()


def test_part_of_a_month_is_billed_in_proportion_and_says_so() -> None:
    at = edges("2024-02-29", "2024-03-02")  # one day of 29 and one of 31
    total = bill(at, constant_j(at, 1e6), flat(demand=[DEMAND_12], fixed="899 USD"))
    assert amounts(total, "fixed") == [31.0, 29.0]
    assert amounts(total, "demand") == [round(12_000 / 29, 6), round(12_000 / 31, 6)]
    assert total.notes == ("billed in proportion to the time covered (assumption): 2024-02, 2024-03",)


def test_months_and_intervals_of_a_zone_off_the_hour_stand_on_its_clock() -> None:
    tariff = flat(zone="Asia/Kolkata", demand=[{**DEMAND_12, "interval": "1 h"}])
    assert tariff.step_s == 900
    at = edges("2023-01-01", "2023-02-01", "Asia/Kolkata")
    energy_j = constant_j(at, 1e6)
    energy_j[4:8] *= 3.0  # the local hour from 01:00, which is 19:30 in UTC
    total = bill(at, energy_j, tariff)
    assert total.billed_demand_kw == pytest.approx(3000.0, rel=1e-12)
    assert [line.month for line in total.lines] == ["2023-01", "2023-01"]


def test_negative_prices_pay_and_are_not_taxed() -> None:
    at = edges("2023-01-01", "2023-02-01")
    total = bill(at, constant_j(at, 1e6), flat("-10 USD/MWh", taxes={"share": 0.2}))
    assert total.total_usd == pytest.approx(-7_440.0, rel=1e-12)
    assert amounts(total, "tax") == [0.0]


def test_exports_are_paid_as_agreed() -> None:
    at = edges("2023-01-01", "2023-02-01")
    drawn_j, exported_j = constant_j(at, 1e6), constant_j(at, 2e5)

    def paid_usd(**terms: Any) -> float:
        return bill(at, drawn_j, flat(**terms), exported_j=exported_j).component_usd("export")

    assert paid_usd(export={"price": "30 USD/MWh"}) == pytest.approx(-148.8 * 30.0, rel=1e-12)
    assert paid_usd(export={"share": 0.5}) == pytest.approx(-148.8 * 40.0, rel=1e-12)
    assert paid_usd() == 0.0
    assert "paid nothing" in bill(at, drawn_j, flat(), exported_j=exported_j).notes[0]


def test_what_can_not_be_billed_is_refused() -> None:
    at = edges("2023-01-01", "2023-01-02", step_s=3600)
    energy_j = constant_j(at, 1e6)
    with pytest.raises(ValueError, match="01:00Z straddles two demand intervals"):
        bill(at, energy_j, flat(demand=[DEMAND_12]))
    with pytest.raises(ValueError, match="two registers"):
        bill(at, -energy_j, flat())
    with pytest.raises(ValueError, match="rising times"):
        bill(at[::-1], energy_j, flat())
    with pytest.raises(ValueError, match="need energy of shape"):
        bill(at, energy_j[1:], flat())
    off = np.array([datetime(2023, 1, 31, 18, tzinfo=ZoneInfo("UTC")).timestamp() + s for s in (0.0, 3600.0)])
    with pytest.raises(ValueError, match="straddles two billing months of 'Asia/Kolkata'"):
        bill(off, [1.0], flat(zone="Asia/Kolkata"))


@pytest.mark.parametrize(
    ("charges", "message"),
    [
        ({"demand": [{**DEMAND_12, "interval": "10 min"}]}, "15, 30 or 60 min"),
        ({"demand": [{**DEMAND_12, "interval": "1 h", "hours": "16:30-21:00"}]}, "metering interval of 60 min"),
        ({"coincident_peak": [{"price": "5 USD/kW"}]}, "give either the 'starts' of known peaks"),
        ({"coincident_peak": [{"price": "5 USD/kW", "starts": ["2023-07-15 17:00"]}]}, "has no zone"),
        ({"export": {}}, "give either 'price' or 'share'"),
        ({"zone": "Amerika/New_York"}, "is not an IANA time zone"),
        ({"demand": [{"price": "12 USD/kW", "ratchet": {"share": 80}}]}, "less than or equal to 1"),
    ],
)
def test_charges_that_can_not_be_are_refused(charges: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        flat(**charges)


def test_only_what_follows_a_clock_needs_the_right_one() -> None:
    assert flat().clock is None
    assert flat(demand=[DEMAND_12]).clock == "UTC"
    assert flat(zone=NEW_YORK).clock == NEW_YORK


def test_every_kind_of_energy_price_takes_every_charge() -> None:
    given = {
        "kind": "time-of-use",
        "zone": NEW_YORK,
        "default": "50 USD/MWh",
        "periods": [{"price": "180 USD/MWh", "hours": "16:00-21:00"}],
        "demand": [{"price": "12 USD/kW", "ratchet": {"share": 0.8}}],
        "fixed": "500 USD",
        "taxes": {"share": 0.06},
    }
    tariff: Tariff = TypeAdapter(selected_from("models.economics", Tariff)).validate_python(given)
    assert (tariff.price_step_s, tariff.step_s, tariff.clock) == (3600, 900, NEW_YORK)
    again = type(tariff).model_validate(tariff.model_dump(mode="json"))
    assert again == tariff
    at = edges("2023-07-03", "2023-07-04", NEW_YORK)
    total = bill(at, constant_j(at, 1e6), tariff)
    assert total.energy_charge_usd == pytest.approx(5 * 180.0 + 19 * 50.0, rel=1e-12)
