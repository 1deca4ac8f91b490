"""The figures by which runs are compared. Names are flat, carry their unit and never change."""

from __future__ import annotations

import numpy as np

from ..engine import state as layout
from ..engine.state import State

J_PER_KWH = 3.6e6

Kpis = dict[str, float | int | None]

MEANINGS = {
    "jobs_submitted": "jobs that the run has seen submitted, rejected ones among them",
    "jobs_completed": "jobs that did all their work",
    "jobs_rejected": "jobs that asked for more than the whole hall has",
    "jobs_killed": "jobs that were ended at their estimate",
    "jobs_unfinished": "jobs submitted that neither ended nor were rejected",
    "jobs_interrupted": "interruptions of running jobs, by preemption or retirement",
    "makespan_s": "from the first submission to the last end of a job",
    "wait_mean_s": "mean of first start less submission, over the jobs that started",
    "wait_p95_s": "95th percentile of the same",
    "node_utilization": "node-seconds holding a job over node-seconds in service",
    "accelerator_utilization": "accelerator-seconds busy over those in service: allocation times activity",
    "accelerator_allocation": "accelerator-seconds granted over accelerator-seconds in service",
    "work_lost_s": "work done anew after interruptions, and work of killed jobs, at full clock",
    "work_done_task_hours": "work done and kept at full clock, over all tasks; an exclusive task holds a whole node",
    "it_energy_kwh": "energy at the inlets of IT: nodes, racks, other IT equipment, server fans, and losses of "
    "converters and shelves that stand in racks (`counts_as_it`)",
    "facility_energy_kwh": "energy of the whole facility, wherever it comes from",
    "energy_per_task_hour_kwh": "facility energy for each task-hour of work done",
    "pue": "facility energy over IT energy (ISO/IEC 30134-2, measured at the inlets of IT)",
    "peak_it_power_kw": "greatest power of nodes, racks and other IT equipment at any instant, behind all converters",
    "peak_facility_power_kw": "greatest facility power at any instant",
    "energy_cost_usd": "the whole bill for electricity from the grid: energy, power, fees and taxes, less what is paid "
    "for exports; with a price of energy alone, the energy's cost; none without a tariff",
    "energy_charge_usd": "the bill's part for energy drawn, without taxes",
    "demand_charge_usd": "the bill's part for power: demand, ratchet, contract minimum and coincident peaks, no taxes; "
    "none where nothing is charged for power",
    "billed_demand_kw": "greatest demand billed in any month; none without a demand charge",
    "carbon_operational_kg": "carbon dioxide equivalent of electricity from the grid, location-based, and of "
    "fuel burnt on the site; none without an intensity",
    "carbon_market_based_kg": "the same with what is contracted for in the grid's place; none without contracts",
    "carbon_embodied_kg": "carbon of making nodes and building, spread evenly over their lives; none where no "
    "node's is known",
    "cost_per_accelerator_hour_usd": "capital, maintenance, electricity and water for each hour of an accelerator in "
    "service; none where no node has a price",
    "cost_per_busy_accelerator_hour_usd": "the same for each hour of an accelerator that is busy",
    "tokens_per_s_per_mw": "tokens a second for each MW of the facility; none where no tokens are known",
    "stranded_power_kw": "capacity of rows of racks that no rack can use; none where no rows are given",
    "fuel_cost_usd": "cost of fuel burnt on the site; none where nothing there can burn any",
    "simulated_s": "length of the run",
    "cooling_energy_kwh": "electricity of cooling: compressors, fans, pumps and what treats the air and the water",
    "power_loss_kwh": "what the power chain lost between the grid and the inlets of IT",
    "water_l": "water that cooling used: evaporated, bled, blown away, and for humidifying",
    "water_peak_day_l": "the same on the day of the site's own clock that took most of it",
    "water_cost_usd": "cost of water and of its discharge; none where no source has prices",
    "wue_l_per_kwh": "water over IT energy (ISO/IEC 30134-9)",
    "cue_kg_per_kwh": "carbon of the energy used over IT energy (ISO/IEC 30134-8); none without an intensity",
    "free_cooling_hours": "time in which no compressor ran while heat was removed",
    "shut_down_node_hours": "node-hours that nodes were off for heat, a power limit or want of power",
    "throttled_node_hours": "node-hours at lower clocks because air or coolant was too warm",
    "storage_energy_kwh": "energy of storage servers; none without `storage`",
    "backup_rpo_s": "greatest age that the newest whole backup of any plan came to, the time without one among them; "
    "none without backups",
    "backup_rto_s": "longest restore from a backup; where nothing was restored, an estimate with the bandwidth free of "
    "others, which a note says; none without backups",
    "unserved_energy_kwh": "what the computers drew before they lost power, over the time until they had it back, and "
    "what their work wanted and power caps withheld, as sampled at control events; none where nobody counts it",
    "mttr_h": "mean time from when a failed component stopped, which stragglers do once they are taken out, until it "
    "was back, over unplanned outages that ended, false alarms left out; none where there were none",
    "availability": "node-seconds in service over those from each node's commissioning to its retirement; none where "
    "nothing could fail and nothing was out",
    "spare_stockouts": "repairs that found no spare on the shelf and waited for one; none without `operations`",
    "technician_utilization": "technicians' hours at work, ways there included, over their hours on duty and overtime; "
    "none without `operations` or anybody on duty",
    "training_tokens": "tokens that training jobs have trained on and kept; none where none are known",
    "mfu": "operations of the model for tokens kept, over the peak rate of the job's accelerators from its first start "
    "to its end or the run's",
    "ettr": "effective training time ratio: work done and kept, in seconds of undisturbed training, over the time from "
    "the job's first start to its end or the run's; weighted by accelerators",
    "goodput_fraction": "accelerator-seconds of training done and kept over all accelerator-seconds in service",
    "interruptions": "how often training jobs lost their nodes, for whatever reason: failures, preemption, "
    "maintenance, security, false alarms",
    "lost_work_accelerator_h": "accelerator-hours of training done anew",
    "checkpoint_overhead_fraction": "time that training jobs stood still to save, over the time that they held nodes",
    "requests_offered": "requests that came to services; none without `services`",
    "requests_served": "requests that services answered",
    "requests_lost": "requests that waited as long as their patience and were given up; at once without patience",
    "service_availability": "share of the requests whose fate is known, served or lost, that was served within the "
    "patience; none where none came",
    "tokens_served": "tokens in and out of requests served, over the services that give lengths; none without any",
    "network_energy_kwh": "energy of the fabric's switches and their optics; none without a fabric",
    "security_overhead_fraction": "1 less the work done over what the same time would have done without controls: "
    "slower jobs, and checkpoints, reading and links of training; none without `security`, and where no work was done",
}
"""What each figure means."""


