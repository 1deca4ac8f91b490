"""What controls cost, held against published and measured figures, and against sums by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import get_args

import pytest
from pydantic import ValidationError

from models.kinds import kinds_of
from models.security.controls.access_control import AccessControl
from models.security.controls.audit_log import AuditLog
from models.security.controls.confidential_computing import ConfidentialComputing
from models.security.controls.control import SecurityControl
from models.security.controls.encryption_at_rest import EncryptionAtRest
from models.security.controls.encryption_in_transit import EncryptionInTransit
from models.security.controls.patching import Patching
from models.security.controls.tenancy import Tenancy
from models.security.encryption_rates import AES_GCM_B_PER_S, aes_gcm_b_per_s, cores_to_encrypt
from models.security.levels import Level, controls_of
from models.security.moved_bytes import MovedBytes, NodeWork, TypicalWork, speed_on_path, typical_work
from models.security.security import Security
from models.security.summary import combined_cost, security_summary
from models.units import quantity

GIB = 2.0**30
PORT_B_PER_S = 50e9


def work(like: TypicalWork = "training", nodes: int = 256) -> NodeWork:
    """A typical work on nodes as a DGX H100."""
    return NodeWork(
        typical_work(like), nodes, cpu_cores=112.0, accelerators=8, port_b_per_s=8 * PORT_B_PER_S, storage_b_per_s=10e9
    )


def test_a_core_encrypts_as_measured() -> None:
    assert [aes_gcm_b_per_s(size_b) for size_b, _ in AES_GCM_B_PER_S] == pytest.approx([1.27e9, 2.40e9, 2.60e9])


def test_larger_packets_are_encrypted_faster() -> None:
    rates = [aes_gcm_b_per_s(size_b) for size_b in (64.0, 512.0, 1420.0, 4096.0, 8192.0, 12000.0, 16384.0, 65536.0)]
    assert rates == sorted(rates)


def test_a_400_gb_port_takes_19_to_39_cores() -> None:
    assert math.floor(cores_to_encrypt(PORT_B_PER_S, 16384.0)) == 19
    assert math.floor(cores_to_encrypt(PORT_B_PER_S, 1420.0)) == 39


def test_luks_leaves_a_tenth_of_a_server_untuned_and_half_when_tuned() -> None:
    server = 40.0 * GIB
    assert EncryptionAtRest(method="luks-untuned").bandwidth_factor(server) * server == pytest.approx(4.0 * GIB)
    assert EncryptionAtRest(method="luks-tuned").bandwidth_factor(server) * server == pytest.approx(20.0 * GIB)
    assert EncryptionAtRest().bandwidth_factor(server) == 1.0


def test_luks_does_not_slow_a_server_that_is_slower_than_its_bound() -> None:
    assert EncryptionAtRest(method="luks-tuned").bandwidth_factor(7.45e9) == 1.0


def test_self_encrypting_drives_cost_nothing() -> None:
    cost = EncryptionAtRest().cost(work())
    assert (cost.throughput_factor, cost.cpu_cores) == (1.0, 0.0)


def test_confidential_inference_loses_less_than_7_percent() -> None:
    assert 0.0 < 1.0 - ConfidentialComputing().cost(work("inference")).throughput_factor < 0.07


def test_confidential_training_loses_18_to_32_percent() -> None:
    assert 0.18 <= 1.0 - ConfidentialComputing().cost(work("training")).throughput_factor <= 0.32


def test_swapping_models_is_45_to_70_percent_faster_without_confidential_computing() -> None:
    assert 0.45 <= 1.0 / ConfidentialComputing().cost(work("model-swapping")).throughput_factor - 1.0 <= 0.70


def test_confidential_computing_is_a_tax_on_bytes_by_hand() -> None:
    moved = MovedBytes(host=quantity("2.6 GB/s"))
    cost = ConfidentialComputing(cores_per_accelerator=2.0).cost(replace(work(), moved=moved))
    # 2.6 of 128 GB/s in both directions were 0.0203 s of each second; of 5.2 GB/s they are 0.5.
    assert cost.throughput_factor == pytest.approx(1.0 / (1.0 + 2.6 / 5.2 - 2.6 / 128.0))
    assert cost.cpu_cores == 16.0


def test_interfaces_that_may_write_accelerators_spare_the_bounce_buffer() -> None:
    direct, bounced = (ConfidentialComputing(direct_network=trusted).cost(work()) for trusted in (True, False))
    assert direct.throughput_factor > bounced.throughput_factor + 0.1


def test_nodes_without_accelerators_pay_nothing_for_confidential_accelerators() -> None:
    assert ConfidentialComputing().cost(replace(work(), accelerators=0)).throughput_factor == 1.0


def test_hidden_transfers_cost_less_until_the_path_is_full() -> None:
    assert speed_on_path(1e9, 10e9, 2e9, hidden=0.0) == pytest.approx(1.0 / 1.4)
    assert speed_on_path(1e9, 10e9, 2e9, hidden=0.5) == pytest.approx(1.0 / 1.2)
    assert speed_on_path(1e9, 10e9, 0.5e9, hidden=0.999) == pytest.approx(0.5)
    assert speed_on_path(0.0, 10e9, 0.0, hidden=0.0) == 1.0
    assert speed_on_path(1e9, 10e9, 0.0, hidden=0.0) == 0.0
    with pytest.raises(ValueError, match="moves 1e"):
        speed_on_path(1e10, 1e9, 1e9, hidden=0.0)


def test_the_interface_costs_headers_and_the_processor_cores() -> None:
    nic = EncryptionInTransit(where="nic", protocol="macsec").cost(work())
    assert nic.network_bytes_factor == pytest.approx((4096 + 32) / 4096)
    assert nic.cpu_cores == 0.0
    assert nic.throughput_factor > 0.999
    cpu = EncryptionInTransit(where="cpu").cost(work())
    assert cpu.cpu_cores == 84.0  # all that training leaves of 112: eight ports take far more
    assert cpu.throughput_factor < nic.throughput_factor


def test_a_port_that_the_cores_carry_takes_no_more_than_it_needs() -> None:
    node = replace(work("inference"), port_b_per_s=2.5e9)
    cost = EncryptionInTransit(where="cpu").cost(node)
    assert cost.cpu_cores == pytest.approx(2.0 * cores_to_encrypt(2.5e9, 4096.0))


def test_the_same_control_costs_two_workloads_differently() -> None:
    controls = (
        ConfidentialComputing(),
        EncryptionInTransit(where="cpu"),
        EncryptionAtRest(method="luks-untuned"),
    )
    for control in controls:
        training, inference = (control.cost(work(like)).throughput_factor for like in ("training", "inference"))
        assert training < inference - 0.005


def test_the_audit_log_grows_until_the_oldest_is_deleted() -> None:
    log = AuditLog(per_node_day=quantity("1 GB"), retention=quantity("90 d"), copies=2)
    assert log.kept_b(100, 10 * 86400.0) == pytest.approx(100 * 10 * 2 * 1e9)
    assert log.kept_b(100, 400 * 86400.0) == pytest.approx(100 * 90 * 2 * 1e9)
    cost = log.cost(work(nodes=100))
    assert cost.storage_b == pytest.approx(18e12)
    assert cost.money_usd_per_year == pytest.approx(18 * 21 * 12)


def test_a_second_factor_costs_people_time_and_the_machines_nothing() -> None:
    control = AccessControl(people=20, logins_per_day=4, time_per_login=quantity("15 s"))
    cost = control.cost(work())
    assert cost.people_h_per_year == pytest.approx(20 * 4 * 230 * 15 / 3600)
    assert (cost.throughput_factor, cost.network_bytes_factor, cost.cpu_cores) == (1.0, 1.0, 0.0)


def test_patching_more_often_costs_more_and_averts_more() -> None:
    often, seldom = (Patching(interval=quantity(text)) for text in ("30 d", "90 d"))
    assert often.cost(work()).throughput_factor < seldom.cost(work()).throughput_factor
    rates = [each.benefit().changes["vulnerable-firmware"].rate for each in (often, seldom)]
    assert rates == pytest.approx([1 / 6, 1 / 2])


def test_later_controls_get_the_cores_that_earlier_ones_left() -> None:
    both = (EncryptionInTransit(where="cpu"), ConfidentialComputing())
    each, together = combined_cost(both, work())
    assert [cost.cpu_cores for cost in each] == [84.0, 0.0]
    assert together.throughput_factor == 0.0  # nothing is left to encrypt for the accelerators with
    each, together = combined_cost(both[::-1], work())
    assert [cost.cpu_cores for cost in each] == [16.0, 68.0]
    assert together.throughput_factor > 0.5


def test_every_control_says_what_it_rests_on_and_never_speeds_work_up() -> None:
    for sort in kinds_of("models.security.controls", SecurityControl).values():
        control = sort()
        status, source = control.basis
        benefit = control.benefit()
        assert status
        assert source
        assert benefit.text
        assert benefit.source
        for change in benefit.changes.values():
            assert all(0.0 <= factor <= 1.0 for factor in (change.rate, change.detection, change.reach))
        cost = control.cost(work())
        assert 0.0 <= cost.throughput_factor <= 1.0
        assert cost.network_bytes_factor >= 1.0


def test_stronger_levels_cost_more_and_leave_fewer_incidents() -> None:
    found = [security_summary(level, work()) for level in get_args(Level)]
    assert [each.cost.throughput_factor for each in found] == sorted(
        (each.cost.throughput_factor for each in found), reverse=True
    )
    assert found[0].cost.people_h_per_year == 0.0
    for weaker, stronger in itertools.pairwise(found):
        assert stronger.cost.people_h_per_year > weaker.cost.people_h_per_year
        assert stronger.incidents_per_year < weaker.incidents_per_year
        assert stronger.lost_node_h_per_year < weaker.lost_node_h_per_year


def test_a_level_that_there_is_not_is_refused() -> None:
    level: Level = "medium"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="'medium' is no level of security; allowed: none, basic, strong"):
        security_summary(level, work())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"controls": [{"kind": "tenancy"}, {"kind": "tenancy"}]}, "tenancy more than once"),
        ({"incidents": [{"kind": "ransomware"}, {"kind": "ransomware"}]}, "ransomware more than once"),
        ({"controls": [{"kind": "firewall"}]}, "firewall"),
        ({"controls": [{"kind": "tenancy", "mode": "private"}]}, "dedicated-pods"),
        ({"controls": [{"kind": "audit-log", "per_node_day": 1}]}, "1 GB|unit"),
        ({"controls": [{"kind": "patching", "interval": "0 d"}]}, "greater than 0"),
        ({"incidents": [{"kind": "ransomware", "nodes": 2.5}]}, "whole number of nodes"),
        ({"incidents": [{"kind": "ransomware", "per_year": -1}]}, "greater than or equal to 0"),
        ({"batch": {}}, "give 'like'"),
        ({"batch": {"like": "training", "moved": {}}}, "one of the two"),
        ({"batch": {"like": "rendering"}}, "model-swapping"),
    ],
)
def test_bad_sections_are_refused_with_what_is_allowed(given: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Security.model_validate(given)


def test_tenancy_is_shared_if_nothing_is_said() -> None:
    assert Security().tenancy == "shared"
    assert Security(controls=(Tenancy(mode="dedicated-pods"),)).tenancy == "dedicated-pods"


def test_a_level_brings_its_controls_and_those_given_stand_in_their_place() -> None:
    patching = {"kind": "patching", "interval": "7 d"}
    section = Security.model_validate({"level": "basic", "controls": [patching, {"kind": "tenancy"}]})
    assert [each.kind for each in section.in_force] == [  # type: ignore[attr-defined]
        *(each.kind for each in controls_of("basic")),  # type: ignore[attr-defined]
        "tenancy",
    ]
    replaced = section.control(Patching)
    assert replaced is not None
    assert replaced.interval == 7 * 86400.0
    assert Security.model_validate({"level": "strong"}).tenancy == "dedicated-nodes"
