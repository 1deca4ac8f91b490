"""The power chain: losses, sizes and spare units of its stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.power.distribution.chain import PowerChain
from models.power.distribution.layout import ChainLayout
from models.power.distribution.losses.converter import ConverterLoss
from models.power.distribution.losses.curve import LossCurve
from models.power.distribution.redundancy import needed_of, units_of


def chain(**given: Any) -> PowerChain:
    return PowerChain.model_validate(given)


def laid_out(**given: Any) -> ChainLayout:
    return chain(**given).laid_out(1e6, 1.2e6, 2e5, 3e4)


ONLY_UPS = {"busway": "none", "pdu": "none", "transformer": "none"}


def test_efficiency_of_the_default_ups_is_as_stated() -> None:
    ups = laid_out(**ONLY_UPS, ups={"rating": "1 MW", "units": 1}).stages[0]
    loads = np.array([0.25, 0.5, 0.75, 1.0]) * 1e6
    assert np.round(100 * loads / (loads + ups.loss_w(loads)), 1).tolist() == [94.0, 95.9, 96.3, 96.3]
    assert np.round(100 * loads / (loads + ups.loss_w(loads, eco=True)), 1).tolist() == [98.1, 98.8, 99.0, 99.0]


def test_transformer_meets_its_standard_at_half_load() -> None:
    transformer = next(stage for stage in laid_out().stages if stage.name == "transformer")
    half_w = transformer.capacity_w() / 2
    assert half_w / (half_w + transformer.loss_w(half_w)) == pytest.approx(0.9953, abs=5e-5)


def test_converter_loss_gives_its_input_from_offset_and_efficiency() -> None:
    loss = ConverterLoss.model_validate({"offset": "17 W", "efficiency": 0.96})
    a0, a1, a2 = loss.coefficients(12_500.0)
    output_w = 9_000.0
    loss_w = 12_500.0 * (a0 + a1 * output_w / 12_500 + a2 * (output_w / 12_500) ** 2)
    assert output_w + loss_w == pytest.approx((output_w + 17) / 0.96, rel=1e-12)


def test_stages_run_from_it_to_the_utility() -> None:
    assert [stage.name for stage in laid_out().stages] == ["busway", "pdu", "ups", "transformer"]
    assert [stage.name for stage in laid_out(pdu="none").stages] == ["busway", "ups", "transformer"]


def test_each_load_enters_where_it_is_fed() -> None:
    layout = laid_out()
    busway, pdu, ups, transformer = layout.output_w(8e5, 3e4, 2e5)
    busway_loss, pdu_loss, ups_loss, transformer_loss = layout.input_w(8e5, 3e4, 2e5)[1]
    assert busway == 8e5
    assert pdu == 8e5 + busway_loss
    assert ups == pdu + pdu_loss + 3e4
    assert transformer == pytest.approx(ups + ups_loss + 2e5)
    assert layout.input_w(8e5, 3e4, 2e5)[0] == pytest.approx(transformer + transformer_loss)


def test_mechanical_load_enters_at_the_utility_where_no_stage_carries_it() -> None:
    layout = laid_out(transformer="none")
    assert layout.mechanical_index == len(layout.stages)
    assert layout.input_w(8e5, 0.0, 2e5)[0] == layout.input_w(8e5, 0.0, 0.0)[0] + 2e5


def test_a_chain_without_stages_loses_nothing() -> None:
    layout = laid_out(**ONLY_UPS, ups="none")
    assert layout.input_w(8e5, 3e4, 2e5) == (1.03e6, ())


def test_arrays_give_what_floats_give() -> None:
    layout = laid_out(ups={"mode": "eco", "redundancy": "2N"})
    it_w, ups_w, mechanical_w = np.array([0.0, 3e5, 1e6]), np.array([0.0, 1e4, 3e4]), np.array([0.0, 1e5, 2e5])
    input_w, losses_w = layout.input_w(it_w, ups_w, mechanical_w)
    for row in range(3):
        one_input_w, one_losses_w = layout.input_w(float(it_w[row]), float(ups_w[row]), float(mechanical_w[row]))
        assert input_w[row] == one_input_w
        assert [loss_w[row] for loss_w in losses_w] == list(one_losses_w)


def test_every_loss_heats_the_space_where_its_stage_stands() -> None:
    layout = laid_out()
    _, (busway, pdu, ups, transformer) = layout.input_w(8e5, 3e4, 2e5)
    heat_w = layout.heat_w((busway, pdu, ups, transformer))
    assert heat_w == {"hall": busway + pdu, "plant-room": ups, "outdoors": transformer}
    _, losses_w = layout.input_w(np.array([8e5, 9e5]), np.zeros(2), np.zeros(2))
    assert sum(layout.heat_w(losses_w).values()) == pytest.approx(sum(losses_w))
    assert laid_out(**ONLY_UPS, ups="none").heat_w(()) == {"hall": 0.0, "plant-room": 0.0, "outdoors": 0.0}


def test_greatest_it_power_is_where_the_feed_or_a_stage_is_full() -> None:
    layout = laid_out()
    it_w = layout.greatest_it_w(1.1e6, 3e4, 2e5)
    assert layout.input_w(it_w, 3e4, 2e5)[0] == pytest.approx(1.1e6, rel=1e-12)
    unlimited_w = layout.greatest_it_w(np.inf, 3e4, 2e5)
    ups = layout.stages[2]
    assert layout.output_w(unlimited_w, 3e4, 2e5)[2] == pytest.approx(ups.capacity_w(), rel=1e-12)
    assert layout.greatest_it_w(1e5, 3e4, 2e5) < 0.0


def test_a_unit_that_is_out_leaves_its_load_to_the_others() -> None:
    layout = laid_out(ups={"redundancy": "N+1", "rating": "500 kW"})
    reduced = layout.without_units({"ups": 1})
    ups, left = layout.stages[2], reduced.stages[2]
    assert (left.units, left.spare) == (ups.units - 1, 0)
    assert left.load_fraction(9e5) == ups.load_fraction(9e5, 1) > ups.load_fraction(9e5)
    assert reduced.greatest_it_w(np.inf, 0.0, 0.0) < layout.greatest_it_w(np.inf, 0.0, 0.0)
    with pytest.raises(ValueError, match="no stage 'upss'; it has busway, pdu, ups, transformer"):
        layout.without_units({"upss": 1})


def test_stages_are_sized_for_what_leaves_them() -> None:
    layout = chain().laid_out(1e6, 1.2e6, 2e5, 3e4)
    busway, pdu, ups, transformer = layout.stages
    assert busway.planned_w == 1.2e6  # conductors for the nameplates
    assert pdu.planned_w > 1.2e6
    planned_w = layout.output_w(1e6, 3e4, 2e5)
    assert (ups.planned_w, transformer.planned_w) == pytest.approx(planned_w[2:])
    assert ups.rating_w == pytest.approx(ups.planned_w / 0.8)


def test_units_of_a_given_rating_are_counted() -> None:
    ups = laid_out(ups={"rating": "500 kW", "redundancy": "N+1", "design_load": 1.0}).stages[2]
    assert (ups.units, ups.spare) == (4, 1)  # 1.03 MW and losses on the way need three
    assert ups.capacity_w(ups.spare) == 1.5e6


def test_rating_is_found_for_units_that_are_given() -> None:
    ups = laid_out(ups={"units": 4, "redundancy": "4-to-make-3", "design_load": 1.0}).stages[2]
    assert ups.spare == 1
    assert ups.rating_w == pytest.approx(ups.planned_w / 3)
    assert ups.load_fraction(ups.planned_w) == pytest.approx(0.75)
    assert ups.load_fraction(ups.planned_w, 1) == pytest.approx(1.0)


def test_both_sides_of_2n_share_the_load() -> None:
    one, two = (laid_out(ups={"redundancy": redundancy}).stages[2] for redundancy in ("N", "2N"))
    assert two.load_fraction(8e5) == pytest.approx(one.load_fraction(8e5) / 2)
    assert two.loss_w(8e5) > one.loss_w(8e5)


@pytest.mark.parametrize(
    ("redundancy", "needed", "units", "spare"),
    [
        ("N", 3, 3, 0),
        ("N+1", 3, 4, 1),
        ("N+2", 3, 5, 2),
        ("2N", 3, 6, 3),
        ("2(N+1)", 3, 8, 5),
        ("4-to-make-3", 3, 4, 1),
        ("4-to-make-3", 6, 8, 2),
        ("4-to-make-3", 4, 8, 2),
        ("3-to-make-2", 2, 3, 1),
    ],
)
def test_redundancy_counts_its_units(redundancy: str, needed: int, units: int, spare: int) -> None:
    assert units_of(redundancy, needed) == (units, spare)
    assert needed_of(redundancy, units) == units - spare


@pytest.mark.parametrize("redundancy", ["N+0", "3N", "2N+1", "N + 1", "3-to-make-4", "2(N", "n"])
def test_a_text_that_is_no_redundancy_is_refused(redundancy: str) -> None:
    with pytest.raises(ValidationError, match="is no redundancy; allowed: 'N', 'N\\+1'|has nothing to spare"):
        chain(ups={"redundancy": redundancy})


def test_units_that_do_not_make_the_redundancy_are_refused() -> None:
    with pytest.raises(ValidationError, match="3 units can not be '2N'"):
        chain(ups={"redundancy": "2N", "units": 3})


def test_a_curve_that_makes_power_is_refused() -> None:
    with pytest.raises(ValidationError, match="power out of nothing"):
        LossCurve(standby=0.001, proportional=-0.02, resistive=0.01)


def test_provisioned_power_above_rated_is_refused() -> None:
    with pytest.raises(ValueError, match="given 2e\\+06 W provisioned, 1e\\+06 W rated"):
        chain().laid_out(2e6, 1e6)


def test_defaults_lie_within_the_published_range_of_distribution_losses() -> None:
    # Lei and Masanet 2022: hyperscale distribution loses 0 to 2%.
    layout = chain(ups="none").laid_out(1e6, 1e6)
    assert 0.0 < layout.input_w(1e6, 0.0, 0.0)[0] / 1e6 - 1.0 < 0.02


def test_coefficients_are_found_again_from_efficiencies() -> None:
    # Efficiencies of the default UPS, rounded as a datasheet rounds them.
    points = [[0.25, 0.9403], [0.5, 0.9588], [0.75, 0.9629], [1.0, 0.9634]]
    ups = laid_out(**ONLY_UPS, ups={"loss": {"kind": "efficiencies", "points": points}}).stages[0]
    assert (ups.a0, ups.a1, ups.a2) == pytest.approx((0.012, 0.012, 0.014), abs=3e-4)


def test_one_efficiency_gives_a_loss_of_one_term() -> None:
    ups = laid_out(**ONLY_UPS, ups={"loss": {"kind": "efficiencies", "points": [[0.5, 0.95]]}}).stages[0]
    assert ups.a0 + 0.5 * ups.a1 + 0.25 * ups.a2 == pytest.approx(0.5 * (1 / 0.95 - 1))


def test_an_efficiency_in_percent_is_refused() -> None:
    with pytest.raises(ValidationError, match="no point \\[load, efficiency\\]"):
        chain(ups={"loss": {"kind": "efficiencies", "points": [[50, 96]]}})


def test_converters_of_frontier_are_counted_by_node() -> None:
    converters = chain(converters={"design_load": 0.9}).laid_out(2.7e6, 2.7e6).stages[0]
    assert (converters.units, converters.rating_w) == (1000, 3000.0)
    assert converters.loss_w(2.7e6) == pytest.approx((2.7e6 + 1000 * 13) / 0.98 - 2.7e6)
