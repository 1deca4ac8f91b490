"""Failure modes as YAML gives them, and the distributions of the time between failures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from models.catalog import entry
from models.kinds import kinds_of
from models.reliability.common_cause import CommonCause
from models.reliability.hazards import AgeingHazard, InfantHazard, Population, SteadyHazard, failures_until
from models.reliability.infant_mortality import InfantMortality
from models.reliability.modes.failure_mode import FailureMode, JobFailures, RandomFailures
from models.reliability.modes.published import published_set, published_sets
from models.reliability.outcomes import Outcomes
from models.reliability.reliability import AnyFailures, Reliability
from models.reliability.times.time_between_failures import TimeBetweenFailures

DAY_S, HOUR_S = 86_400.0, 3_600.0


def mode(kind: str, **fields: Any) -> RandomFailures:
    """A failure mode from what YAML says."""
    made: Any = TypeAdapter(AnyFailures).validate_python({"kind": kind} | fields)
    assert isinstance(made, RandomFailures)
    return made


def times(kind: str, **fields: Any) -> TimeBetweenFailures:
    """A distribution from what YAML says."""
    contract: Any = TimeBetweenFailures
    made: TimeBetweenFailures = kinds_of("models.reliability.times", contract)[kind].model_validate(fields)
    return made


def parts(count: int, since_s: float = 0.0) -> Population:
    """Components of one part each that are in service from one instant on."""
    return Population(np.ones(count, np.int64), np.full(count, since_s))


def draws(key: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=key))


def refusal(tree: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Reliability.model_validate(tree)
    return "\n".join(fault["msg"] for fault in caught.value.errors())


def test_accelerators_interfaces_and_nodes_are_counted_of_a_node() -> None:
    dgx = entry("nodes", "dgx-h100")
    assert [mode(kind).parts_of(dgx) for kind in ("gpu", "hbm", "nvlink", "nic", "host", "disk", "node")] == [
        8, 8, 8, 8, 1, 1, 1,
    ]  # fmt: skip


def test_a_mean_time_a_yearly_rate_and_a_distribution_say_the_same() -> None:
    same = [
        mode("gpu", mtbf="2 a"),
        mode("gpu", per_year=0.5),
        mode("gpu", times={"kind": "exponential", "mtbf": "2 a"}),
        mode("gpu", times={"kind": "weibull", "shape": 1, "scale": "2 a"}),
        mode("gpu", times={"kind": "gamma-mixed", "mtbf": "2 a", "shape": 0.5}),
    ]
    assert [each.between.rate_per_s for each in same] == pytest.approx([0.5 / (365.25 * DAY_S)] * 5)


def test_what_never_happens_has_no_mode() -> None:
    assert mode("gpu", per_year=0).modes() == ()
    assert (
        Reliability.model_validate({"failures": [{"kind": "published", "set": "llama-3", "multiplied_by": 0}]}).modes()
        == ()
    )


@pytest.mark.parametrize(
    ("failures", "said"),
    [
        ([{"kind": "gpu", "mtbf": "2 a", "per_year": 1}], "gives 'mtbf' and 'per_year'; allowed: one of them"),
        ([{"kind": "stated", "of": "feed"}], "says nothing of how often it happens"),
        ([{"kind": "gpu", "permanent": 1.5}], "less than or equal to 1"),
        ([{"kind": "gpu", "detection": {"at_once": -0.1}}], "greater than or equal to 0"),
        ([{"kind": "gpu"}, {"kind": "gpu"}], "'failures' has gpu more than once; give each a 'name' of its own"),
        ([{"kind": "node"}, {"kind": "published", "set": "rsc-1"}], "'failures' has node more than once"),
        ([{"kind": "published", "set": "lama-3"}], "'lama-3' is no published set; allowed: lanl-2005, llama-3"),
        (
            [{"kind": "switch", "slowdown": {"share": 0.1}}],
            "'slowdown' is about nodes, and this mode takes out a switch",
        ),
        ([{"kind": "rack", "group": "a"}], "'group' is about nodes, and this mode takes out a rack"),
        ([{"kind": "software", "permanent": 0.5}], "Extra inputs are not permitted"),
        ([{"kind": "gpu", "mtbf": "0 h"}], "greater than 0"),
    ],
)
def test_what_can_not_be_is_refused(failures: list[dict[str, Any]], said: str) -> None:
    assert said in refusal({"failures": failures})


def test_every_kind_without_figures_has_a_published_or_an_assumed_one() -> None:
    for name, kind in kinds_of("models.reliability.modes", FailureMode).items():
        if not issubclass(kind, RandomFailures) or name == "stated":
            continue
        assert kind.stated_mtbf is not None, name
        assert mode(name).between.rate_per_s == 1.0 / kind.stated_mtbf
        assert kind.__doc__ is not None and "If nothing is said of how often" in kind.__doc__, name


def test_weibull_times_have_their_mean_and_a_hazard_that_falls_with_age() -> None:
    weibull = times("weibull", shape=0.7, scale="100 h")
    new = weibull.draw(draws(), np.ones(40_000), np.zeros(40_000))
    mean_s = 100 * HOUR_S * math.gamma(1 + 1 / 0.7)
    assert new.mean() == pytest.approx(mean_s, rel=0.02)
    aged = weibull.draw(draws(), np.ones(40_000), np.full(40_000, 500 * HOUR_S))
    # P(more than t left at age a) = exp((a / s)^k - ((a + t) / s)^k)
    left = math.exp(5**0.7 - 6**0.7)
    assert np.mean(aged > 100 * HOUR_S) == pytest.approx(left, abs=0.01)
    assert left > np.mean(new > 100 * HOUR_S)


def test_lognormal_times_have_their_median_at_any_age() -> None:
    lognormal = times("lognormal", median="100 h", sigma=0.5)
    new = lognormal.draw(draws(), np.ones(20_001), np.zeros(20_001))
    assert np.median(new) == pytest.approx(100 * HOUR_S, rel=0.02)
    aged = lognormal.draw(draws(), np.ones(20_001), np.full(20_001, 100 * HOUR_S))
    # Half are left at 100 h; of them half beyond the upper quartile, median exp(0.6745 sigma).
    assert np.median(aged) == pytest.approx((math.exp(0.674490 * 0.5) - 1) * 100 * HOUR_S, rel=0.03)


def test_a_steady_hazard_is_the_superposition_of_its_parts() -> None:
    found = failures_until(SteadyHazard(1 / (1000 * HOUR_S), 500, draws()), 1000 * HOUR_S)
    assert abs(len(found) - 500) < 4 * math.sqrt(500)
    assert len({part for _, part in found}) > 250
    assert sorted(found) == found


def test_gamma_mixed_rates_give_negative_binomial_counts() -> None:
    mixed = times("gamma-mixed", mtbf="1000 h", shape=0.5)
    counts = np.zeros(4000)
    for _, part in failures_until(AgeingHazard(mixed, parts(4000), draws()), 2000 * HOUR_S):
        counts[part] += 1
    assert counts.mean() == pytest.approx(2.0, rel=0.1)
    assert counts.var() == pytest.approx(2.0 + 2.0**2 / 0.5, rel=0.2)


def test_a_lemon_that_is_replaced_is_another_part() -> None:
    mixed = times("gamma-mixed", mtbf="1000 h", shape=0.3)
    kept = AgeingHazard(mixed, parts(50), draws())
    before = kept.characters.copy()
    kept.renew(3, 0.0, replaced=False)
    assert (kept.characters == before).all()
    kept.renew(3, 0.0, replaced=True)
    assert np.flatnonzero(kept.characters != before).tolist() == [3]


def test_new_parts_have_the_failures_of_their_infancy_on_top() -> None:
    infant = InfantMortality.model_validate({"factor": 4, "decay": "2 wk"})
    rate_per_s = 1 / (5000 * HOUR_S)
    hazard = InfantHazard(infant, rate_per_s, parts(2000), draws())
    found = [at_s for at_s, _ in failures_until(hazard, math.inf)]
    expected = 2000 * 4 * 14 * DAY_S * rate_per_s
    assert abs(len(found) - expected) < 4 * math.sqrt(expected)
    # 1 - 1/e of them within the time of decay.
    assert np.mean(np.array(found) < 14 * DAY_S) == pytest.approx(1 - math.exp(-1), abs=0.06)
    # Parts that are six such times old have hardly any left.
    old = failures_until(InfantHazard(infant, rate_per_s, parts(2000, -84 * DAY_S), draws()), math.inf)
    assert len(old) < expected * math.exp(-6) * 5


def test_nothing_fails_before_it_is_in_service() -> None:
    weibull = times("weibull", shape=0.5, scale="100 h")
    found = failures_until(AgeingHazard(weibull, parts(200, 30 * DAY_S), draws()), 60 * DAY_S)
    assert min(at_s for at_s, _ in found) >= 30 * DAY_S
    assert not failures_until(AgeingHazard(weibull, parts(200, math.inf), draws()), 60 * DAY_S)


def test_outcomes_have_the_shares_that_are_given() -> None:
    drawn = Outcomes(
        mode(
            "gpu",
            permanent=0.25,
            reboot={"kind": "constant", "value": "5 min"},
            repair={"kind": "constant", "value": "3 h"},
            detection={"at_once": 0.6, "delay": "10 min", "missed": 0.1, "until_noticed": "2 h"},
            slowdown={"share": 0.2, "clock": 0.8, "until_noticed": "1 d"},
        ),
        draws(),
    )
    outcomes = [drawn.next() for _ in range(8000)]
    assert np.mean([each.permanent for each in outcomes]) == pytest.approx(0.25, abs=0.02)
    assert {each.mending_s for each in outcomes if each.permanent} == {3 * HOUR_S}
    assert {each.mending_s for each in outcomes if not each.permanent} == {300.0}
    stopped = [each.detection_s for each in outcomes if each.clock == 0.0]
    assert len(stopped) / 8000 == pytest.approx(0.8, abs=0.02)
    assert np.mean(np.array(stopped) == 0.0) == pytest.approx(0.9 * 0.6, abs=0.02)
    assert np.mean(np.array(stopped) == 2 * HOUR_S) == pytest.approx(0.1, abs=0.02)
    assert {(each.detection_s, each.clock) for each in outcomes if each.clock} == {(DAY_S, 0.8)}


def test_common_causes_strike_at_least_one_neighbour_in_their_share_of_failures() -> None:
    cause = CommonCause(share=0.05, each=0.25)
    generator, neighbours = draws(), np.arange(10, 17)
    struck = [cause.companions(generator, neighbours) for _ in range(20_000)]
    together = [len(each) for each in struck if len(each)]
    assert len(together) / 20_000 == pytest.approx(0.05, abs=0.005)
    assert np.mean(together) == pytest.approx(1 + 6 * 0.25, abs=0.1)
    assert not len(cause.companions(generator, neighbours[:0]))


def test_a_job_fails_as_often_as_its_nodes_and_itself() -> None:
    llama = Reliability.model_validate({"failures": [{"kind": "published", "set": "llama-3"}]})
    dgx = entry("nodes", "dgx-h100")
    assert llama.job_mtbf_s(dgx, 2048) == pytest.approx(54 * DAY_S / 419)
    assert llama.job_mtbf_s(dgx, 1024) == pytest.approx(54 * DAY_S / (63 + 356 / 2))
    assert Reliability().job_mtbf_s(dgx, 2048) is None


def test_published_sets_say_where_they_are_from() -> None:
    for name in published_sets():
        given = published_set(name)
        assert given["source"] and given["title"] and given["status"] in ("measured", "derived")
        assert Reliability.model_validate({"failures": [{"kind": "published", "set": name}]}).modes()


def test_a_published_set_takes_what_is_said_of_all_its_modes() -> None:
    said = {"kind": "published", "set": "llama-3", "name": "twice", "multiplied_by": 2, "permanent": 0.5}
    given = Reliability.model_validate({"failures": [said | {"detection": {"delay": "1 min"}}]})
    plain = Reliability.model_validate({"failures": [{"kind": "published", "set": "llama-3"}]})
    for one, other in zip(given.modes(), plain.modes(), strict=True):
        assert one.label == f"twice-{other.label}"
        assert one.between.rate_per_s == pytest.approx(2 * other.between.rate_per_s)
        assert one.detection.delay == 60.0
        assert isinstance(one, JobFailures) or one.permanent == 0.5  # type: ignore[attr-defined]
