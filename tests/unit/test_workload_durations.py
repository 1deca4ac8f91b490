"""Draws of durations and widths follow their stated means."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from models.data_file import DataFolders
from models.distributions.distribution import Distribution, drawn_by_weight
from models.distributions.durations import DurationDistribution, EmpiricalFileDuration
from models.problems import InputError
from models.workload.widths import WidthDistribution
from simulator.random_streams import stream

DRAWS = 200_000
DURATIONS: list[dict[str, Any]] = [
    {"kind": "constant", "value": "90 s"},
    {"kind": "exponential", "mean": "1 h"},
    {"kind": "lognormal", "median": "1 h", "sigma": 1.0},
    {"kind": "lognormal", "mean": "1 h", "sigma": 0.5},
    {"kind": "lognormal", "median": "1 h", "sigma": 2.0, "minimum": "5 min", "maximum": "1 d"},
    {"kind": "lognormal", "median": "1 h", "sigma": 1.5, "maximum": "2 h"},
    {"kind": "lognormal", "median": "1 h", "sigma": 1.5, "minimum": "2 h"},
    {"kind": "empirical", "values": ["1 min", "1 h", "1 d"], "weights": [5, 3, 0.1]},
]
WIDTHS: list[dict[str, Any]] = [
    {"kind": "constant", "value": 3},
    {"kind": "uniform", "minimum": 1, "maximum": 64},
    {"kind": "power-of-two", "minimum": 2, "maximum": 64},
    {"kind": "power-of-two", "minimum": 1, "maximum": 4, "weights": [4, 2, 1]},
    {"kind": "choice", "values": [1, 8, 64], "weights": [10, 5, 1]},
]


def built(given: dict[str, Any], kind: Any) -> Distribution:
    distribution = TypeAdapter(kind).validate_python(given)
    assert isinstance(distribution, Distribution)
    return distribution


@pytest.mark.parametrize("given", DURATIONS)
def test_mean_duration_is_the_stated_one_within_its_standard_error(given: dict[str, Any]) -> None:
    distribution = built(given, DurationDistribution)
    draws = distribution.draw(stream(1, "durations"), DRAWS)
    # 4 standard errors: the chance of a miss is 6e-5, and the seed is fixed.
    assert abs(draws.mean() - distribution.expected()) <= 4.0 * draws.std() / math.sqrt(DRAWS) + 1e-9
    assert (draws > 0.0).all()


@pytest.mark.parametrize("given", WIDTHS)
def test_mean_width_is_the_stated_one_within_its_standard_error(given: dict[str, Any]) -> None:
    distribution = built(given, WidthDistribution)
    draws = distribution.draw(stream(1, "tasks"), DRAWS)
    assert abs(draws.mean() - distribution.expected()) <= 4.0 * draws.std() / math.sqrt(DRAWS) + 1e-9
    assert (draws == np.floor(draws)).all()


def test_a_lognormal_has_its_median_and_its_spread() -> None:
    draws = built(DURATIONS[2], DurationDistribution).draw(stream(1, "durations"), DRAWS)
    logs = np.log(draws / 3600.0)
    assert abs(logs.mean()) < 4.0 / math.sqrt(DRAWS)
    assert abs(logs.std() - 1.0) < 4.0 / math.sqrt(2 * DRAWS)


def test_a_lognormal_stays_within_its_bounds() -> None:
    draws = built(DURATIONS[4], DurationDistribution).draw(stream(1, "durations"), DRAWS)
    assert (draws.min(), draws.max()) == (300.0, 86_400.0)


def test_widths_keep_to_their_sets() -> None:
    def drawn(given: dict[str, Any]) -> set[float]:
        return set(built(given, WidthDistribution).draw(stream(1, "tasks"), 10_000).tolist())

    assert drawn(WIDTHS[1]) == set(range(1, 65))
    assert drawn(WIDTHS[2]) == {2, 4, 8, 16, 32, 64}
    assert drawn(WIDTHS[4]) == {1, 8, 64}


def test_values_come_in_proportion_to_their_weights_and_weight_zero_never() -> None:
    drawn = drawn_by_weight(stream(1, "x"), [1.0, 0.0, 3.0, 0.0], DRAWS)
    counts = np.bincount(drawn, minlength=4)
    assert counts[[1, 3]].tolist() == [0, 0]
    assert abs(counts[0] / DRAWS - 0.25) < 4.0 * math.sqrt(0.25 * 0.75 / DRAWS)


def test_durations_of_a_file_are_drawn_from_its_column(tmp_path: Path) -> None:
    (tmp_path / "sizes.csv").write_text("user,run_s\na,10\nb,30\n")
    given = {"file": "sizes.csv", "column": "run_s"}
    distribution = EmpiricalFileDuration.model_validate(given, context=DataFolders(tmp_path))
    assert distribution.expected() == 20.0
    assert set(distribution.draw(stream(1, "durations"), 100).tolist()) == {10.0, 30.0}


def test_a_broken_value_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "sizes.csv").write_text("run_s\n10\n-1\n")
    given = {"file": "sizes.csv", "column": "run_s"}
    distribution = EmpiricalFileDuration.model_validate(given, context=DataFolders(tmp_path))
    with pytest.raises(InputError, match=r"sizes\.csv:3: run_s: '-1' is not allowed; give a finite number above 0"):
        distribution.expected()


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"kind": "lognormal", "sigma": 1.0}, DurationDistribution, "give 'median' or 'mean', one of the two"),
        (
            {"kind": "lognormal", "median": "1 h", "mean": "2 h", "sigma": 1.0},
            DurationDistribution,
            "give 'median' or 'mean', one of the two",
        ),
        (
            {"kind": "lognormal", "median": "1 h", "sigma": 1.0, "minimum": "2 h", "maximum": "1 h"},
            DurationDistribution,
            "'minimum' is above 'maximum'",
        ),
        ({"kind": "empirical", "values": []}, DurationDistribution, "at least 1 item"),
        ({"kind": "empirical", "values": ["1 h"], "weights": [1, 2]}, DurationDistribution, "2 weights for 1 values"),
        ({"kind": "choice", "values": [1], "weights": [0]}, WidthDistribution, "all weights are zero"),
        ({"kind": "choice", "values": [1], "weights": [-1]}, WidthDistribution, "greater than or equal to 0"),
        ({"kind": "uniform", "minimum": 5, "maximum": 4}, WidthDistribution, "'minimum' (5) is above 'maximum' (4)"),
        ({"kind": "power-of-two", "maximum": 12}, WidthDistribution, "'maximum' is 12, which is no power of two"),
    ],
)
def test_a_distribution_that_makes_no_sense_is_refused(given: dict[str, Any], kind: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        built(given, kind)
    assert said in str(caught.value)
