"""What is wrong with a power chain for the load that it is given, in words."""

from __future__ import annotations

import math

from ...problems import Problem
from ...units import format_quantity
from .layout import ChainLayout
from .rack_powers import RackPowers
from .rows import HallRows, Rows
from .steps import Shortfall, Steps, shortfalls
from .utility_feed import Utility

_SLACK = 1e-9  # relative; what is exceeded by rounding only is not


def chain_problems(
    layout: ChainLayout, it_w: float, mechanical_on_ups_w: float, mechanical_w: float, path: str = "facility.power"
) -> tuple[Problem, ...]:
    """Return the stages that can not deliver these loads [W] with all units, or with their spare units out."""
    found = []
    outputs_w = layout.output_w(it_w, mechanical_on_ups_w, mechanical_w)
    for stage, output_w in zip(layout.stages, outputs_w, strict=True):
        all_w, without_w = stage.capacity_w(), stage.capacity_w(stage.spare)
        if output_w <= without_w * (1.0 + _SLACK):
            continue
        needs = f"has to deliver {_power(output_w)}"
        if output_w > all_w * (1.0 + _SLACK):
            units = "its unit" if stage.units == 1 else f"its {stage.units} units"
            message = f"{needs}, {_power(output_w - all_w)} more than {units} of {_power(stage.rating_w)} can"
        else:
            lost = f"{stage.spare} of {stage.units} units out"
            message = f"{needs}, {_power(output_w - without_w)} more than it can with {lost} ({_power(without_w)})"
        found.append(Problem("", f"{path}.{stage.name}", message))
    return tuple(found)


def row_problems(
    rows: Rows, plan: HallRows, racks: RackPowers, path: str = "facility.power.rows"
) -> tuple[Problem, ...]:
    """Return the racks and rows whose breakers are too small, and the racks that have no place.

    A rack's breaker has to bear its nameplate; a row's has to bear the provisioned power of its racks and, where the
    row is not capped, their nameplates.
    """
    found = []
    if rows.rack_limit is not None:
        usable_w = rows.continuous_load * rows.rack_limit
        over = [index for index, rated_w in enumerate(racks.rated_w) if rated_w > usable_w * (1.0 + _SLACK)]
        if over:
            worst = max(over, key=lambda index: float(racks.rated_w[index]))
            given = f"a breaker of {_power(rows.rack_limit)} bears {_power(usable_w)} for hours"
            most = f"{_power(float(racks.rated_w[worst]))} on the nameplates of '{racks.names[worst]}'"
            found.append(Problem("", f"{path}.rack_limit", f"{given}; {len(over)} racks need more, the most {most}"))
    for row in plan.rows:
        allowed_w = row.capacity_w * rows.oversubscription
        bears = f"its breaker bears {_power(row.capacity_w)} for hours"
        if row.provisioned_w > allowed_w * (1.0 + _SLACK):
            message = f"'{row.name}' is planned for {_power(row.provisioned_w)}; {bears}"
            found.append(Problem("", f"{path}.row_capacity", message))
        elif row.needs_cap and not rows.capped:
            message = (
                f"'{row.name}' may draw {_power(row.nameplate_w)} by its nameplates; {bears}, and it is not capped"
            )
            found.append(Problem("", f"{path}.row_capacity", message))
    if plan.unplaced:
        first = racks.names[plan.unplaced[0]]
        message = f"{len(plan.unplaced)} racks, from '{first}' on, find no place in {len(plan.rows)} rows"
        found.append(Problem("", f"{path}.rows", message))
    return tuple(found)


def safety_notes(rows: Rows, plan: HallRows) -> tuple[str, ...]:
    """Return how rows whose nameplates add up to more than their breakers bear are kept safe, in one note."""
    relying = [row for row in plan.rows if row.needs_cap]
    if not relying or not rows.capped:
        return ()
    most = max(relying, key=lambda row: row.nameplate_w / row.capacity_w)
    nameplate, provisioned = most.nameplate_w / most.capacity_w, most.oversubscription
    return (
        f"{len(relying)} of {len(plan.rows)} rows are oversubscribed, '{most.name}' most: {nameplate:.2f} times its "
        f"capacity by nameplate, {provisioned:.2f} times by provisioned power. They are safe because the nodes of "
        f"a row are capped together, here at {_power(most.capacity_w)}",
    )


def feed_problems(
    utility: Utility, needed: Steps, end_s: float = math.inf, path: str = "facility.power.utility.feeds"
) -> tuple[Problem, ...]:
    """Return the times before `end_s` at which the feeds deliver less than is needed [W from the utility]."""
    return tuple(Problem("", path, _short(each)) for each in shortfalls(needed, utility.capacity(), end_s))


def utility_need(
    layout: ChainLayout, provisioned: Steps, mechanical_on_ups_per_it: float, mechanical_per_it: float
) -> Steps:
    """Return what the chain takes from the utility [W] over time, with mechanical loads in proportion to IT power."""
    it_w = provisioned.power_w
    input_w, _ = layout.input_w(it_w, mechanical_on_ups_per_it * it_w, mechanical_per_it * it_w)
    return Steps(provisioned.from_s, input_w)


def _short(short: Shortfall) -> str:
    until = f"to {_time(short.to_s)}" if math.isfinite(short.to_s) else "on"
    missing_w = short.needed_w - short.available_w
    return (
        f"from {_time(short.from_s)} {until} the feeds deliver {_power(short.available_w)} of the "
        f"{_power(short.needed_w)} needed: {_power(missing_w)} are missing"
    )


def _time(time_s: float) -> str:
    return format_quantity(time_s, "duration") if time_s else "the start"


def _power(power_w: float) -> str:
    return format_quantity(power_w, "power")
