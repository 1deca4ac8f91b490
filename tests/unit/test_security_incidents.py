"""Incidents drawn at random: as many as stated, and with controls a part of those without."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.kinds import kinds_of
from models.security.controls.control import IncidentChange
from models.security.incidents.incident import Occurrence, SecurityIncident
from models.security.reimaging import Reimaging
from models.security.security import Security
from models.units import quantity

YEAR_S = 31_557_600.0
KINDS = kinds_of("models.security.incidents", SecurityIncident)
NONE = IncidentChange()


def incident(**given: object) -> SecurityIncident:
    kind = {"kind": "credential-theft", "per_year": 20.0, "detection": "2 d", "investigation": "8 h", **given}
    return Security.model_validate({"incidents": [kind]}).incidents[0]


def drawn(seed: int, years: float, change: IncidentChange = NONE) -> list[Occurrence]:
    found = incident().occurrences(np.random.default_rng(seed), change)
    return list(itertools.takewhile(lambda each: each.begins_s < years * YEAR_S, found))


def test_there_are_four_kinds() -> None:
    assert set(KINDS) == {"ransomware", "credential-theft", "vulnerable-firmware", "tenant-escape"}
    for sort in KINDS.values():
        assert sort().per_year > 0.0


def test_incidents_come_at_their_rate_and_are_noticed_after_their_mean() -> None:
    found = drawn(1, 100)
    assert len(found) == pytest.approx(2000, abs=2 * 2000**0.5)
    noticed_s = np.array([each.detected_s - each.begins_s for each in found])
    assert noticed_s.mean() == pytest.approx(2 * 86400.0, rel=2 / 2000**0.5)


def test_there_is_none_where_there_is_no_rate() -> None:
    assert list(incident(per_year=0.0).occurrences(np.random.default_rng(3), NONE)) == []
    assert drawn(3, 5, IncidentChange(rate=0.0)) == []


def test_controls_leave_a_part_of_the_same_incidents_noticed_sooner() -> None:
    without = drawn(5, 10)
    change = IncidentChange(rate=0.3, detection=0.25)
    with_controls = drawn(5, 10, change)
    begun = {each.begins_s: each for each in without}
    assert len(with_controls) == pytest.approx(0.3 * len(without), abs=2 * (0.21 * len(without)) ** 0.5)
    for each in with_controls:
        whole_s = begun[each.begins_s].detected_s - each.begins_s
        assert each.detected_s - each.begins_s == pytest.approx(0.25 * whole_s)


def test_a_share_of_nodes_and_a_number_of_them_are_hit() -> None:
    assert incident(nodes=0.25).reach(100, NONE) == 25
    assert incident(nodes=0.25).reach(100, IncidentChange(reach=0.5)) == 12
    assert incident(nodes=8).reach(100, NONE) == 8
    assert incident(nodes=8).reach(4, NONE) == 4
    assert incident(nodes=0.001).reach(100, NONE) == 1


@pytest.mark.parametrize("scattered", [True, False])
@pytest.mark.parametrize("place", [0.0, 0.37, 0.999])
def test_no_node_is_hit_twice(scattered: bool, place: float) -> None:
    hit = incident(nodes=0.3, scattered=scattered).nodes_hit(101, place, NONE)
    assert len(set(hit.tolist())) == len(hit) == 30
    assert ((hit >= 0) & (hit < 101)).all()


def test_neighbours_lie_side_by_side() -> None:
    assert incident(nodes=4, scattered=False).nodes_hit(10, 0.85, NONE).tolist() == [8, 9, 0, 1]


def test_controls_multiply() -> None:
    section = Security.model_validate({"controls": [{"kind": "audit-log"}, {"kind": "access-control"}]})
    change = section.change_of("ransomware")
    assert change.rate == pytest.approx(1.0 - 0.41 * 0.9856)
    assert change.detection == pytest.approx(0.75)
    assert change.investigation == pytest.approx(0.5)
    assert section.change_of("credential-theft").rate == pytest.approx(1.0 - 0.9856)


def test_nodes_are_made_anew_in_batches() -> None:
    anew = Reimaging(
        image=quantity("50 GB"), bandwidth=quantity("10 GB/s"), at_once=20, time_per_node=quantity("10 min")
    )
    assert anew.node_s == pytest.approx(600.0 + 100.0)
    assert anew.all_s(20) == pytest.approx(700.0)
    assert anew.all_s(41) == pytest.approx(2100.0)
