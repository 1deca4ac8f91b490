"""Draws belong to a name, not to the order in which they are made."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.random_streams import stream

names = st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple)


@given(seed=st.integers(0, 2**64), name=names)
def test_same_seed_and_name_give_the_same_draws(seed: int, name: tuple[str, ...]) -> None:
    assert np.array_equal(stream(seed, *name).random(5), stream(seed, *name).random(5))


@given(seed=st.integers(0, 2**64), one=names, other=names)
def test_draws_do_not_depend_on_what_was_drawn_before(seed: int, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    alone = stream(seed, *one).random(5)
    before = stream(seed, *other)
    before.random(100)
    assert np.array_equal(stream(seed, *one).random(5), alone)


@given(seed=st.integers(0, 2**64), one=names, other=names)
def test_other_names_give_other_draws(seed: int, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    same = np.array_equal(stream(seed, *one).random(5), stream(seed, *other).random(5))
    assert same == (one == other)


def test_names_are_parted_where_the_caller_parted_them() -> None:
    assert stream(1, "ab", "c").random() != stream(1, "a", "bc").random()


def test_other_seeds_give_other_draws() -> None:
    assert stream(1, "arrivals").random() != stream(2, "arrivals").random()


def test_streams_of_different_names_are_uncorrelated() -> None:
    # The correlation of n independent pairs has a standard error of 1 / sqrt(n); 4 of them is a chance of 6e-5.
    pairs = 100_000
    one, other = stream(7, "arrivals").standard_normal(pairs), stream(7, "durations").standard_normal(pairs)
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / np.sqrt(pairs)


def test_a_stream_is_the_same_on_every_machine() -> None:
    assert stream(7, "failures", "node-7").integers(0, 2**32, 3).tolist() == [4185298279, 2607224872, 571837090]
