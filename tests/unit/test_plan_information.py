"""What knowing the future is worth: known answers of a small news vendor of nodes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from instances import QUARTER_H, changed, futures, hours, instance, module, node, serving, site
from optimizers.capacity_model import CapacityModel
from optimizers.information import mean, only, value_of_information
from optimizers.instance.instance import Instance


def vendor() -> Instance:
    """One quarter; 4 or 12 requests a second, as likely; a node costs 1,000 USD, is idle for nothing, energy is free.

    What is not served costs 1.5 USD a node-hour and is worth 3,285 USD a quarter: it pays to buy for the worse future.
    """
    return instance(
        1,
        hours=hours(1),
        futures=futures((0.5, 0.5)),
        sites=(site(2, 1, price_usd_per_kwh=0.0),),
        nodes=(node(1, price_usd=1000.0),),
        modules=(module(quarters=1),),
        serving=(
            serving(2, 1, demand=[[[4.0] * 2], [[12.0] * 2]], least_served=0.0, unserved_usd=1.5 / 3600.0),
        ),
    )  # fmt: skip


def test_the_value_of_information_is_that_of_the_news_vendor() -> None:
    """Twelve nodes are bought; known, four or twelve would be. For the mean of eight, four nodes' work is lost once."""
    model = CapacityModel(vendor())
    solution = model.solve()
    assert solution.objective == pytest.approx(12 * 1000.0)
    found = value_of_information(model, solution)
    assert found.perfect == pytest.approx(12_000.0 - 0.5 * (4_000.0 + 12_000.0))
    lost_usd = 0.5 * 4 * QUARTER_H * 1.5
    assert found.stochastic == pytest.approx(8_000.0 + lost_usd - 12_000.0)
    assert found.perfect_least <= found.perfect <= found.perfect_most


def test_promises_that_the_plan_for_the_mean_breaks_are_told() -> None:
    """Eight nodes serve 4 and 8 of 4 and 12: a quarter of all expected requests is lost."""
    given = vendor()
    strict = changed(given, serving=(changed(given.serving[0], least_served=1.0),))
    model = CapacityModel(strict)
    found = value_of_information(model, model.solve())
    assert found.broken == pytest.approx({"chat": 0.25}, rel=1e-4)
    assert "25% of chat" in found.sentences[1]


def test_one_future_is_worth_nothing_to_know() -> None:
    model = CapacityModel(instance())
    found = value_of_information(model, model.solve())
    assert [found.perfect, found.stochastic] == pytest.approx([0.0, 0.0], abs=1e-3)
    assert json.loads(json.dumps(found.as_dict()))["unit"] == "USD"


def test_the_mean_future_is_the_mean() -> None:
    assert np.array_equal(mean(vendor()).serving[0].demand, [[[8.0, 8.0]]])
    assert only(vendor(), 1).serving[0].demand.tolist() == [[[12.0, 12.0]]]


def test_risk_has_no_value_of_information() -> None:
    model = CapacityModel(changed(vendor(), objective="risk"))
    with pytest.raises(ValueError, match="mean over futures"):
        value_of_information(model, model.solve())
