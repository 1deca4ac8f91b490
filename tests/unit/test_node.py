"""Nodes written out in a scenario."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from models.nodes.node import Node
from models.sourced import numbers

HOST: dict[str, Any] = {
    "cpu_cores": 16,
    "memory": "128 GB",
    "power": {"parts": [{"name": "host", "follows": "processor", "idle_power": "32 W", "peak_power": "180 W"}]},
}


def accelerated(**given: Any) -> dict[str, Any]:
    part = {"name": "gpu", "count": 2, "follows": "accelerator", "idle_power": "10 W", "peak_power": "70 W"}
    return HOST | {"accelerator": {"name": "T4"}, "accelerators": 2, "power": {"parts": [part]}} | given


def test_a_node_without_nameplate_is_rated_at_the_peak_of_its_parts() -> None:
    host = Node.model_validate(HOST)
    assert (host.rated_power_w, host.provisioned_power_w, host.memory_b) == (180.0, 180.0, 128e9)


def test_the_numbers_of_a_written_out_node_are_the_scenarios_own_but_for_the_clock_exponent() -> None:
    statuses = {number.path: number.status for number in numbers(Node.model_validate(HOST))}
    assert statuses.pop("power.clock_exponent") == "assumption"
    assert set(statuses.values()) == {"scenario"}


def test_an_accelerator_that_the_catalogue_lacks_can_be_named() -> None:
    assert Node.model_validate(accelerated()).accelerator_name == "T4"
    assert Node.model_validate(accelerated(accelerator="l40s")).accelerator_name == "l40s"
    assert Node.model_validate(HOST).accelerator_name == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"accelerator": "h100-smx"}, "'h100-smx' is not in the catalogue of accelerators; nearest: 'h100-sxm'"),
        (
            {"accelerators": 4},
            "part 'gpu' follows the accelerators and counts 2; allowed: one for each of the node's 4",
        ),
        ({"accelerator": None}, "give accelerator and accelerators together"),
        ({"rated_power": "100 W"}, "rated power 100 W is below provisioned power 140 W"),
        ({"memory": 128}, "128 has no unit"),
        ({"gpus": 2}, "Extra inputs are not permitted"),
    ],
)
def test_a_node_that_contradicts_itself_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Node.model_validate(accelerated(**given))