def summarise(state: State, it_j: float, work_s: float) -> Kpis:
    """Return the engine's own figures of a run that was brought up to its end; None where one is not defined.

    `it_j` is the energy that entered the boundary of IT [J], `work_s` the work done [task-seconds].
    """
    jobs, clock = state.jobs, state.clock[0]
    integral, greatest = state.meters["integral"], state.meters["greatest"]
    submitted = jobs["submit_s"] <= clock["now_s"]
    ended = ~np.isnan(jobs["end_s"])
    started = ~np.isnan(jobs["first_start_s"])
    wait_s = (jobs["first_start_s"] - jobs["submit_s"])[started]
    accelerator_s = integral[layout.ACCELERATORS_IN_SERVICE]
    return {
        "jobs_submitted": int(np.count_nonzero(submitted)),
        "jobs_completed": int(clock["completed"]),
        "jobs_rejected": int(np.count_nonzero(submitted & (jobs["status"] == layout.REJECTED))),
        "jobs_killed": int(clock["killed"]),
        "jobs_unfinished": int(np.count_nonzero(np.isin(jobs["status"], [layout.QUEUED, layout.RUNNING]))),
        "jobs_interrupted": int(clock["interruptions"]),
        "makespan_s": float(np.nanmax(jobs["end_s"]) - jobs["submit_s"].min()) if ended.any() else None,
        "wait_mean_s": float(wait_s.mean()) if len(wait_s) else None,
        "wait_p95_s": float(np.percentile(wait_s, 95.0)) if len(wait_s) else None,
        "node_utilization": _ratio(integral[layout.HELD_NODES], integral[layout.NODES_IN_SERVICE]),
        "accelerator_utilization": _ratio(integral[layout.ACTIVE], accelerator_s),
        "accelerator_allocation": _ratio(integral[layout.GRANTED], accelerator_s),
        "work_lost_s": float(jobs["lost_s"].sum()),
        "work_done_task_hours": work_s / 3600.0,
        "it_energy_kwh": it_j / J_PER_KWH,
        "facility_energy_kwh": float(integral[layout.FACILITY_POWER] / J_PER_KWH),
        "energy_per_task_hour_kwh": _ratio(integral[layout.FACILITY_POWER] / 1e3, work_s),
        "pue": _ratio(integral[layout.FACILITY_POWER], it_j),
        "peak_it_power_kw": float(greatest[layout.IT_POWER] / 1e3),
        "peak_facility_power_kw": float(greatest[layout.FACILITY_POWER] / 1e3),
        "simulated_s": float(clock["now_s"]),
    }


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0.0 else None
