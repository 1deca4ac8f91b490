"""The quarters of a plan, and the hours that stand for each of them."""

from __future__ import annotations

import functools
import itertools
from datetime import UTC, datetime

import numpy as np

from ..given.quarter import quarter_name, quarter_number
from ..instance.time import Day, Hours, Quarter
from ..problem import Problem

HOUR_S = 3600.0
DAY_S = 86_400.0


def quarter_start_utc_s(name: str) -> float:
    """Return the Unix time at which a calendar quarter such as `2027-Q1` begins, in UTC."""
    year, quarter = divmod(quarter_number(name), 4)
    return datetime(year, 3 * quarter + 1, 1, tzinfo=UTC).timestamp()


def edges_utc_s(problem: Problem) -> tuple[float, ...]:
    """Return the Unix times at which quarters begin, and that at which the last one ends."""
    first = quarter_number(problem.first_quarter)
    return tuple(quarter_start_utc_s(quarter_name(first + number)) for number in range(problem.quarters + 1))


def end_discount(problem: Problem) -> float:
    """Return what money at the horizon's end is worth at its start: (1 + r)^(-years of the horizon)."""
    return float((1.0 + problem.discount_rate) ** (-problem.quarters / 4.0))


def quarters_of(problem: Problem) -> tuple[Quarter, ...]:
    """Return the quarters of a plan. Money spent in a quarter counts (1 + r)^(-years from the start to its start)."""
    edges = edges_utc_s(problem)
    return tuple(
        Quarter(name, start, (end - start) / HOUR_S, (1.0 + problem.discount_rate) ** (-number / 4.0))
        for number, (name, start, end) in enumerate(zip(problem.quarter_names, edges[:-1], edges[1:], strict=True))
    )


@functools.lru_cache(maxsize=8)
def _chosen(first_quarter: str, quarters: int, days: int, step_hours: int, design_hour: bool) -> Hours:
    number = quarter_number(first_quarter)
    edges = [quarter_start_utc_s(quarter_name(number + index)) for index in range(quarters + 1)]
    steps = 24 // step_hours
    count = days * steps + int(design_hour)
    weight_h, start_utc_s = np.zeros((quarters, count)), np.zeros((quarters, count))
    for quarter, (start, end) in enumerate(itertools.pairwise(edges)):
        all_days = round((end - start) / DAY_S)
        # Cut into equal spans, each stands behind the day in its middle.
        middles = [int((index + 0.5) * all_days / days) for index in range(days)]
        for index, day in enumerate(middles):
            place = slice(index * steps, (index + 1) * steps)
            weight_h[quarter, place] = step_hours * all_days / days
            start_utc_s[quarter, place] = start + day * DAY_S + np.arange(steps) * step_hours * HOUR_S
        if design_hour:
            start_utc_s[quarter, -1] = start_utc_s[quarter, 0]
    shown = tuple(Day(index * steps, steps) for index in range(days))
    return Hours(weight_h, start_utc_s, (*shown, Day(count - 1, 1)) if design_hour else shown)


def chosen_hours(problem: Problem) -> Hours:
    """Return the representative hours: `days` calendar days of each quarter taken evenly, in steps of `step_hours`.

    A quarter of n days is cut into `days` equal spans, and the day in the middle of a span stands for n/days days, so
    that the weights of a quarter sum up to its hours. The design hour, where there is one, is the last and has the
    weight 0; its start is that of the quarter's first representative hour.
    """
    terms = problem.hours
    return _chosen(problem.first_quarter, problem.quarters, terms.days, terms.step_hours, terms.design_hour)


def design_index(problem: Problem) -> int | None:
    """Return the index of the design hour, None where there is none."""
    return chosen_hours(problem).count - 1 if problem.hours.design_hour else None
