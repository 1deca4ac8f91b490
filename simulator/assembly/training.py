"""From the section `training` to jobs of the workload, and to the engine's rows for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fleet import Fleet
from models.problems import InputError, Problem, nearest
from models.racks.rack import rack_of
from models.workload.building import build
from models.workload.job import Workload
from models.workload.training_job import TrainingJob
from models.workload.training_plan import TrainingPlan, training_plan

from ..engine import state as layout
from ..engine.state import State

NO_MARK = np.inf
"""Work until a checkpoint or an evaluation, where there is none."""


def training_plans(jobs: Sequence[TrainingJob], fleet: Fleet) -> tuple[TrainingPlan, ...]:
    """Return what each training job comes to; raises InputError with every job that the hall can not run."""
    plans, problems = [], []
    for number, job in enumerate(jobs):
        try:
            node = fleet.models[_model(job, fleet)]
            plans.append(training_plan(job, node, rack=rack_of(node)))
        except InputError as error:
            problems += [
                Problem(each.where, f"training[{number}].{each.path}".rstrip("."), each.message)
                for each in error.problems
            ]
    if problems:
        raise InputError(problems)
    return tuple(plans)


def _model(job: TrainingJob, fleet: Fleet) -> int:
    if job.node_type is None:
        with_accelerators = [index for index, model in enumerate(fleet.models) if model.accelerators]
        if len(with_accelerators) != 1:
            allowed = ", ".join(fleet.model_names)
            message = f"give the type that it needs, since the hall has several, or none with accelerators: {allowed}"
            raise InputError(Problem("", "node_type", message))
        return with_accelerators[0]
    if job.node_type not in fleet.model_names:
        message = f"the hall has no nodes of type '{job.node_type}'{nearest(job.node_type, fleet.model_names)}"
        raise InputError(Problem("", "node_type", f"{message}; it has {', '.join(fleet.model_names)}"))
    return fleet.model_names.index(job.node_type)


def training_workload(plans: Sequence[TrainingPlan], fleet: Fleet) -> Workload:
    """Return the training jobs as jobs of whole nodes, in order of submission."""
    names = {id(model): name for model, name in zip(fleet.models, fleet.model_names, strict=True)}
    return build(
        where="training",
        name=[plan.job.name for plan in plans],
        submit_s=[plan.job.submit for plan in plans],
        work_s=[plan.work_s for plan in plans],
        activity=[plan.activity for plan in plans],
        compute_share=[plan.compute_share for plan in plans],
        tasks=[plan.nodes for plan in plans],
        estimate_s=[plan.work_s for plan in plans],
        priority=[plan.job.priority for plan in plans],
        user=[plan.job.user for plan in plans],
        constraint=[frozenset([names[id(plan.node)]]) for plan in plans],
    )


def place_of(plans: Sequence[TrainingPlan], workload: Workload) -> NDArray[np.int64]:
    """Return the index of each plan's job; raises InputError where another job has its name."""
    problems, found = [], []
    for number, plan in enumerate(plans):
        jobs = [index for index, name in enumerate(workload.name) if name == plan.job.name]
        if len(jobs) > 1:
            message = f"another job is called '{plan.job.name}' too; names of training jobs must be their own"
            problems.append(Problem("", f"training[{number}].name", message))
        found.append(jobs[0])
    if problems:
        raise InputError(problems)
    return np.array(found, np.int64)


def with_trainings(state: State, plans: Sequence[TrainingPlan], jobs: NDArray[np.int64]) -> State:
    """Return the state with a row for each training job; `jobs` are their indices, shape (plan,).

    What storage decides (how long a checkpoint takes) and intervals that follow from failures are set later.
    """
    rows = np.zeros(len(plans), layout.TRAINING)
    speeds: list[float] = []
    for index, (plan, job) in enumerate(zip(plans, jobs, strict=True)):
        row = rows[index]
        section = plan.job
        row["checkpoint_left_s"] = NO_MARK
        row["evaluation_left_s"] = NO_MARK
        row["gang_speed"] = 1.0
        row["pause_activity"] = section.pause_activity
        row["startup_s"], row["restart_s"] = section.startup, section.restart_s
        if section.evaluation is not None:
            row["evaluation_interval_s"] = row["evaluation_left_s"] = section.evaluation.every
            row["evaluation_s"] = section.evaluation.duration
        row["wanted_tasks"], row["least_tasks"], row["task_step"] = plan.nodes, plan.least_nodes, plan.node_step
        row["first_speed"] = len(speeds)
        speeds += plan.speeds
        state.jobs["training"][job] = index
        state.jobs["kill_on_overrun"][job] = 0
    return state._replace(trainings=rows, gang_speeds=np.array(speeds, np.float64))


def set_checkpoints(
    state: State, training: int, job: int, *, interval_s: float, saving_s: float, durable_after_s: float
) -> None:
    """Let a training job save its state after each interval of work [nominal s]; see `state.TRAINING`."""
    row: Any = state.trainings[training]
    state.jobs["checkpoint_interval_s"][job] = row["checkpoint_left_s"] = interval_s
    row["saving_s"], row["durable_after_s"] = saving_s, durable_after_s
