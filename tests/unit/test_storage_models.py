"""Storage tiers, sizes of checkpoints, retention and backups against figures worked out by hand."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pydantic import ValidationError

from models.catalog import entry
from models.neural_networks.transformer import Transformer
from models.problems import InputError
from models.storage.backup import BackupPlan, transfer_s, worst_age_s
from models.storage.checkpoint_size import CheckpointSize, checkpoint_size
from models.storage.checkpoints import Checkpoints, check_fits
from models.storage.data_set import DataSet
from models.storage.storage import Storage
from models.storage.tiers.node_nvme import NodeNvme
from models.storage.tiers.object_store import ObjectStore
from models.storage.tiers.parallel_file_system import ParallelFileSystem
from models.storage.tiers.tier import SizedTier
from models.units import quantity
from models.workload.training.layout import Layout

# Llama 3.1 405B: a layer has 2 x 16384^2 + 2 x 16384 x 1024 of attention, 3 x 16384 x 53248 of MLP and 2 x 16384 of
# norms; 126 of them, two tables of 128256 x 16384, and a last norm.
PARAMETERS_405B = 126 * (570_425_344 + 2_617_245_696 + 32_768) + 2 * 128_256 * 16_384 + 16_384
META = ParallelFileSystem(servers=7500)
STORE = {"read": "10 GB/s", "write": "5 GB/s", "capacity": "1 PB", "latency": "0.5 s", "node_bandwidth": "1 TB/s"}
SECTION: dict[str, Any] = {
    "tiers": {"pfs": {"kind": "parallel-file-system", "servers": 10}, "drives": {"kind": "node-nvme"}},
    "checkpoints": {"keep_last": 2, "copy_to": "drives"},
    "data_sets": {"web": {"size": "60 TB", "tier": "pfs", "staged_to": "drives"}},
    "sites": {"vault": {"bandwidth": "5 GB/s"}},
    "backups": {"nightly": {"of": ["web", "checkpoints"], "site": "vault"}},
}


def model(name: str) -> Transformer:
    return cast(Transformer, entry("models", name))


def test_a_405b_checkpoint_is_fourteen_bytes_a_parameter_each_written_once() -> None:
    layout = Layout(tensor=8, pipeline=16, global_batch=2048, sequence=8192, zero=1)
    size = checkpoint_size(model("llama-3.1-405b"), layout, 16_384)
    assert size.total_b == pytest.approx(14.0 * PARAMETERS_405B)  # 5.68 TB
    assert size.weights_b == pytest.approx(2.0 * PARAMETERS_405B)
    assert size.writers == 16_384
    # "We checkpoint each GPU's model state, ranging from 1 MB to 4 GB per GPU" (Llama 3, section 3.3.1).
    assert 1e6 < size.writer_b < 4e9


def test_without_a_shared_optimizer_one_copy_of_the_model_writes() -> None:
    layout = Layout(tensor=8, pipeline=16, global_batch=2048, sequence=8192)
    assert checkpoint_size(model("llama-3.1-405b"), layout, 16_384).writers == 8 * 16
    # Experts lie on more ranks than the dense part: all that hold another one write.
    layout = Layout(expert=8, global_batch=64, sequence=2048)
    assert checkpoint_size(model("mixtral-8x7b"), layout, 64).writers == 8


def test_writing_5_7_tb_takes_seconds_on_servers_and_less_on_the_nodes_own_drives() -> None:
    size_b = 14.0 * PARAMETERS_405B
    # 7,500 servers of 0.27 GB/s are 2.025 TB/s; 2,048 nodes of 14.3 GB/s are 29.3 TB/s.
    assert META.sized().write_s(2048, size_b) == pytest.approx(5.681947e12 / 2.025e12, rel=1e-6)
    assert NodeNvme().sized().write_s(2048, size_b) == pytest.approx(5.681947e12 / 29.2864e12, rel=1e-6)
    assert NodeNvme(replicas=1).sized().write_s(2048, size_b) == pytest.approx(2 * 5.681947e12 / 29.2864e12, rel=1e-6)
    # Four nodes are held back by their own 40 GB/s, not by the servers.
    assert META.sized().write_s(4, size_b) == pytest.approx(5.681947e12 / 160e9, rel=1e-6)


def test_files_and_latency_hold_a_transfer_up() -> None:
    sized = ParallelFileSystem(servers=100, files_per_s=1000.0).sized()
    assert sized.write_s(2048, 1e9, files=16_384) == pytest.approx(16.384)
    store = ObjectStore.model_validate(STORE).sized()
    assert store.read_s(1, 1e9) == pytest.approx(0.5)
    assert store.write_s(1, 1e10) == pytest.approx(2.0)
    assert store.read_s(8, 0.0) == 0.0


def test_bandwidth_falls_with_servers_and_stops_beyond_what_is_tolerated() -> None:
    sized = ParallelFileSystem(servers=8, tolerated=2).sized()
    assert [sized.rate_share(out) for out in range(4)] == [1.0, 0.875, 0.75, 0.0]
    assert SizedTier("one", 1.0, 1.0, 1.0, tolerated=1).rate_share(1) == 0.0


def test_power_rises_with_throughput_and_falls_with_servers() -> None:
    sized = ParallelFileSystem(servers=10, idle_power=quantity("300 W"), peak_power=quantity("500 W")).sized()
    assert sized.power_w(0.0) == 3000.0
    assert sized.power_w(1.0) == 5000.0
    assert sized.power_w(0.5) == 4000.0
    # A server out draws nothing; the nine left carry 0.9 of the bandwidth at their peak.
    assert sized.power_w(0.9, servers_out=1) == pytest.approx(4500.0)


def test_the_newest_are_kept_and_of_older_ones_every_nth() -> None:
    kept = Checkpoints(keep_last=3, keep_every=4).kept
    assert kept([1, 2, 3]) == (1, 2, 3)
    assert kept(range(1, 12)) == (4, 8, 9, 10, 11)
    assert Checkpoints(keep_last=2).kept([5, 4, 3]) == (4, 5)
    copied = Checkpoints(copy_to="b", copy_every=3)
    assert [copied.is_copied(number) for number in (1, 2, 3)] == [False, False, True]


def test_a_snapshot_takes_what_each_accelerator_sends_to_its_host() -> None:
    size = CheckpointSize(weights_b=2e12, optimizer_b=12e12, writers=16_384)
    assert size.snapshot_s(25e9) == pytest.approx(14e12 / 16_384 / 25e9)


def test_a_data_set_is_read_by_token_or_by_sample() -> None:
    assert DataSet(size=quantity("1 TB"), tier="pfs").step_b(16e6) == 64e6
    assert DataSet(size=quantity("1 TB"), tier="pfs", bytes_per_sample=quantity("110 kB")).step_b(
        0.0, 4096
    ) == pytest.approx(450.56e6)


def test_the_recovery_point_is_the_interval_and_the_transfer() -> None:
    assert transfer_s(36e12, 10e9, 5e9) == 7200.0
    assert worst_age_s(86_400.0, 7200.0) == 93_600.0
    assert worst_age_s(3600.0, 7200.0) == 14_400.0  # one after the other


def test_every_seventh_backup_is_full() -> None:
    plan = BackupPlan(of=("checkpoints",), site="vault")
    assert [number for number in range(15) if plan.is_full(number)] == [0, 7, 14]


def test_a_checkpoint_larger_than_its_tier_is_refused_with_both_sizes() -> None:
    with pytest.raises(InputError, match=r"storage\.tiers\.pfs\.capacity: a checkpoint of llama takes 5\.682 TB.* 320"):
        check_fits("llama", 5.682e12, "pfs", 320e9)
    check_fits("llama", 320e9, "pfs", 320e9)


def test_a_whole_section_tells_power_and_price() -> None:
    storage = Storage.model_validate(SECTION)
    assert (storage.idle_power_w, storage.peak_power_w) == (3000.0, 5000.0)
    assert storage.price_usd is None
    tiers = {"pfs": {"kind": "parallel-file-system", "servers": 10, "price_per_tb": "100 USD"}}
    assert Storage.model_validate({"tiers": tiers}).price_usd == pytest.approx(32_000.0)
    assert storage.data_sets["web"].read_from == "drives"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (
            "checkpoints.copy_to",
            "pf",
            r"checkpoints\.copy_to: 'pf' is not a tier; allowed: pfs, drives; nearest: 'pfs'",
        ),
        ("checkpoints.keep_last", 0, "greater than or equal to 1"),
        ("data_sets.web.tier", "lustre", "'lustre' is not a tier"),
        ("data_sets.web.staged_to", "pfs", "is where the data set lies already"),
        ("data_sets.web.size", "1 PB", r"tiers\.pfs\.capacity: 320\.0 TB; data sets of 1\.000 PB lie there"),
        ("backups.nightly.site", "valut", r"backups\.nightly\.site: 'valut' is not a site; .* nearest: 'vault'"),
        ("backups.nightly.of", [], "name what is backed up"),
        ("backups.nightly.of", ["wbe"], "'wbe' is not a data set; allowed: web, checkpoints; nearest: 'web'"),
        ("sites.vault.capacity", "50 TB", r"sites\.vault\.capacity: 50\.00 TB; one full backup of each plan takes 60"),
        ("tiers.pfs.tolerated", 10, "must be less than the 10 servers"),
        ("tiers.pfs.peak_power", "1 W", "is less than idle_power"),
    ],
)
def test_what_does_not_hang_together_is_refused(path: str, value: object, said: str) -> None:
    def put(tree: Any, keys: list[str]) -> Any:
        return tree | {keys[0]: value if len(keys) == 1 else put(tree[keys[0]], keys[1:])}

    with pytest.raises(ValidationError, match=said):
        Storage.model_validate(put(SECTION, path.split(".")))
