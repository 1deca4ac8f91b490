"""The power chain of Frontier, as RAPS (ExaDigiT) publishes its parts: 7.28 MW idle and 28.2 MW at peak."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from models.power.distribution.chain import PowerChain
from models.power.distribution.layout import ChainLayout

NODES, CABINETS = 9472, 74
MEMORY_W, INTERFACES_W, DRIVES_W = 74.26, 4 * 20.0, 30.0
IDLE_NODE_W = 90.0 + 4 * 88.0 + MEMORY_W + INTERFACES_W + DRIVES_W
PEAK_NODE_W = 280.0 + 4 * 560.0 + MEMORY_W + INTERFACES_W + DRIVES_W
SWITCHES_W = CABINETS * 32 * 250.0
COOLANT_UNITS_W = 25 * 8.47e3


@pytest.fixture(scope="module")
def frontier() -> ChainLayout:
    given = YAML(typ="safe").load(Path(__file__).with_name("frontier_power_chain.yaml"))
    peak_w = NODES * PEAK_NODE_W
    return PowerChain.model_validate(given).laid_out(peak_w, peak_w, COOLANT_UNITS_W)


@pytest.mark.parametrize(("node_w", "published_mw"), [(IDLE_NODE_W, 7.28), (PEAK_NODE_W, 28.2)])
def test_power_at_idle_and_peak_is_that_of_frontier(frontier: ChainLayout, node_w: float, published_mw: float) -> None:
    input_w, _ = frontier.through([NODES * node_w, 0.0, SWITCHES_W + COOLANT_UNITS_W])
    assert input_w / 1e6 == pytest.approx(published_mw, rel=0.005)


@pytest.mark.parametrize(
    ("node_w", "published_mw", "conversion"), [(IDLE_NODE_W, 7.31, 0.922), (PEAK_NODE_W, 28.23, 0.936)]
)
def test_switches_behind_the_rectifiers_add_their_conversion(
    frontier: ChainLayout, node_w: float, published_mw: float, conversion: float
) -> None:
    input_w, _ = frontier.through([NODES * node_w, SWITCHES_W, COOLANT_UNITS_W])
    delivered_w = NODES * node_w + SWITCHES_W + COOLANT_UNITS_W
    assert input_w / 1e6 == pytest.approx(published_mw, rel=0.0005)
    assert delivered_w / input_w == pytest.approx(conversion, abs=0.0005)


def test_rectifiers_carry_what_they_are_rated_for(frontier: ChainLayout) -> None:
    converters, rectifiers = frontier.stages
    assert (converters.units, rectifiers.units) == (NODES, NODES // 4)
    _, output_w = frontier.output_w(NODES * PEAK_NODE_W, 0.0, COOLANT_UNITS_W)
    assert 0.85 < rectifiers.load_fraction(output_w) < 1.0


def test_losses_of_both_stages_heat_the_hall_and_count_as_it(frontier: ChainLayout) -> None:
    assert all(stage.space == "hall" and stage.counts_as_it for stage in frontier.stages)
