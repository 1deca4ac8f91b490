"""Feeds in dated tranches, planned power over time, and what a chain is told when it is too small."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.catalog import entry
from models.fleet import Fleet
from models.power.distribution.chain import PowerChain
from models.power.distribution.checks import chain_problems, feed_problems, utility_need
from models.power.distribution.rack_powers import planned_power, rack_powers
from models.power.distribution.steps import Steps, stacked
from models.power.distribution.utility_feed import Utility

DAY_S = 86_400.0
TRANCHES = [{"capacity": "10 MW"}, {"capacity": "5 MW", "in_service": "180 d"}]


def utility(*feeds: dict[str, Any]) -> Utility:
    return Utility.model_validate({"feeds": list(feeds)})


def test_tranches_add_up_from_their_dates() -> None:
    capacity = utility(*TRANCHES).capacity()
    assert capacity.at([0.0, 180 * DAY_S - 1, 180 * DAY_S]).tolist() == [10e6, 10e6, 15e6]
    assert capacity.greatest_w == 15e6


def test_a_feed_that_comes_later_leaves_nothing_before() -> None:
    capacity = utility({"capacity": "1 MW", "in_service": "2 d", "retire_at": "5 d"}).capacity()
    assert capacity.from_s.tolist() == [0.0, 2 * DAY_S, 5 * DAY_S]
    assert capacity.power_w.tolist() == [0.0, 1e6, 0.0]


def test_without_feeds_nothing_is_short() -> None:
    assert feed_problems(Utility(), stacked(0.0, np.inf, 1e12)) == ()


def test_a_feed_withdrawn_before_it_comes_is_refused() -> None:
    with pytest.raises(ValidationError, match="'retire_at' must be later than 'in_service'"):
        utility({"capacity": "1 MW", "in_service": "2 d", "retire_at": "1 d"})


def test_shortage_is_told_from_when_to_when() -> None:
    needed = Steps(np.array([0.0, 30.0, 60.0, 200.0]) * DAY_S, np.array([8e6, 11e6, 12e6, 16e6]))
    between, after = feed_problems(utility(*TRANCHES), needed)
    assert between.path == "facility.power.utility.feeds"
    assert between.message == (
        "from 30.0 d to 180 d the feeds deliver 10.0 MW of the 12.0 MW needed: 2.00 MW are missing"
    )
    assert after.message == "from 200 d on the feeds deliver 15.0 MW of the 16.0 MW needed: 1.00 MW are missing"
    assert feed_problems(utility(*TRANCHES), needed, end_s=30 * DAY_S) == ()


def test_planned_power_follows_nodes_that_come_and_go() -> None:
    # Two racks of two nodes: the first from the start, of which a node leaves after a day; the second from day two.
    node = entry("nodes", "dgx-h100")  # 8.4 kW provisioned, 10.2 kW rated
    hall = Fleet(
        node_names=("a", "b", "c", "d"),
        model_names=("dgx-h100",),
        models=(node,),
        model=np.zeros(4, np.int64),
        rack_names=("first", "second"),
        rack_power_w=np.array([100.0, 200.0]),
        rack=np.array([0, 0, 1, 1]),
        group=("",) * 4,
        commission_s=np.array([0.0, 0.0, 2 * DAY_S, 2 * DAY_S]),
        retire_s=np.array([np.inf, DAY_S, np.inf, np.inf]),
        retire_drains=np.ones(4, np.bool_),
    )
    provisioned, rated = planned_power(hall)
    assert provisioned.from_s.tolist() == [0.0, DAY_S, 2 * DAY_S]
    assert provisioned.power_w == pytest.approx([16_900.0, 8_500.0, 25_500.0])
    assert rated.power_w == pytest.approx([20_500.0, 10_300.0, 30_900.0])
    assert rack_powers(hall).provisioned_w == pytest.approx([16_900.0, 17_000.0])
    assert rack_powers(hall).rated_w == pytest.approx([20_500.0, 20_600.0])


def test_steps_count_what_is_there_at_each_time() -> None:
    steps = stacked([0.0, 10.0, 10.0, -5.0], [20.0, np.inf, 10.0, 5.0], [1.0, 2.0, 100.0, 4.0])
    assert steps.from_s.tolist() == [0.0, 5.0, 10.0, 20.0]
    assert steps.power_w.tolist() == [5.0, 1.0, 3.0, 2.0]


def test_need_at_the_utility_is_what_the_chain_takes_in() -> None:
    layout = PowerChain().laid_out(1e6, 1e6, 2e5, 5e4)
    need = utility_need(layout, stacked([0.0, 100.0], np.inf, [5e5, 5e5]), 0.05, 0.2)
    assert need.power_w.tolist() == [layout.input_w(p, 0.05 * p, 0.2 * p)[0] for p in (5e5, 1e6)]


def chain_messages(**ups: Any) -> list[str]:
    chain = PowerChain.model_validate({"busway": "none", "pdu": "none", "transformer": "none", "ups": ups})
    return [str(problem) for problem in chain_problems(chain.laid_out(9e5, 9e5), 9e5, 0.0, 0.0)]


def test_a_chain_sized_for_its_load_has_no_problem() -> None:
    layout = PowerChain().laid_out(1e6, 1.2e6, 2e5, 3e4)
    assert chain_problems(layout, 1e6, 3e4, 2e5) == ()


def test_a_stage_that_is_too_small_is_named_with_what_it_lacks() -> None:
    assert chain_messages(units=2, rating="400 kW") == [
        "facility.power.ups: has to deliver 900 kW, 100 kW more than its 2 units of 400 kW can"
    ]


def test_a_stage_that_can_not_spare_its_spare_units_is_named() -> None:
    assert chain_messages(units=3, rating="400 kW", redundancy="N+1") == [
        "facility.power.ups: has to deliver 900 kW, 100 kW more than it can with 1 of 3 units out (800 kW)"
    ]
    assert chain_messages(units=4, rating="300 kW", redundancy="N+1") == []
