"""Start the training jobs: when they save, and whom they tell."""

from __future__ import annotations

from models.problems import InputError, Problem
from models.reliability.checkpointing import daly_interval_s, young_interval_s
from models.units import format_quantity
from models.workload.training_job import Checkpoints

from ..assembly.training import place_of, set_checkpoints
from ..operations.running import Running
from .accounts import TrainingAccounts
from .training_jobs import TrainingJobs
from .training_run import TrainingRun
from .training_runs import TrainingRuns

NEVER = float("inf")


def start_training(running: Running) -> None:
    """Let the engine know when training jobs save, and enter who follows them. Does nothing where there are none."""
    if not running.plans:
        return
    jobs = place_of(running.plans, running.workload).tolist()
    runs = [TrainingRun(plan, job, row) for row, (plan, job) in enumerate(zip(running.plans, jobs, strict=True))]
    for run in runs:
        _check_data_set(running, run)
        _set_checkpoints(running, run)
    running.training = TrainingJobs(running.hall.batch, runs)
    followed = TrainingRuns(running, runs)
    running.hall.settlement.join(followed)
    if running.fabric is not None:
        running.fabric.on_change.append(followed.follow)
    running.parts.append(TrainingAccounts(running, running.training))


def _check_data_set(running: Running, run: TrainingRun) -> None:
    name = run.plan.job.data_set
    if name is None:
        return
    path = f"training[{run.row}].data_set"
    if running.storage is None:
        raise InputError(Problem("", path, f"the scenario has no 'storage' with a data set '{name}'"))
    running.storage.check_data_set(name, run.plan.nodes, path)


def _set_checkpoints(running: Running, run: TrainingRun) -> None:
    checkpoints = run.plan.job.checkpoints
    if checkpoints is None:
        return
    waits = checkpoints.mode == "synchronous"
    state = running.hall.batch.state
    if checkpoints.tier is not None:
        if running.storage is None:
            message = f"the scenario has no 'storage' with a tier '{checkpoints.tier}'; give it, or 'write'"
            raise InputError(Problem("", f"training[{run.row}].checkpoints.tier", message))
        running.storage.check_checkpoint(
            run.checkpoint_b, checkpoints.tier, f"training[{run.row}].checkpoints.tier", run.name
        )
        write_s = running.storage.uncontended_write_s(run.plan.nodes, run.checkpoint_b, checkpoints.tier)
        saving_s, durable_after_s = NEVER, 0.0 if waits else NEVER
        state.trainings["startup_s"][run.row] = state.trainings["restart_s"][run.row] = NEVER
    else:
        assert checkpoints.write is not None
        write_s = float(checkpoints.write)
        saving_s, durable_after_s = (write_s, 0.0) if waits else (float(checkpoints.snapshot), write_s)
    stops_s = write_s if waits else float(checkpoints.snapshot)
    interval_s = _interval_s(running, run, checkpoints, stops_s)
    set_checkpoints(state, run.row, run.job, interval_s=interval_s, saving_s=saving_s, durable_after_s=durable_after_s)


def _interval_s(running: Running, run: TrainingRun, checkpoints: Checkpoints, stops_s: float) -> float:
    """Return the work between two checkpoints that each stop the job for `stops_s` [s]."""
    if not isinstance(checkpoints.interval, str):
        interval_s = float(checkpoints.interval)
        if interval_s < run.step_s:
            given, step = (format_quantity(each, "duration", 4) for each in (interval_s, run.step_s))
            message = f"{given} is below the {step} of a step of '{run.name}': a state is saved between steps"
            raise InputError(Problem("", f"training[{run.row}].checkpoints.interval", message))
        return interval_s
    mtbf_s = checkpoints.mtbf
    if mtbf_s is None and running.given.reliability is not None:
        mtbf_s = running.given.reliability.job_mtbf_s(run.plan.node, run.plan.nodes) or NEVER
    if mtbf_s is None:
        message = f"'{checkpoints.interval}' needs the job's mean time between failures: give 'mtbf' or 'reliability'"
        raise InputError(Problem("", f"training[{run.row}].checkpoints.interval", message))
    formula = young_interval_s if checkpoints.interval == "young" else daly_interval_s
    return max(formula(max(stops_s, 1.0), mtbf_s), run.step_s)
