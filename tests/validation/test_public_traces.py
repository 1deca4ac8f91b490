"""Outcomes of the scenarios over public traces, computed again from the files without the engine."""

from __future__ import annotations

import csv
import datetime
import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.references import Jobs, heap_easy, heap_fcfs
from simulator import load_scenario, simulate
from simulator.results.result import Result

TRACES = Path(__file__).resolve().parents[2] / "scenarios" / "traces"
J_PER_KWH = 3.6e6


@functools.cache
def outcome(file: str, scenario: str | None, data: Path) -> Result:
    return simulate(load_scenario(TRACES / file, scenario=scenario, data_root=data))


def nasa_jobs(data: Path) -> Jobs:
    """The log's jobs that ran: submit, run time, processors; estimates are perfect."""
    lines = (data / "traces" / "nasa_ipsc_1993.swf").read_text(encoding="latin-1").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith(";")]
    ran = [(float(row[1]), float(row[3]), int(row[4])) for row in rows if int(row[3]) > 0]
    submit_s, work_s, nodes = zip(*ran, strict=True)
    return Jobs(submit_s, work_s, nodes, work_s)


@pytest.mark.parametrize(("scenario", "loop"), [("fcfs", heap_fcfs), ("easy", heap_easy)])
def test_nasa_waits_equal_a_heap_loop_s_to_the_second(public_data: Path, scenario: str, loop: Any) -> None:
    jobs = nasa_jobs(public_data)
    expected = np.array(loop(jobs, 128))
    found = outcome("nasa_ipsc_1993.yaml", scenario, public_data).jobs["wait_s"].to_numpy()
    assert len(found) == 18_066
    assert expected.max() > 3600.0
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-6)


