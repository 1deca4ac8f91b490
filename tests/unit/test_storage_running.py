"""Storage that runs: checkpoints, reading, servers out, backups and restores, against instants worked out by hand.

A file system of four servers reads at 400 B/s and writes at 200 B/s: small numbers, so that sums are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import simpy

from models.accounting.accounting import Accounting
from models.problems import InputError
from models.storage.storage import Storage
from simulator.engine import state as layout
from simulator.engine.settlement import Settlement, Timeline
from simulator.network.shared_resources import SharedResources, Transfer
from simulator.operations.component import Components
from simulator.operations.outage import Outage
from simulator.operations.running import Running
from simulator.results.part import Part
from simulator.storage.in_service import StorageInService
from simulator.storage.starting import start_storage

PFS = {
    "kind": "parallel-file-system", "servers": 4, "read": "100 B/s", "write": "50 B/s", "capacity": "1 kB",
    "node_bandwidth": "1 MB/s", "idle_power": "100 W", "peak_power": "300 W",
}  # fmt: skip
DRIVES = {"kind": "node-nvme", "read": "100 B/s", "write": "50 B/s", "capacity": "1 kB"}
ARCHIVE = {"kind": "object-store", "read": "20 B/s", "write": "10 B/s", "capacity": "100 kB", "latency": "0 s"}
TIERS = {"pfs": PFS, "drives": DRIVES, "archive": ARCHIVE}
CHECKPOINTS = {"keep_last": 2}


class Hall:
    """Storage and what it shares, without jobs or a building; nodes are up unless a test says otherwise."""

    def __init__(self, nodes: int = 8, **section: Any) -> None:
        self.timeline = Timeline()
        self.settlement = Settlement(self.timeline, [])
        self.speeds: dict[int, float] = {}
        self.drawn_w: dict[str, float] = {}
        self.shared = SharedResources(self.timeline, self.settlement, self._set_speeds)
        self.settlement.join(self.shared)
        clock = np.array([(3600.0, 3600)], [("first_edge_s", "f8"), ("interval_s", "i8")])
        self.status = np.full(nodes, layout.IN_SERVICE, np.int8)
        state = SimpleNamespace(clock=clock, nodes={"status": self.status})
        self.feed = SimpleNamespace(supply=layout.GRID, set_other_it=self.drawn_w.__setitem__)
        self.running = cast(Running, SimpleNamespace(
            hall=SimpleNamespace(
                timeline=self.timeline, settlement=self.settlement, feed=self.feed, loads=[],
                batch=SimpleNamespace(state=state),
            ),
            given=SimpleNamespace(
                start_utc_s=0.0, accounting=Accounting(), storage=Storage.model_validate({"tiers": TIERS} | section)
            ),
            fleet=_Fleet([f"n{index}" for index in range(nodes)]),
            components=Components(), outages=[], parts=[], shared=self.shared, storage=None,
        ))  # fmt: skip
        start_storage(self.running)
        self.storage = cast(StorageInService, self.running.storage)
        self.through_s: list[float] = []
        """When each transfer that a test began was through."""

    @property
    def part(self) -> Part:
        return self.running.parts[0]

    def _set_speeds(self, jobs: Any, speeds: Any) -> None:
        self.speeds |= dict(zip(jobs.tolist(), speeds.tolist(), strict=True))

    def at(self, instant_s: float, action: Callable[[], object]) -> None:
        def story() -> Generator[simpy.Event, Any, None]:
            yield self.timeline.at(instant_s)
            result = action()
            if isinstance(result, Transfer):
                yield result.done
                self.through_s.append(self.timeline.now)

        self.timeline.process(story())

    def write(self, at_s: float, size_b: float, job: str = "a", tier: str = "pfs", **given: Any) -> None:
        self.at(at_s, lambda: self.storage.write_checkpoint([0, 1], size_b, tier, job=job, **given))

    def row(self, table: str, end_s: float, index: int = 0) -> dict[str, Any]:
        return cast(dict[str, Any], self.part.tables(end_s)[table].slice(index, 1).to_pylist()[0])


class _Fleet:
    def __init__(self, names: list[str]) -> None:
        self.node_names = names

    def __len__(self) -> int:
        return len(self.node_names)


def test_a_checkpoint_takes_its_size_over_the_write_bandwidth() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.write(10.0, 1000.0, mark=7.0)
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([15.0])
    newest = hall.storage.newest("a")
    assert newest is not None
    assert (newest.mark, newest.began_s, newest.whole_s) == pytest.approx((7.0, 10.0, 15.0))
    assert hall.storage.uncontended_write_s(2, 1000.0, "pfs") == 5.0
    assert hall.storage.newest("b") is None


def test_two_checkpoints_share_the_tier_and_the_first_through_leaves_it_to_the_other() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.write(0.0, 500.0)
    hall.write(0.0, 1000.0, "b")
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([5.0, 7.5])


def test_a_tier_of_half_the_bandwidth_that_a_job_reads_halves_its_speed() -> None:
    hall = Hall()
    resources, b_per_s = hall.storage.read_use([0, 1], "pfs", 800.0)
    hall.shared.hold_job(3, resources, b_per_s)
    hall.timeline.run(1.0)
    assert hall.speeds == {3: pytest.approx(0.5)}


def test_two_jobs_share_fairly_what_they_read() -> None:
    hall = Hall()
    for job, b_per_s in ((0, 100.0), (1, 400.0), (2, 400.0)):
        hall.shared.hold_job(job, *hall.storage.read_use([job], "pfs", b_per_s))
    hall.timeline.run(1.0)
    # 400 B/s among three: the first needs no more than its 100, the others get 150 each.
    assert hall.speeds == {1: pytest.approx(0.375), 2: pytest.approx(0.375)}


def test_a_checkpoint_slows_a_job_that_reads_and_its_end_gives_the_bandwidth_back() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.shared.hold_job(0, *hall.storage.read_use([0], "pfs", 400.0))
    hall.write(0.0, 500.0)
    hall.timeline.run(3.0)
    # A byte written takes as much of the servers as two read: 400 = r + 2 w, and r = w.
    assert hall.speeds[0] == pytest.approx(1.0 / 3.0)
    hall.timeline.run(10.0)
    assert hall.speeds[0] == 1.0


def test_drives_of_each_node_are_its_own() -> None:
    hall = Hall()
    hall.write(0.0, 1000.0, tier="drives")
    hall.at(0.0, lambda: hall.storage.write_checkpoint([2, 3, 4, 5], 1000.0, "drives", job="b"))
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([5.0, 10.0])  # four nodes, two nodes of 50 B/s


def test_servers_out_slow_the_tier_and_one_too_many_stops_it() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    servers = hall.running.components.of_kind("storage-server")
    assert [each.name for each in servers] == ["pfs-0", "pfs-1", "pfs-2", "pfs-3"]
    hall.write(0.0, 1000.0)
    hall.at(1.0, lambda: hall.running.components.take_out(servers[0]))  # 200 B are there, 150 B/s from now on
    hall.at(3.0, lambda: hall.running.components.take_out(servers[1]))  # 500 B are there, and it stands still
    hall.at(13.0, lambda: hall.running.components.bring_back(servers[0]))
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([13.0 + 500.0 / 150.0])
    assert hall.row("storage", 100.0)["stopped_s"] == pytest.approx(10.0)
    assert any("stood still for 10 s" in note for note in hall.part.notes(100.0))


def test_encryption_slows_a_tier_by_its_factor() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.storage.set_rate_factor("pfs", "encryption", 0.5)
    hall.storage.set_rate_factor("pfs", "audit", 0.8)
    hall.write(0.0, 400.0)
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([5.0])


def test_power_follows_throughput_and_energy_adds_up() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.settlement.mark()
    hall.at(50.0, lambda: hall.write(50.0, 1000.0))
    hall.timeline.run(52.0)
    assert hall.drawn_w["storage pfs"] == pytest.approx(1200.0)
    hall.timeline.run(100.0)
    assert hall.drawn_w["storage pfs"] == pytest.approx(400.0)
    assert "storage drives" not in hall.drawn_w
    energy_kwh = hall.part.kpis(100.0)["storage_energy_kwh"]
    assert energy_kwh == pytest.approx((400.0 * 95.0 + 1200.0 * 5.0) / 3.6e6)
    row = hall.row("storage", 100.0)
    assert (row["written_b"], row["read_b"]) == (1000.0, pytest.approx(0.0, abs=1e-6))


def test_without_power_nothing_moves_and_nothing_is_drawn() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.write(0.0, 1000.0)

    def dark() -> None:
        hall.feed.supply = layout.DARK
        hall.settlement.mark()

    def light() -> None:
        hall.feed.supply = layout.GRID
        hall.settlement.mark()

    hall.at(2.0, dark)
    hall.at(32.0, light)
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([35.0])
    energy_j = hall.row("storage", 100.0)["energy_j"]
    assert energy_j == pytest.approx(1200.0 * 5.0 + 400.0 * 65.0)


def test_only_the_newest_are_kept_and_capacity_is_never_exceeded() -> None:
    hall = Hall(checkpoints=CHECKPOINTS | {"keep_every": 4})
    for number in range(12):
        hall.write(100.0 * number, 1000.0)
    hall.timeline.run(2000.0)
    assert hall.storage.shelf is not None
    # Four fit: the 4th and the 8th are kept besides the newest two until one more must be written.
    assert [each.number for each in hall.storage.shelf.on("pfs")] == [8, 11, 12]
    row = hall.row("storage", 2000.0)
    assert (row["used_greatest_b"], row["capacity_b"]) == (4000.0, 4000.0)
    assert (row["checkpoints_written"], row["checkpoints_deleted"], row["checkpoints_kept"]) == (12, 9, 3)


def test_where_two_do_not_fit_the_last_goes_before_the_next_is_whole() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.write(0.0, 3000.0)
    hall.write(100.0, 3000.0)
    hall.timeline.run(101.0)
    assert hall.storage.newest("a") is None
    hall.timeline.run(200.0)
    newest = hall.storage.newest("a")
    assert newest is not None
    assert newest.number == 2
    assert any("went before the next was whole" in note for note in hall.part.notes(200.0))


def test_a_checkpoint_without_room_is_refused_and_others_newest_are_left_alone() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    with pytest.raises(
        InputError, match=r"storage\.tiers\.pfs\.capacity: a checkpoint of 'a' takes 4\.001 kB; .* 4\.0"
    ):
        hall.storage.write_checkpoint([0], 4001.0, "pfs", job="a")
    hall.write(0.0, 2000.0, "b")
    hall.timeline.run(50.0)
    with pytest.raises(InputError, match=r"takes 3\.000 kB; the tier has 2\.000 kB for it"):
        hall.storage.write_checkpoint([0], 3000.0, "pfs", job="a")


def test_an_interrupted_checkpoint_leaves_its_room_and_the_last_whole_one() -> None:
    hall = Hall(checkpoints=CHECKPOINTS)
    hall.write(0.0, 1000.0, mark=1.0)
    begun: list[Transfer] = []
    hall.at(50.0, lambda: begun.append(hall.storage.write_checkpoint([0], 1000.0, "pfs", job="a", mark=2.0)))
    hall.at(52.0, lambda: hall.storage.abandon(begun[0]))
    hall.timeline.run(100.0)
    newest = hall.storage.newest("a")
    assert newest is not None
    assert newest.mark == 1.0
    row = hall.row("storage", 100.0)
    assert row["written_b"] == pytest.approx(1400.0)
    assert hall.storage.tiers["pfs"].used_b == 1000.0


def test_checkpoints_are_copied_to_a_second_tier_and_outlive_the_first() -> None:
    hall = Hall(checkpoints={"copy_to": "archive", "copy_every": 2})
    for number in range(3):
        hall.write(1000.0 * number, 1000.0, tier="drives", mark=float(number))
    hall.timeline.run(5000.0)
    assert hall.storage.shelf is not None
    copies = hall.storage.shelf.on("archive")
    assert [each.number for each in copies] == [2]
    assert copies[0].whole_s == pytest.approx(1010.0 + 100.0)
    hall.status[1] = layout.DOWN  # with it goes half of what lies on the drives of nodes 0 and 1
    newest = hall.storage.newest("a")
    assert newest is not None
    assert (newest.tier, newest.mark) == ("archive", 1.0)
    hall.status[1] = layout.IN_SERVICE
    newest = hall.storage.newest("a")
    assert newest is not None
    assert newest.mark == 2.0  # a reboot loses nothing
    hall.running.outages.append(Outage("node", "n1", "hbm", failed_s=4000.0, permanent=True))
    newest = hall.storage.newest("a")
    assert newest is not None
    assert newest.mark == 1.0


def test_a_copy_that_is_under_way_is_finished_before_the_next() -> None:
    hall = Hall(checkpoints={"copy_to": "archive"})
    for number in range(4):
        hall.write(60.0 * number, 1000.0)
    hall.timeline.run(500.0)
    # A copy takes 100 s from 5 s after its checkpoint began: the second and the fourth are left out.
    assert hall.storage.shelf is not None
    assert [(each.number, each.is_whole) for each in hall.storage.shelf.on("archive")] == [(1, True), (3, True)]
    assert any(note.startswith("2 copies of checkpoints were not made") for note in hall.part.notes(500.0))


def test_a_copy_that_finds_no_room_for_the_moment_is_left_out_and_told() -> None:
    hall = Hall(tiers=TIERS | {"archive": ARCHIVE | {"capacity": "2.5 kB"}}, checkpoints={"copy_to": "archive"})
    hall.write(0.0, 1000.0)  # Its copy is whole at 105 s.
    hall.write(120.0, 1000.0)  # Its copy lies beside the first, from 125 s to 225 s.
    hall.write(150.0, 1000.0, job="b")
    hall.write(400.0, 1000.0, job="b")  # The older copy goes for this one.
    hall.timeline.run(600.0)
    assert [(each.job, each.number) for each in hall.storage.shelf.on("archive")] == [("a", 2), ("b", 2)]
    told = "1 copies of checkpoints were not made: other jobs' checkpoints left no room on the second tier"
    assert told in hall.part.notes(600.0)


def test_jobs_of_which_one_checkpoint_each_fits_never_find_the_tier_full() -> None:
    hall = Hall(tiers=TIERS | {"pfs": PFS | {"capacity": "2.5 kB"}})
    room_b = hall.storage.tiers["pfs"].sized.whole_capacity_b(8)
    for job in ("a", "b"):
        hall.storage.check_checkpoint(0.4 * room_b, "pfs", "training[0].checkpoints.tier", job)
    hall.write(0.0, 0.4 * room_b)
    hall.write(200.0, 0.4 * room_b)
    hall.write(201.0, 0.4 * room_b, job="b")  # Beside the first of "a" and the one on its way there is no room.
    hall.timeline.run(1000.0)
    assert [(each.job, each.number) for each in hall.storage.shelf.on("pfs")] == [("a", 2), ("b", 1)]
    assert hall.storage.shelf.bared["pfs"] == 1


def test_jobs_must_fit_beside_each_other_on_the_second_tier_too() -> None:
    hall = Hall(tiers=TIERS | {"archive": ARCHIVE | {"capacity": "5 kB"}}, checkpoints={"copy_to": "archive"})
    hall.storage.check_checkpoint(3000.0, "pfs", "training[0].checkpoints.tier", "a")
    with pytest.raises(InputError, match=r"a checkpoint of b takes 3\.000 kB; the tier has 1\.000 kB for it"):
        hall.storage.check_checkpoint(3000.0, "pfs", "training[1].checkpoints.tier", "b")
    hall = Hall(tiers=TIERS | {"archive": ARCHIVE | {"capacity": "2 kB"}}, checkpoints={"copy_to": "archive"})
    with pytest.raises(InputError, match=r"storage\.tiers\.archive\.capacity: a checkpoint of a takes 3\.000 kB"):
        hall.storage.check_checkpoint(3000.0, "pfs", "training[0].checkpoints.tier", "a")


def test_work_that_was_kept_without_a_checkpoint_is_left_alone() -> None:
    hall = Hall()
    assert hall.storage.work_left_s("a", 700.0) == 700.0
    hall.write(0.0, 1000.0, tier="drives", mark=800.0)
    hall.timeline.run(100.0)
    assert hall.storage.work_left_s("a", 800.0) == 800.0
    hall.status[1] = layout.DOWN
    assert hall.storage.work_left_s("a", 800.0) == 0.0
    assert hall.storage.work_left_s("a", 900.0) == 900.0  # moved as it stood


def test_a_replica_on_a_neighbour_outlives_a_node_but_not_two() -> None:
    tiers = TIERS | {"drives": DRIVES | {"replicas": 1}}
    hall = Hall(tiers=tiers)
    hall.at(0.0, lambda: hall.storage.write_checkpoint([0, 1, 2, 3], 1000.0, "drives", job="a"))
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([10.0])  # twice as long as without
    hall.status[2] = layout.DOWN
    assert hall.storage.newest("a") is not None
    hall.status[0] = layout.DOWN  # 0 and 2 are no neighbours
    assert hall.storage.newest("a") is not None
    hall.status[3] = layout.DOWN
    assert hall.storage.newest("a") is None


def test_a_data_set_is_staged_to_the_drives_and_then_read_there() -> None:
    web = {"web": {"size": "2 kB", "tier": "pfs", "staged_to": "drives"}}
    hall = Hall(data_sets=web)
    hall.at(0.0, lambda: hall.storage.stage([0, 1, 2, 3], "web"))
    hall.timeline.run(100.0)
    assert hall.through_s == pytest.approx([10.0])  # 2000 B onto four nodes of 50 B/s
    assert hall.row("storage", 100.0)["used_greatest_b"] == 2000.0
    hall.storage.check_data_set("web", 2, "training[0].data_set")
    with pytest.raises(
        InputError, match=r"data_set: 'web' is staged to 'drives': its 2\.000 kB do not fit the 1\.000 kB"
    ):
        hall.storage.check_data_set("web", 1, "training[0].data_set")
    with pytest.raises(InputError, match=r"data_set: 'wob' is not a data set; allowed: web; nearest: 'web'"):
        hall.storage.check_data_set("wob", 1, "training[0].data_set")


def test_names_that_nothing_bears_are_refused_with_the_nearest() -> None:
    hall = Hall(data_sets={"web": {"size": "2 kB", "tier": "pfs"}})
    with pytest.raises(ValueError, match=r"storage\.tiers: 'drive' is not a tier; .* nearest: 'drives'"):
        hall.storage.read_use([0], "drive", 1.0)
    with pytest.raises(ValueError, match=r"'webb' is not a data set; allowed: web; nearest: 'web'"):
        hall.storage.data_set("webb")
    tiers: dict[str, Any] = {"drives": DRIVES}
    with pytest.raises(InputError, match=r"data_sets\.web\.tier: data sets of 9,000 B do not fit the 8,000 B of 8 nod"):
        Hall(tiers=tiers, data_sets={"web": {"size": "9 kB", "tier": "drives"}})


def backed_up(every: str = "100 s", site: dict[str, Any] | None = None, **plan: Any) -> Hall:
    return Hall(
        data_sets={"web": {"size": "2 kB", "tier": "pfs"}},
        sites={"vault": {"bandwidth": "50 B/s"} | (site or {})},
        backups={"daily": {"of": ["web"], "site": "vault", "every": every, "full_every": 1} | plan},
    )


def test_the_recovery_point_is_the_interval_and_the_time_to_send() -> None:
    hall = backed_up()
    hall.timeline.run(1000.0)
    kpis = hall.part.kpis(1000.0)
    assert kpis["backup_rpo_s"] == pytest.approx(140.0)  # 2000 B at 50 B/s take 40 s
    assert kpis["backup_rto_s"] == pytest.approx(40.0)
    assert any("is an estimate" in note for note in hall.part.notes(1000.0))
    row = hall.row("backups", 1000.0)
    assert (row["made"], row["kept"], row["sent_b"]) == (10, 2, pytest.approx(20_000.0))


def test_backups_that_take_longer_than_their_interval_follow_one_another() -> None:
    hall = backed_up(every="30 s")
    hall.timeline.run(1000.0)
    assert hall.part.kpis(1000.0)["backup_rpo_s"] == pytest.approx(80.0)
    assert any("took longer than their interval" in note for note in hall.part.notes(1000.0))


@pytest.mark.parametrize(("restore", "restore_s"), [("50 B/s", 40.0), ("25 B/s", 80.0), ("1 kB/s", 10.0)])
def test_half_the_restore_bandwidth_doubles_the_recovery_time(restore: str, restore_s: float) -> None:
    hall = backed_up(site={"restore_bandwidth": restore})
    backups = hall.storage.backups
    assert backups is not None
    got: list[Any] = []

    def drill() -> Generator[simpy.Event, Any, None]:
        yield hall.timeline.at(350.0)
        restored = yield backups.restore("daily", before_s=310.0)
        got.append(restored)

    hall.timeline.process(drill())
    hall.timeline.run(1000.0)
    # The last 10 s case: the file system writes at 200 B/s, however fast the site sends.
    assert got[0].ended_s - 350.0 == pytest.approx(restore_s)
    assert got[0].holds_s == 300.0
    assert hall.part.kpis(1000.0)["backup_rto_s"] == pytest.approx(restore_s)
    assert hall.row("backups", 1000.0)["restores"] == 1


def test_a_restore_takes_longer_beside_another() -> None:
    hall = backed_up()
    backups = hall.storage.backups
    assert backups is not None
    hall.at(350.0, lambda: (backups.restore("daily"), backups.restore("daily")))
    hall.timeline.run(1000.0)
    assert hall.part.kpis(1000.0)["backup_rto_s"] == pytest.approx(80.0)


def test_increments_are_small_to_send_and_all_are_restored() -> None:
    hall = backed_up(full_every=4, changed=0.1)
    hall.timeline.run(399.0)
    backups = hall.storage.backups
    assert backups is not None
    assert [(each.is_full, each.total_b) for each in backups.done["daily"]] == [
        (True, 2000.0), (False, 200.0), (False, 200.0), (False, 200.0),
    ]  # fmt: skip
    assert backups.estimated_restore_s("daily") == pytest.approx(2600.0 / 50.0)
    hall.timeline.run(2000.0)
    assert sum(each.is_full for each in backups.done["daily"]) == 2


def test_a_backup_holds_the_newest_checkpoints_and_brings_them_back() -> None:
    hall = Hall(
        checkpoints=CHECKPOINTS,
        sites={"vault": {"bandwidth": "50 B/s", "immutable": True}},
        backups={"b": {"of": ["checkpoints"], "site": "vault", "every": "100 s", "first": "10 s", "full_every": 5}},
    )
    backups = hall.storage.backups
    assert backups is not None
    hall.write(0.0, 1000.0, mark=1.0)
    hall.write(150.0, 1000.0, mark=2.0)
    hall.timeline.run(270.0)
    # The second holds the same checkpoint as the first, and sends nothing; the third sends another one.
    assert [each.total_b for each in backups.done["b"]] == [1000.0, 0.0, 1000.0]
    assert hall.storage.lose_checkpoints() == 2
    assert hall.storage.newest("a") is None
    hall.at(280.0, lambda: backups.restore("b", before_s=200.0, immutable=True))
    hall.timeline.run(305.0)
    newest = hall.storage.newest("a")
    assert newest is not None
    assert (newest.mark, newest.whole_s) == pytest.approx((1.0, 300.0))


def test_what_an_attacker_can_change_restores_nothing() -> None:
    hall = backed_up()
    backups = hall.storage.backups
    assert backups is not None
    hall.timeline.run(500.0)
    assert backups.usable("daily", immutable=True) == ()
    assert backups.usable("daily", before_s=0.0) == ()
    assert [each.began_s for each in backups.usable("daily", before_s=301.0)] == [300.0]


def test_a_site_without_room_drops_the_oldest_chain_and_an_immutable_one_makes_none() -> None:
    small = {"capacity": "5 kB"}
    hall = backed_up(site=small, keep=3)
    hall.timeline.run(1000.0)
    assert (hall.row("backups", 1000.0)["made"], hall.row("backups", 1000.0)["kept"]) == (10, 2)
    hall = backed_up(site=small | {"immutable": True}, keep=3)
    hall.timeline.run(1000.0)
    row = hall.row("backups", 1000.0)
    assert (row["made"], row["not_made"]) == (2, 8)
    assert hall.part.kpis(1000.0)["backup_rpo_s"] == pytest.approx(900.0)
    assert any("the site had no room" in note for note in hall.part.notes(1000.0))


def test_a_stopped_tier_stalls_its_backup_and_the_age_grows() -> None:
    hall = backed_up()
    for number in (0, 1):
        server = hall.running.components.find("storage-server", f"pfs-{number}")
        hall.at(210.0, lambda server=server: hall.running.components.take_out(server))  # type: ignore[misc]
        hall.at(510.0, lambda server=server: hall.running.components.bring_back(server))  # type: ignore[misc]
    hall.timeline.run(1000.0)
    assert hall.part.kpis(1000.0)["backup_rpo_s"] == pytest.approx(440.0)
    assert not math.isnan(hall.storage.tiers["pfs"].stopped_s)
