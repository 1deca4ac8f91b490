"""Simulate a scenario: read what it names, build the hall, run it, return what came of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.fleet import Fleet
from models.loads.source import Load
from models.problems import InputError, Problem, nearest
from models.series import Series
from models.sized_facility import SizedFacility
from models.weather.design_choice import design_day
from models.weather.weather import Weather
from models.workload.job import Workload
from models.workload.training_plan import TrainingPlan

from .assembly.fabric import blocks_of, built_fabric, check_connected
from .assembly.facility import chain_rows, sized_facility
from .assembly.fleet import lay_out, targets_of
from .assembly.hall import build_state
from .assembly.planned_loads import planned_loads
from .assembly.services import ServicePlan, jobs_of, service_plans, service_workload, with_services
from .assembly.shortcomings import shortcomings
from .assembly.signals import signals_of
from .assembly.site_series import read_grid_series
from .assembly.training import place_of, training_plans, training_workload, with_trainings
from .engine.batch import Batch, Stopped
from .engine.clock_limits import ClockLimits
from .engine.given_load import GivenLoad
from .engine.settlement import Settlement, Timeline
from .facility.hall import Hall
from .metering.grid import accounting_interval_s, whole_seconds
from .metering.meter import Meter
from .operations.running import Running
from .processes.clock_limit import limit_clocks
from .processes.commissioning import commission_and_retire
from .processes.equipment import follow_load
from .processes.limiting import start_power_limits
from .processes.signal_changes import follow_signal
from .processes.starting_building import start_building
from .random_streams import stream
from .results.collecting import collect
from .results.result import Result
from .scenario.events.clock import ClockEvent
from .scenario.loading import LoadedScenario, load_scenario
from .scenario.scenario import Scenario
from .starting import start_operations

Progress = Callable[[float, int, int], None]
"""Told now and then: instant reached [s], jobs that have ended, jobs in all."""


@dataclass(frozen=True)
class Inputs:
    """What a scenario's files hold, read before the first event."""

    workload: Workload
    fleet: Fleet
    weather: Weather | None
    building: SizedFacility | None
    signals: tuple[Series, ...] = ()
    """What the scheduling policy follows."""
    plans: tuple[TrainingPlan, ...] = ()
    """What each training job comes to; their jobs are part of the workload."""
    services: tuple[ServicePlan, ...] = ()
    """What each service comes to; its nodes are jobs of the workload."""
    loads: tuple[Load, ...] = ()
    """What draws power and is no node: what the scenario gives, then what comes with its fabric and storage."""
    warnings: tuple[str, ...] = ()
    """What is too small for its load, or does not belong together: told before the run, which goes on."""


def simulate(
    source: str | Path | LoadedScenario,
    *,
    scenario: str | None = None,
    overrides: Sequence[str] = (),
    sets: Sequence[str] = (),
    data_root: Path | None = None,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    warn: Callable[[str], None] | None = None,
    look: tuple[float, Callable[[Running], None]] | None = None,
) -> Result:
    """Run a scenario to its end and return the result; nothing is written.

    `source` is a scenario file, or one that is loaded already; the other arguments choose among its variants as
    `load_scenario` does. `warn` is told, before the first event, what is too small or does not belong together; the
    result's notes keep it. Where `should_stop` turns true the run ends at the instant it has reached, and the result's
    status is "interrupted". `look` is shown a run of stated length once it has come to an instant [s], between two
    events, to read what it has come to by then; the run goes on as if nobody had looked. Raises InputError with every
    problem of the scenario and its files.
    """
    loaded = source if isinstance(source, LoadedScenario) else None
    if loaded is None:
        assert not isinstance(source, LoadedScenario)
        loaded = load_scenario(source, scenario=scenario, overrides=overrides, sets=sets, data_root=data_root)
    given = loaded.scenario
    inputs = read_every(loaded)
    if warn is not None:
        for text in inputs.warnings:
            warn(text)
    running = set_up(loaded, inputs, progress, should_stop)
    hall, building, manager = running.hall, running.building, running.power
    assert manager is not None, "it is set up with the hall"
    timeline, batch, settlement, loads = hall.timeline, hall.batch, hall.settlement, hall.loads
    settlement.mark()
    status = "complete"
    try:
        if given.until is not None:
            if look is not None:
                timeline.run(look[0])
                look[1](running)
            timeline.run(given.until)
        # Without an end the run also stops where nothing will happen any more: jobs wait for nodes that never come.
        while (
            given.until is None
            and not settlement.finished.triggered
            and not (
                timeline.only_ticks
                and batch.idle
                and not settlement.marked
                and not settlement.unsettled
                and not (manager.restless or (building is not None and building.restless))
            )
        ):
            timeline.step()
    except Stopped:
        status = "interrupted"
    end_s = batch.now_s if given.until is None or status == "interrupted" else float(given.until)
    running.close_building(end_s)
    batch.close(end_s)
    for load in loads:
        load.close(end_s)
    price, intensity = read_grid_series(given, end_s)
    return collect(
        loaded, inputs.workload, inputs.fleet, batch.state, loads=loads, weather=inputs.weather, price=price,
        intensity=intensity, status=status, building=building, supply=running.supply, power=manager,
        incidents=hall.incidents, warnings=inputs.warnings, parts=running.parts,
    )  # fmt: skip


