"""Whatever crews, shelves and failures are like: time and parts add up, and nobody works who is not there."""

from __future__ import annotations

import functools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.operations.operations import Operations
from simulator.engine.settlement import Timeline
from simulator.operations.outage import Outage
from simulator.random_streams import stream
from simulator.repair.accounts import RepairAccounts
from simulator.repair.repairs import Repairs

H = 3600.0
END_S = 200 * 24 * H
SHIFTS = st.lists(
    st.fixed_dictionaries(
        {
            "technicians": st.integers(0, 3),
            "hours": st.sampled_from(["00:00-24:00", "08:00-16:00", "22:00-06:00", "06:15-06:30"]),
            "weekdays": st.sampled_from([["mon"], ["mon", "tue", "wed", "thu", "fri"], ["sat", "sun"]]),
        }
    ),
    max_size=3,
)
CREWS = st.fixed_dictionaries(
    {
        "shifts": SHIFTS,
        "skills": st.sampled_from([[], ["hardware"], ["network"]]),
        "travel": st.sampled_from(["0 s", "20 min"]),
        "at_shift_end": st.sampled_from(["hand-over", "finish"]),
    }
)
SHELF = st.fixed_dictionaries(
    {"stock": st.integers(0, 3), "lead_time": st.just({"kind": "exponential", "mean": "2 d"}), "rma": st.none()}
)
FAILURES = st.lists(
    st.tuples(
        st.floats(0.0, 30 * 24 * H),
        st.sampled_from([None, "hardware", "network"]),
        st.sampled_from([None, "gpu", "nic"]),
        st.booleans(),
        st.integers(1, 16),
    ),
    min_size=1,
    max_size=25,
)


def repaired(terms: Operations, failures: list[Any]) -> Repairs:
    timeline = Timeline()
    repairs = Repairs(timeline, terms, start_utc_s=1_688_947_200.0, draws=functools.partial(stream, 3))

    def story(number: int, at_s: float, skill: str | None, part: str | None, permanent: bool, nodes: int) -> Any:
        yield timeline.at(at_s)
        if terms.lacks_skill(skill) is None:
            outage = Outage("node", str(number % 5), "test", at_s, nodes=nodes)
            yield repairs.request(outage, part=part, skill=skill, permanent=permanent)

    for number, failure in enumerate(failures):
        timeline.process(story(number, *failure))
    timeline.run(END_S)
    return repairs


@settings(max_examples=40, deadline=None)
@given(crews=st.lists(CREWS, min_size=1, max_size=3), shelf=SHELF, failures=FAILURES, lent=st.booleans())
def test_time_parts_and_people_add_up(
    crews: list[dict[str, Any]], shelf: dict[str, Any], failures: list[Any], lent: bool
) -> None:
    named = [{"name": str(number)} | crew for number, crew in enumerate(crews)]
    terms = Operations.model_validate(
        {"crews": named, "other_parts": shelf, "remote_hands": {} if lent else None, "time_zone": "Europe/Berlin"}
    )
    repairs = repaired(terms, failures)
    for order in repairs.orders:
        if not math.isnan(order.restored_s):
            spare_s = 0.0 if order.reset else order.supplied_s - order.triaged_s
            way_s = terms.remote_hands.delay if terms.remote_hands and order.crew == "remote hands" else 0.0
            spent_s = order.triaged_s - order.requested_s + spare_s + order.waited_technician_s + order.worked_s + way_s
            assert order.restored_s - order.requested_s == pytest.approx(spent_s, abs=1e-3)
    accounts = RepairAccounts(repairs, 1_688_947_200.0)
    utilization = accounts.kpis(END_S)["technician_utilization"]
    assert utilization is None or 0.0 <= utilization <= 1.0 + 1e-9
    for duty in repairs.dispatch.duties:
        assert duty.crew.at_shift_end == "finish" or duty.overtime_s == 0.0
        assert duty.busy_s - duty.overtime_s <= duty.on_duty_until_s(END_S) * (1.0 + 1e-9)
    for stock in repairs.shelves.values():
        assert stock.on_hand + stock.on_order - stock.waiting == stock.terms.stock
        assert stock.on_hand == 0 or stock.waiting == 0
    assert accounts.tables(END_S)["crews"].num_rows == len(crews)


@settings(max_examples=20, deadline=None)
@given(failures=FAILURES)
def test_with_somebody_always_there_every_repair_ends_and_the_same_seed_repeats_it(failures: list[Any]) -> None:
    terms = Operations.model_validate({"crews": [{"shifts": [{"technicians": 1}]}], "other_parts": {"stock": 1}})
    first, second = (repaired(terms, failures) for _ in range(2))
    assert [order.restored_s for order in first.orders] == [order.restored_s for order in second.orders]
    assert not any(math.isnan(order.restored_s) for order in first.orders)
