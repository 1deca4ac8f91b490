"""What a plan says nodes are available, against a hall whose nodes fail, wait for technicians and parts, and return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from models import catalog
from models.reliability.reliability import Reliability
from optimizers.figures.repairs import repairs
from optimizers.given.maintenance import MaintenanceTier
from simulator.simulation import simulate

NODES, YEARS = 120, 2
FAILING = {
    "kind": "host", "per_year": 12.0, "permanent": 0.5, "repair": {"kind": "exponential", "mean": "4 h"},
    "detection": {"at_once": 0.5, "delay": "10 min"},
}  # fmt: skip
"""Failures a hundred times as frequent as those of hosts, so that queues form within a few simulated years."""
CREW = {"shifts": [{"technicians": 1}]}


def delivered(folder: Path, spares: dict[str, Any]) -> float:
    """The availability of a simulated hall."""
    given = {
        "start": "2027-01-01T00:00:00Z",
        "until": f"{365 * YEARS} d",
        "seed": 11,
        "fleet": {"groups": [{"name": "nodes", "node": "dgx-h100", "count": NODES, "nodes_per_rack": 4}]},
        "workload": {"kind": "list", "jobs": [{"duration": "1 h"}]},
        "facility": {"pue": 1.3},
        "reliability": {"failures": [FAILING]},
        "operations": {"crews": [CREW], "spares": spares, "other_parts": {"stock": 1_000_000}},
    }
    path = folder / "hall.yaml"
    with path.open("w") as file:
        YAML().dump(given, file)
    found = simulate(path).kpis["availability"]
    assert found is not None
    return float(found)


@pytest.mark.parametrize("per_100", [None, 5.0], ids=["parts always there", "few parts"])
def test_nodes_are_down_as_long_as_the_plan_says(per_100: float | None, tmp_path: Path) -> None:
    tier: dict[str, Any] = {"crew": CREW}
    spares: dict[str, Any] = {}
    if per_100 is not None:
        tier["spares"] = {"host": {"per_100_nodes": per_100, "price": "20 kUSD", "lead_time": "3 d"}}
        stock = round(per_100 * NODES / 100.0)
        spares["host"] = {"stock": stock, "lead_time": {"kind": "constant", "value": "3 d"}, "rma": None}
    planned = repairs(
        MaintenanceTier.model_validate(tier),
        Reliability.model_validate({"failures": [FAILING]}),
        catalog.entry("nodes", "dgx-h100"),
        nodes=NODES,
        nodes_per_rack=4,
    )
    down = 1.0 - delivered(tmp_path, spares)
    # A run counts a node as in service until its failure is noticed, in 5 min on average; the rest is chance: two years
    # have 2,880 failures, and as many waits.
    noticed = 12.0 * 300.0 / (365.25 * 86_400.0)
    assert down + noticed == pytest.approx(1.0 - planned.availability, rel=0.1)
