"""Fair share with a half-life: whole traces by hand."""

from __future__ import annotations

import math

import pytest

from hall import Hall, Job, fleet, node, workload
from models.units import quantity
from simulator.scheduling.fair_share import FairShare


def order_of(hall: Hall) -> str:
    """The jobs' names in the order of their starts."""
    return " ".join(sorted(hall.starts_s, key=lambda name: hall.starts_s[name]))


def both(x_jobs: int, y_jobs: int) -> list[Job]:
    """Jobs of 100 s of the users x and y, all submitted at once, those of x before those of y."""
    named = [f"x{index + 1}" for index in range(x_jobs)] + [f"y{index + 1}" for index in range(y_jobs)]
    return [Job(0, 100, name=name, user=name[0]) for name in named]


def test_users_take_turns_whoever_came_first() -> None:
    hall = Hall(fleet([node()]), workload(*both(2, 2)), FairShare(half_life=quantity("100 s"))).run()
    assert order_of(hall) == "x1 y1 x2 y2"


def test_usage_halves_every_half_life() -> None:
    # A job of 100 s that ends now counts 100 / ln 2 * (1 - 1/2) = 72.13 node-seconds, a half-life ago half of that.
    hall = Hall(fleet([node()]), workload(*both(2, 2)), FairShare(half_life=quantity("100 s"))).run()
    one = 100.0 / math.log(2.0) * 0.5
    # The last pass was at 400: x held the node in [0, 100] and [200, 300], y in [100, 200] and [300, 400].
    assert hall.state.queues["usage"].tolist() == pytest.approx([one / 8 + one / 2, one / 4 + one], rel=1e-12)


@pytest.mark.parametrize(("half_life", "first"), [("10 s", "x2"), ("100 d", "y2")])
def test_what_was_used_long_ago_counts_only_with_a_long_half_life(half_life: str, first: str) -> None:
    # x held the node for 300 s, then y for 100 s; at 400 both want it again.
    jobs = [
        Job(0, 300, name="x1", user="x"),
        Job(0, 100, name="y1", user="y"),
        Job(350, 10, name="x2", user="x"),
        Job(350, 10, name="y2", user="y"),
    ]
    hall = Hall(fleet([node()]), workload(*jobs), FairShare(half_life=quantity(half_life))).run()
    assert hall.starts_s[first] == 400.0


def test_a_weight_of_three_earns_three_turns() -> None:
    # At 200 x has 36.1 / 3 and y 72.1; at 300 x has 90.2 / 3 and y 36.1: x goes twice in a row.
    policy = FairShare(half_life=quantity("100 s"), weights={"x": 3.0})
    hall = Hall(fleet([node()]), workload(*both(3, 2)), policy).run()
    assert order_of(hall) == "x1 y1 x2 x3 y2"


def test_among_equals_who_holds_fewer_nodes_now_goes_first() -> None:
    hall = Hall(fleet([node()] * 2), workload(*both(2, 1)), FairShare()).run()
    assert hall.starts_s == {"x1": 0.0, "y1": 0.0, "x2": 100.0}


def test_the_share_of_a_node_counts_and_not_the_number_of_jobs() -> None:
    # At 10 x has held one node and y two quarters of one; x2 and y3 want the half node that z leaves.
    jobs = [
        Job(0, 20, name="x1", user="x", cores=4),
        Job(0, 20, name="y1", user="y", cores=1),
        Job(0, 20, name="y2", user="y", cores=1),
        Job(0, 10, name="z1", user="z", cores=2),
        Job(1, 10, name="x2", user="x", cores=2),
        Job(1, 10, name="y3", user="y", cores=2),
    ]
    hall = Hall(fleet([node(cores=4)] * 2), workload(*jobs), FairShare()).run()
    assert hall.starts_s == {"x1": 0.0, "y1": 0.0, "y2": 0.0, "z1": 0.0, "y3": 10.0, "x2": 20.0}


def test_the_most_entitled_user_holds_up_the_others() -> None:
    jobs = [Job(0, 10, name="x1", user="x"), Job(1, 5, name="y1", user="y", tasks=2), Job(2, 1, name="x2", user="x")]
    hall = Hall(fleet([node()] * 2), workload(*jobs), FairShare()).run()
    assert hall.starts_s == {"x1": 0.0, "y1": 10.0, "x2": 15.0}
