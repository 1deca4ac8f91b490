"""Storage in a whole run: checkpoints of a training job, power of servers, and what is refused before the run.

Two nodes train for an hour of work, 10 s a step, and save 100 GB every 20 minutes over ten servers of 1 GB/s.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator.results.result import Result
from simulator.scenario.loading import load_scenario
from simulator.simulation import read_inputs, simulate

PFS: dict[str, Any] = {
    "kind": "parallel-file-system", "servers": 10, "read": "2 GB/s", "write": "1 GB/s", "capacity": "100 GB",
    "idle_power": "100 W", "peak_power": "300 W",
}  # fmt: skip
HALL: dict[str, Any] = {
    "start": "2023-07-10T00:00:00Z",
    "until": "2 h",
    "fleet": {"groups": [{"name": "all", "node": "dgx-h100", "count": 2}]},
    "workload": {"kind": "list", "jobs": [{"name": "later", "duration": "1 min", "submit": "110 min"}]},
    "training": [
        {
            "name": "run", "accelerators": 16, "steps": 360, "startup": "0 s",
            "step": {"duration": "10 s", "checkpoint_size": "100 GB"},
            "checkpoints": {"interval": "20 min", "tier": "pfs"},
        }
    ],
    "storage": {"tiers": {"pfs": PFS}, "checkpoints": {"keep_last": 1}},
    "facility": {"pue": 1.2},
}  # fmt: skip


def scenario(folder: Path, **changes: Any) -> Path:
    tree: Any = copy.deepcopy(HALL)
    for dotted, value in changes.items():
        *outer, last = dotted.split("__")
        at = tree
        for key in outer:
            at = at[int(key)] if key.isdigit() else at.setdefault(key, {})
        at[last] = value
    path = folder / "hall.yaml"
    path.write_text(json.dumps(tree, indent=1))
    return path


def run(folder: Path, **changes: Any) -> Result:
    return simulate(scenario(folder, **changes))


def end_s(result: Result) -> float:
    jobs = result.frame("jobs").set_index("job")
    return float(jobs.loc["run", "end_s"])


def test_a_job_stands_still_while_its_checkpoints_are_written(tmp_path: Path) -> None:
    result = run(tmp_path)
    storage = result.frame("storage").iloc[0]
    written = int(storage["checkpoints_written"])
    assert written >= 2  # after 20 and 40 minutes of work
    assert storage["written_b"] == pytest.approx(written * 100e9)
    assert storage["checkpoints_kept"] == 1
    assert end_s(result) == pytest.approx(3600.0 + 10.0 * written)
    # 1 kW at rest, 3 kW while it writes.
    energy_kwh = (2.0 * 3600.0 * 1.0 + 10.0 * written * 2.0) / 3600.0
    assert result.kpis["storage_energy_kwh"] == pytest.approx(energy_kwh)
    assert (result.kpis["backup_rpo_s"], result.kpis["backup_rto_s"]) == (None, None)


def test_the_servers_energy_is_part_of_it(tmp_path: Path) -> None:
    # Servers that draw nothing, and checkpoints as long as before.
    none = run(tmp_path, storage__tiers__pfs=PFS | {"idle_power": "0 W", "peak_power": "0 W"})
    some = run(tmp_path)
    drawn_kwh = (some.kpis["it_energy_kwh"] or 0.0) - (none.kpis["it_energy_kwh"] or 0.0)
    assert drawn_kwh == pytest.approx(some.kpis["storage_energy_kwh"], rel=1e-6)
    assert none.kpis["storage_energy_kwh"] == 0.0


def test_a_building_is_sized_for_storage_at_full_bandwidth(tmp_path: Path) -> None:
    facility = {"cooling": {"air": {"kind": "crah", "plant": {"kind": "stated", "power_share": 0.2}}}}
    weather = {"weather": {"kind": "constant", "dry_bulb": "20 °C", "relative_humidity": 0.5}}

    def sized_w(**changes: Any) -> float:
        building = read_inputs(load_scenario(scenario(tmp_path, facility=facility, site=weather, **changes)).scenario)
        assert building.building is not None
        return building.building.it_provisioned_w

    more = PFS | {"idle_power": "1 kW", "peak_power": "5 kW"}
    assert sized_w(storage__tiers__pfs=more) - sized_w() == pytest.approx(50e3 - 3e3)


def test_storage_with_a_price_is_paid_off_over_its_life(tmp_path: Path) -> None:
    result = run(
        tmp_path, storage__tiers__pfs=PFS | {"price_per_tb": "100 kUSD"},
        accounting={"capital": {"discount_rate": 0, "maintenance_share": 0}},
    )  # fmt: skip
    cost = result.frame("cost").set_index("item")["run_usd"]
    # 1 TB for 100 kUSD, two hours of five years.
    assert cost["storage"] == pytest.approx(100e3 * 2.0 / (5.0 * 365.25 * 24.0))


def test_half_the_servers_write_half_as_fast(tmp_path: Path) -> None:
    whole, half = run(tmp_path), run(tmp_path, storage__tiers__pfs=PFS | {"servers": 5, "capacity": "1 TB"})
    written = half.frame("storage").iloc[0]["checkpoints_written"]
    assert end_s(half) - end_s(whole) == pytest.approx(10.0 * written)


def test_backups_have_a_recovery_point_and_an_estimated_time(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        storage__sites={"vault": {"bandwidth": "1 GB/s", "restore_bandwidth": "500 MB/s"}},
        storage__backups={"often": {"of": ["checkpoints"], "site": "vault", "every": "30 min"}},
    )
    # The one that begins after 90 minutes is whole 100 s later; the one before holds what there was after 60.
    assert result.kpis["backup_rpo_s"] == pytest.approx(1800.0 + 100.0)
    assert result.kpis["backup_rto_s"] == pytest.approx(200.0)
    assert any("backup_rto_s is an estimate" in note for note in result.notes)


def test_a_job_waits_until_its_data_set_is_staged(tmp_path: Path) -> None:
    tiers = {"pfs": PFS | {"capacity": "1 TB"}, "drives": {"kind": "node-nvme"}}
    web = {"web": {"size": "1 TB", "tier": "pfs", "staged_to": "drives"}}
    staged = run(tmp_path, storage__tiers=tiers, storage__data_sets=web, training__0__data_set="web")
    # 1 TB from ten servers of 2 GB/s onto two nodes of 14.3 GB/s.
    assert end_s(staged) - end_s(run(tmp_path, storage__tiers=tiers)) == pytest.approx(1e12 / 20e9)


# A third node stands by. The first one leaves after 50 minutes; 40 minutes of work were saved, on whose drives?
SPARE = {
    "groups": [{"name": "first", "node": "dgx-h100", "count": 1}, {"name": "rest", "node": "dgx-h100", "count": 2}]
}
LEAVES = [{"kind": "retire", "group": "first", "at": "50 min", "retire": "at-once"}]


@pytest.mark.parametrize(
    ("tiers", "kept_s"),
    [
        ({"pfs": PFS}, 2400.0),
        ({"pfs": {"kind": "node-nvme", "write": "5 GB/s"}}, 0.0),
        ({"pfs": {"kind": "node-nvme", "write": "10 GB/s", "replicas": 1}}, 2400.0),
    ],
)
def test_what_lies_on_a_nodes_drives_is_lost_with_it(tmp_path: Path, tiers: dict[str, Any], kept_s: float) -> None:
    result = run(tmp_path, fleet=SPARE, events=LEAVES, until="4 h", storage__tiers=tiers)
    # Two checkpoints of 10 s were written before, so that 2980 s of work were done.
    assert result.kpis["work_lost_s"] == pytest.approx(2980.0 - kept_s)
    assert result.kpis["jobs_completed"] == 2


def test_a_copy_on_a_second_tier_outlives_the_nodes(tmp_path: Path) -> None:
    tiers = {"pfs": {"kind": "node-nvme", "write": "5 GB/s"}, "second": PFS}
    result = run(
        tmp_path, fleet=SPARE, events=LEAVES, until="4 h", storage__tiers=tiers,
        storage__checkpoints={"copy_to": "second", "copy_every": 1},
    )  # fmt: skip
    assert result.kpis["work_lost_s"] == pytest.approx(580.0)


def test_a_data_set_on_a_slow_tier_starves_the_job(tmp_path: Path) -> None:
    # 400 MB a step of 10 s are 40 MB/s; the tier gives 20.
    slow = PFS | {"servers": 1, "read": "20 MB/s", "write": "20 MB/s", "capacity": "1 PB", "tolerated": 0}
    step = {"duration": "10 s", "tokens": 1e8, "checkpoint_size": "100 GB"}
    result = run(
        tmp_path, until="4 h", training__0__data_set="web", training__0__step=step, training__0__steps=180,
        storage__tiers={"pfs": PFS, "slow": slow}, storage__data_sets={"web": {"size": "1 TB", "tier": "slow"}},
    )  # fmt: skip
    written = result.frame("storage").iloc[0]["checkpoints_written"]
    assert end_s(result) == pytest.approx(2.0 * 1800.0 + 10.0 * written, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"training__0__checkpoints__tier": "pf"},
            r"training\[0\]\.checkpoints\.tier: 'pf' is not a tier.*nearest: 'pfs'",
        ),
        (
            {"training__0__step__checkpoint_size": "2 TB"},
            r"storage\.tiers\.pfs\.capacity: a checkpoint of .* takes 2\.000 TB; the tier has 1\.000 TB for it",
        ),
        ({"storage__checkpoints__keep_last": 0}, r"storage\.checkpoints\.keep_last: 0; allowed: 1 or more"),
        ({"storage__checkpoints__copy_to": "pft"}, r"checkpoints\.copy_to: 'pft' is not a tier; .*nearest: 'pfs'"),
        (
            {"storage__sites": {"s": {"bandwidth": "1 GB/s"}}, "storage__backups": {"b": {"site": "s"}}},
            r"storage\.backups\.b\.of: is missing or empty",
        ),
        ({"storage__tiers": {"pfs": {"kind": "lustre"}}}, "lustre"),
    ],
)
def test_what_can_not_be_is_refused_before_the_run(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(tmp_path, **changes)