def nasa_hourly_j(waits_s: list[float], jobs: Jobs) -> NDArray[np.float64]:
    """The hall's energy in each hour of UTC [J]: 45 W a node, 15 W more a node that works."""
    start_s, work_s = np.array(jobs.submit_s) + np.array(waits_s), np.array(jobs.work_s)
    end_s = float((start_s + work_s).max())
    instants = np.concatenate([start_s, start_s + work_s])
    changes = np.concatenate([jobs.nodes, -np.array(jobs.nodes)]) * 15.0
    order = np.argsort(instants, kind="stable")
    edges = np.unique(np.concatenate([[0.0, end_s], instants, np.arange(0.0, end_s, 3600.0)]))
    level = np.concatenate([[0.0], np.cumsum(changes[order])])
    level_w = 128 * 45.0 + level[np.searchsorted(instants[order], edges[:-1], side="right")]
    hour = (edges[:-1] // 3600.0).astype(int)
    return np.bincount(hour, weights=level_w * np.diff(edges)).astype(np.float64)


def by_hour(path: Path, column: str) -> dict[str, float]:
    with path.open(encoding="utf-8") as file:
        return {row["Datetime (UTC)"][:13]: float(row[column]) for row in csv.DictReader(file)}


def test_nasa_energy_cost_and_carbon_add_up_hour_by_hour(public_data: Path) -> None:
    jobs = nasa_jobs(public_data)
    start = datetime.datetime(2023, 10, 1, 4, tzinfo=datetime.UTC)
    facility_j = 1.5 * nasa_hourly_j(heap_fcfs(jobs, 128), jobs)
    prices = by_hour(public_data / "grid" / "US-MIDA-PJM_2023_price.csv", "Price (USD/MWh)")
    carbon = by_hour(
        public_data / "grid" / "US-MIDA-PJM_2023_carbon_electricitymaps.csv", "Carbon Intensity gCO₂eq/kWh (LCA)"
    )
    cost_usd = carbon_kg = 0.0
    for hour, energy_j in enumerate(facility_j):
        at = (start + datetime.timedelta(hours=hour)).replace(year=2023)  # what lies in 2024 repeats the year
        cost_usd += energy_j / 3.6e9 * prices[f"{at:%Y-%m-%d %H}"]
        carbon_kg += energy_j / J_PER_KWH * carbon[f"{at:%Y-%m-%d %H}"] / 1000.0
    kpis = outcome("nasa_ipsc_1993.yaml", "fcfs", public_data).kpis
    assert kpis["facility_energy_kwh"] == pytest.approx(facility_j.sum() / J_PER_KWH, rel=1e-9)
    assert kpis["energy_cost_usd"] == pytest.approx(cost_usd, rel=1e-9)
    assert kpis["carbon_operational_kg"] == pytest.approx(carbon_kg, rel=1e-9)


def test_opendc_week_gives_the_published_energy(public_data: Path) -> None:
    import pyarrow.parquet as pq

    folder = public_data / "traces" / "opendc_surf_week"
    fragments = pq.read_table(folder / "fragments.parquet").to_pandas()
    busy = fragments["cpu_usage"].to_numpy() / 33_600.0
    assert busy.max() <= 1.0
    horizon_s = 604_800.0
    energy_j = 279 * 32.0 * horizon_s + 148.0 * float((busy * fragments["duration"].to_numpy() / 1000.0).sum())
    kpis = outcome("opendc_surf_week.yaml", None, public_data).kpis
    assert kpis["makespan_s"] == kpis["simulated_s"] == horizon_s
    assert kpis["it_energy_kwh"] == pytest.approx(energy_j / J_PER_KWH, rel=1e-9)
    assert math.isclose(1.21125541e10, float(kpis["it_energy_kwh"] or 0.0) * J_PER_KWH, rel_tol=0.0, abs_tol=1e6)


# Watts that a GPU, and that the processors of a node, draw between idle and busy; watts of an idle node without its
# GPUs; watts of an idle GPU: what the scenario says of each model.
ALIBABA_W = {
    "P100": (219.0, 48.0, 76.0, 31.0),
    "T4": (61.0, 312.0, 254.0, 9.0),
    "V100M16": (262.0, 288.0, 396.0, 38.0),
    "V100M32": (262.0, 288.0, 396.0, 38.0),
    "A10": (131.0, 384.0, 328.0, 19.0),
    "G2": (262.0, 288.0, 396.0, 38.0),
    "G3": (350.0, 384.0, 528.0, 50.0),
}


def alibaba_rows(data: Path, what: str) -> list[dict[str, str]]:
    with (data / "traces" / f"alibaba_gpu_2023_{what}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def alibaba_pods(data: Path) -> list[tuple[float, float, int, int, int]]:
    """Submission, run time, GPU thousandths, CPU thousandths, MiB of the pods that ran, by submission."""
    pods = [
        (
            float(row["creation_time"]),
            float(row["deletion_time"]) - float(row["scheduled_time"]),
            int(row["num_gpu"]) * int(row["gpu_milli"]),
            int(row["cpu_milli"]),
            int(row["memory_mib"]),
        )
        for row in alibaba_rows(data, "pods")
        if row["scheduled_time"] and float(row["deletion_time"]) > float(row["scheduled_time"])
    ]
    return sorted(pods, key=lambda pod: pod[0])


def test_alibaba_first_fit_places_as_a_plain_loop_does(public_data: Path) -> None:
    nodes = alibaba_rows(public_data, "nodes")
    free = [(int(row["cpu_milli"]), int(row["memory_mib"]), [1000] * int(row["gpu"])) for row in nodes]
    ends: list[tuple[float, int, list[int], tuple[float, float, int, int, int]]] = []
    placed = []
    for pod in alibaba_pods(public_data):
        submit_s, run_s, gpu, cpu, memory = pod
        for end in [end for end in ends if end[0] <= submit_s]:
            _, node, slots, gone = end
            ends.remove(end)
            for slot in slots:
                free[node][2][slot] += min(gone[2], 1000)
            free[node] = (free[node][0] + gone[3], free[node][1] + gone[4], free[node][2])
        for node, (cpu_free, memory_free, gpus) in enumerate(free):
            share = min(gpu, 1000)
            fitting = sorted((room, slot) for slot, room in enumerate(gpus) if gpu and room >= share)
            slots = [slot for _, slot in fitting[: max(gpu // 1000, 1)]] if gpu else []
            if cpu_free >= cpu and memory_free >= memory and (not gpu or len(slots) * share == gpu):
                for slot in slots:
                    gpus[slot] -= share
                free[node] = (cpu_free - cpu, memory_free - memory, gpus)
                ends.append((submit_s + run_s, node, slots, pod))
                placed.append(nodes[node]["sn"])
                break
    result = outcome("alibaba_gpu_2023.yaml", "first-fit", public_data)
    assert result.jobs["first_node"].astype(str).tolist() == placed


@pytest.mark.parametrize("placement", ["first-fit", "best-fit", "dot-product", "random", "fragmentation-aware"])
def test_alibaba_energy_and_allocation_add_up_pod_by_pod(public_data: Path, placement: str) -> None:
    # Nobody waits, and every part is linear, so that each pod adds its own whatever else is on the node.
    result = outcome("alibaba_gpu_2023.yaml", placement, public_data)
    nodes = {row["sn"]: row for row in alibaba_rows(public_data, "nodes")}
    pods = alibaba_pods(public_data)
    end_s = max(submit_s + run_s for submit_s, run_s, *_ in pods) - pods[0][0]
    energy_j = sum(
        end_s * (ALIBABA_W[row["model"]][2] + int(row["gpu"]) * ALIBABA_W[row["model"]][3]) for row in nodes.values()
    )
    gpu_s = 0.0
    for (_, run_s, gpu, cpu, _), name in zip(pods, result.jobs["first_node"].astype(str), strict=True):
        gpu_w, processors_w, *_ = ALIBABA_W[nodes[name]["model"]]
        energy_j += run_s * (gpu / 1000.0 * gpu_w + cpu / int(nodes[name]["cpu_milli"]) * processors_w)
        gpu_s += run_s * gpu / 1000.0
    assert result.kpis["wait_mean_s"] == 0.0
    assert result.kpis["it_energy_kwh"] == pytest.approx(energy_j / J_PER_KWH, rel=1e-9)
    assert result.kpis["accelerator_allocation"] == pytest.approx(gpu_s / (6212 * end_s), rel=1e-9)
