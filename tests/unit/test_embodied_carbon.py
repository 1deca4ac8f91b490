"""Carbon of making things, spread over their lives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.carbon.embodied import EmbodiedCarbon, embodied_carbon, node_embodied_kg, straight_line_kg
from models.catalog import entry
from models.economics.service_lives import ServiceLives

YEAR_S = 31_557_600.0


def test_a_node_bears_a_fifth_of_its_making_each_year_of_five() -> None:
    borne = embodied_carbon(
        EmbodiedCarbon(), ServiceLives(), node_kg=[4000.0, 4000.0], node_service_s=[YEAR_S, 0.0], run_s=YEAR_S
    )
    assert borne.carbon_embodied_kg == pytest.approx(800.0, rel=1e-12)
    assert [(item.name, item.made_kg) for item in borne.items] == [("nodes", 8000.0)]


def test_nothing_is_borne_beyond_the_life() -> None:
    assert straight_line_kg(100.0, 7 * YEAR_S, 5 * YEAR_S) == 100.0
    with pytest.raises(ValueError, match="must be above 0"):
        straight_line_kg(100.0, YEAR_S, 0.0)


def test_building_batteries_and_gensets_bear_the_whole_run() -> None:
    terms = EmbodiedCarbon.model_validate({"construction": "1000 t/MW", "battery": "85 kg/kWh", "genset": "40 kg/kW"})
    lives = ServiceLives.model_validate({"construction": "20 a", "batteries": "10 a", "gensets": "25 a"})
    borne = embodied_carbon(
        terms,
        lives,
        node_kg=[],
        node_service_s=[],
        run_s=YEAR_S,
        construction_w=10e6,
        battery_j=2000 * 3.6e6,
        genset_w=12e6,
        others=[("photovoltaics", 3e6, 30 * YEAR_S)],
    )
    assert {item.name: round(item.run_kg, 6) for item in borne.items} == {
        "nodes": 0.0,
        "construction": 500_000.0,
        "batteries": 17_000.0,
        "gensets": 19_200.0,
        "photovoltaics": 100_000.0,
    }


def test_nodes_that_nobody_has_published_are_counted_not_guessed() -> None:
    made_kg, service_s = [1000.0, math.nan, math.nan], np.full(3, YEAR_S)
    left_out = embodied_carbon(
        EmbodiedCarbon(), ServiceLives(), node_kg=made_kg, node_service_s=service_s, run_s=YEAR_S
    )
    assert left_out.carbon_embodied_kg == pytest.approx(200.0, rel=1e-12)
    assert left_out.notes == ("embodied carbon of 2 of 3 nodes is not published and not counted",)
    stated = EmbodiedCarbon.model_validate({"node": "500 kg"})
    given = embodied_carbon(stated, ServiceLives(), node_kg=made_kg, node_service_s=service_s, run_s=YEAR_S)
    assert given.carbon_embodied_kg == pytest.approx(400.0, rel=1e-12)
    assert given.notes == ()


def test_catalogue_tells_the_making_of_a_node_or_at_least_of_its_accelerators() -> None:
    assert node_embodied_kg(entry("nodes", "dgx-h100")) == 4000.0
    assert node_embodied_kg(entry("nodes", "tpu-v6e-host"), entry("accelerators", "tpu-v6e")) % 692.0 == 0.0
    assert math.isnan(node_embodied_kg(entry("nodes", "cpu-128-core")))
