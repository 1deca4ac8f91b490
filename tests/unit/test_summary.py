"""Figures as a person reads them."""

from __future__ import annotations

import pytest

from simulator.results.kpis import MEANINGS
from simulator.terminal.summary import GROUPS, grouped, readable, unit_of, words


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("jobs_completed", 100_000, "100,000"),
        ("makespan_s", 172_800.0, "172,800 s (2.0 d)"),
        ("wait_mean_s", 90.0, "90.0 s (1.5 min)"),
        ("wait_mean_s", 0.0, "0.0 s"),
        ("node_utilization", 0.9024, "90.2 %"),
        ("accelerator_allocation", 1.0, "100.0 %"),
        ("pue", 1.25, "1.250"),
        ("it_energy_kwh", 12_345.6, "12,346 kWh"),
        ("peak_facility_power_kw", 148.51, "148.5 kW"),
        ("energy_cost_usd", -3.14, "-3.14 USD"),
        ("cost_per_accelerator_hour_usd", 2.0491, "2.049 USD"),
        ("wue_l_per_kwh", 0.2713, "0.271 L/kWh"),
        ("carbon_operational_kg", None, "none"),
    ],
)
def test_a_figure_is_read_with_its_unit(name: str, value: float | None, text: str) -> None:
    assert readable(name, value) == text


def test_every_figure_has_words_without_its_unit() -> None:
    for name in MEANINGS:
        said = words(name).replace(" ", "_")
        assert name.startswith(said), name
        assert (name == said) == (unit_of(name) == ""), name


def test_every_figure_is_printed_in_one_group() -> None:
    placed = [name for names in GROUPS.values() for name in names]
    assert sorted(placed) == sorted(MEANINGS)


def test_what_a_run_does_not_have_is_not_printed() -> None:
    kpis = dict.fromkeys(MEANINGS) | {"jobs_completed": 0, "work_lost_s": 0.0, "new_kg": 1.0}
    assert grouped(kpis) == {"jobs": ["jobs_completed", "work_lost_s"], "other": ["new_kg"]}