def set_up(
    loaded: LoadedScenario,
    inputs: Inputs,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Running:
    """Return the hall before its first event, with every story on its timeline.

    Raises InputError with what the scenario asks of the hall and the hall has not: components, tiers, room, ways.
    """
    given = loaded.scenario
    timeline = Timeline()
    batch = _batch(timeline, given, inputs, progress, should_stop)
    loads = _loads(given, batch)
    settlement = Settlement(timeline, [batch, *loads])
    hall = Hall.around(timeline, batch, settlement, loads)
    timeline.process(commission_and_retire(timeline, batch, settlement, inputs.fleet))
    held_until_s = float(inputs.workload.submit_s[-1]) + given.scheduling.longest_hold_s()
    for signal in inputs.signals:
        timeline.process(
            follow_signal(timeline, batch, settlement, signal, start_utc_s=given.start_utc_s, until_s=held_until_s)
        )
    _start_clock_limits(timeline, batch, hall.limits, settlement, given, inputs)
    for load in loads:
        timeline.process(follow_load(timeline, hall.feed, load.name, load.power_w, given.start_utc_s))
    building, supply = None, None
    if inputs.building is not None and inputs.weather is not None:
        building, supply = start_building(hall, given, inputs.building, inputs.weather, inputs.fleet)
    running = Running(hall, given, inputs.fleet, inputs.workload, inputs.plans, inputs.services, building, supply)
    _start_operations(running, loaded)
    running.power = start_power_limits(hall, given, inputs.fleet, building, supply)
    return running


def read_every(loaded: LoadedScenario) -> Inputs:
    """Return `read_inputs` of a scenario that was loaded; problems name the place in its file where they can."""
    try:
        return read_inputs(loaded.scenario)
    except InputError as error:
        raise InputError(loaded.placed(error.problems)) from None


def read_inputs(given: Scenario) -> Inputs:
    """Read workload, fleet and weather; raises InputError with the problems of the first that has any."""
    draws = functools.partial(stream, given.seed, "workload")
    fleet = lay_out(given.named_nodes(), given.events)
    plans = training_plans(given.training, fleet)
    jobs = [] if given.workload is None else [given.workload.read(given.start_utc_s, draws)]
    jobs += [training_workload(plans, fleet)] if plans else []
    services: tuple[ServicePlan, ...] = ()
    if given.services:
        assert given.until is not None, "a scenario with services has an end"
        services = service_plans(given.services, fleet, start_utc_s=given.start_utc_s, until_s=given.until)
        jobs.append(service_workload(services, given.until))
    workload = functools.reduce(Workload.joined, jobs)
    weather = given.site.weather.read() if given.site.weather is not None else None
    # Where the run's end is not known, it is no earlier than the last submission: better refused now than at the end.
    last_s = float(workload.submit_s[-1] if given.until is None else given.until)
    price, intensity = read_grid_series(given, last_s, weather)
    day = None if weather is None else design_day(weather, given.site.design)
    fabric = built_fabric(given.fabric, fleet)
    check_connected(fabric, plans, fleet)
    loads = planned_loads(given, fabric)
    building = sized_facility(given.facility, fleet, loads, day)
    told = shortcomings(given, workload, fleet, loads, building, weather, price, intensity)
    return Inputs(workload, fleet, weather, building, signals_of(given, workload), plans, services, loads, told)


def _start_operations(running: Running, loaded: LoadedScenario) -> None:
    """Start what runs in the hall; problems name the place in its file where they can."""
    try:
        start_operations(running)
    except InputError as error:
        raise InputError(loaded.placed(error.problems)) from None


def _batch(
    timeline: Timeline,
    given: Scenario,
    inputs: Inputs,
    progress: Progress | None,
    should_stop: Callable[[], bool] | None,
) -> Batch:
    interval_s = whole_seconds(given.results.interval, "results.interval")
    state = build_state(
        inputs.fleet,
        inputs.workload,
        given.scheduling,
        given.placement,
        start_utc_s=given.start_utc_s,
        interval_s=accounting_interval_s(
            interval_s, given.site.tariff, given.site.carbon or given.site.market_based, given.loads
        ),
        rack_interval_s=interval_s,
        keep_change_points=given.results.change_points,
        random_start=int(stream(given.seed, "placement").integers(1, 2**31 - 1)),
        signals=inputs.signals,
        stages=chain_rows(given.facility, inputs.building),
        blocks=blocks_of(built_fabric(given.fabric, inputs.fleet), inputs.fleet),
    )
    state = with_trainings(state, inputs.plans, place_of(inputs.plans, inputs.workload))
    if inputs.services:
        state = with_services(state, inputs.services, jobs_of(inputs.services, inputs.workload))
    jobs = len(inputs.workload)
    tell = None if progress is None else lambda now_s, ended: progress(now_s, ended, jobs)
    return Batch(timeline, state, given.scheduling.kernel(), given.placement.kernel(), tell, should_stop)


def _loads(given: Scenario, batch: Batch) -> list[GivenLoad]:
    clock = batch.state.clock[0]
    return [
        GivenLoad(load.name, load.power(), given.start_utc_s, Meter(clock["first_edge_s"], clock["interval_s"]))
        for load in given.loads
    ]


def _start_clock_limits(
    timeline: Timeline, batch: Batch, limits: ClockLimits, settlement: Settlement, given: Scenario, inputs: Inputs
) -> None:
    asked = [event for event in given.events if isinstance(event, ClockEvent)]
    if not asked:
        return
    named = given.named_nodes().nodes
    position = {name: index for index, name in enumerate(inputs.fleet.node_names)}
    for event in asked:
        if event.job is None:
            nodes, _ = targets_of(event, named, position)
            timeline.process(limit_clocks(timeline, batch, limits, settlement, event, nodes=nodes))
            continue
        if event.job not in inputs.workload.name:
            text = f"the workload has no job '{event.job}'{nearest(event.job, inputs.workload.name)}"
            raise InputError(Problem("", "events", text))
        jobs = [int(index) for index in np.flatnonzero(np.array(inputs.workload.name) == event.job)]
        timeline.process(limit_clocks(timeline, batch, limits, settlement, event, jobs=jobs))
