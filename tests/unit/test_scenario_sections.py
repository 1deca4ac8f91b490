"""The sections of a scenario that are its own: fleet, events, expect, results."""

from __future__ import annotations

import collections
import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from models.data_file import DataFolders
from models.nodes.node import Node
from models.problems import InputError
from simulator.scenario.events.clock import ClockEvent
from simulator.scenario.expect import Expect, Expectation
from simulator.scenario.fleet import AlibabaNodes, AnyFleet, Groups, NamedNodes, NodeTable
from simulator.scenario.results import Results
from simulator.scenario.scenario import AnyEvent

BOX = Node.model_validate(
    {
        "accelerator": {"name": "T4"},
        "accelerators": 1,
        "cpu_cores": 16,
        "memory": "64 GiB",
        "power": {
            "parts": [
                {"name": "cpu", "follows": "processor", "idle_power": "30 W", "peak_power": "150 W"},
                {"name": "gpu", "follows": "accelerator", "idle_power": "10 W", "peak_power": "70 W"},
            ]
        },
    }
)


def fleet(tree: dict[str, Any], folder: Path | None = None) -> Any:
    """A fleet from what YAML says."""
    return TypeAdapter(AnyFleet).validate_python(tree, context=DataFolders(folder) if folder else None)


def group(**fields: Any) -> dict[str, Any]:
    """A group of two boxes, changed."""
    return {"name": "a", "node": "box", "count": 2} | fields


def refusal(adapter: Any, tree: Any) -> str:
    """What pydantic says of one fault."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(adapter).validate_python(tree)
    return "\n".join(fault["msg"] for fault in caught.value.errors())


def test_a_group_names_its_nodes_and_fills_racks_of_four() -> None:
    found = fleet({"groups": [group(count=6, in_service="1 d", retire_at="2 d", retire="at-once"), group(name="b")]})
    nodes = found.named_nodes({"box": BOX}).nodes
    assert [node.name for node in nodes] == ["a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "b-0", "b-1"]
    assert [node.rack for node in nodes] == ["a-rack-0"] * 4 + ["a-rack-1"] * 2 + ["b-rack-0"] * 2
    assert nodes[0][3:] == (86_400.0, 172_800.0, "at-once", "a")
    assert nodes[-1][3:] == (0.0, math.inf, "drain", "b")


def test_nodes_per_rack_is_taken_where_given() -> None:
    nodes = fleet({"groups": [group(nodes_per_rack=1)]}).named_nodes({"box": BOX}).nodes
    assert [node.rack for node in nodes] == ["a-rack-0", "a-rack-1"]


def test_a_rack_of_the_catalogue_brings_its_nodes_and_its_shared_power() -> None:
    found: NamedNodes = fleet({"groups": [{"name": "nvl", "rack": "gb200-nvl72", "count": 2}]}).named_nodes({})
    racks = collections.Counter(node.rack for node in found.nodes)
    assert racks == {"nvl-rack-0": 18, "nvl-rack-1": 18}
    assert set(found.rack_power_w) == set(racks)
    assert min(found.rack_power_w.values()) > 0.0
    assert sum(found.types[node.node_type].accelerators for node in found.nodes) == 144


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"node": None}, "give 'node' or 'rack', one of the two"),
        ({"rack": "gb200-nvl72"}, "give 'node' or 'rack', one of the two"),
        ({"node": None, "rack": "gb200-nvl72", "nodes_per_rack": 2}, "'nodes_per_rack' is for nodes"),
        ({"in_service": "2 d", "retire_at": "1 d"}, "'retire_at' must be later than 'in_service'"),
    ],
)
def test_a_group_that_contradicts_itself_is_refused(fields: dict[str, Any], said: str) -> None:
    assert said in refusal(Groups, {"groups": [group(**fields)]})


def test_a_table_lists_nodes(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("node_name,node_type,rack\nx,box,r1\ny,dgx-h100,r2\n")
    found = fleet({"kind": "table", "file": "n.csv"}, tmp_path).named_nodes({"box": BOX})
    assert [node[:3] for node in found.nodes] == [("x", "box", "r1"), ("y", "dgx-h100", "r2")]
    assert found.types["dgx-h100"].accelerators == 8


def test_a_table_without_racks_fills_them_in_order(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("node_name,node_type\nx,box\ny,box\nz,box\n")
    found = NodeTable.model_validate({"file": "n.csv", "nodes_per_rack": 2}, context=DataFolders(tmp_path))
    assert [node.rack for node in found.named_nodes({"box": BOX}).nodes] == ["rack-0", "rack-0", "rack-1"]


def test_every_broken_line_of_a_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("node_name,node_type\nx,box\nx,bax\n,box\n")
    with pytest.raises(InputError) as caught:
        fleet({"kind": "table", "file": "n.csv"}, tmp_path).named_nodes({"box": BOX})
    assert str(caught.value).splitlines() == [
        "n.csv:3: node_name: 'x' is given twice, first in line 2",
        "n.csv:3: node_type: 'bax' is not in the catalogue; nearest: 'box'",
        "n.csv:4: node_name: is empty; every node has a name",
    ]


def test_alibaba_nodes_take_sizes_from_the_file_and_power_from_a_type(tmp_path: Path) -> None:
    rows = "sn,cpu_milli,memory_mib,gpu,model\nn0,104000,524288,2,T4\nn1,96000,393216,8,G2\nn2,96000,393216,8,G2\n"
    (tmp_path / "n.csv").write_text(rows)
    tree = {"kind": "alibaba-gpu-2023", "file": "n.csv", "models": {"T4": "box", "G2": "box"}}
    found = fleet(tree, tmp_path).named_nodes({"box": BOX})
    assert [node.node_type for node in found.nodes] == ["T4-2x-104c-512GiB", "G2-8x-96c-384GiB", "G2-8x-96c-384GiB"]
    big = found.types["G2-8x-96c-384GiB"]
    assert (big.accelerator_name, big.accelerators, big.cpu_cores, big.memory_b) == ("G2", 8, 96, 384 * 2.0**30)
    assert big.power.peak_power_w == 150.0 + 8 * 70.0
    assert big.provisioned_power_w == 150.0 + 8 * 70.0
    assert BOX.accelerators == 1


def test_an_accelerator_model_without_a_node_type_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text("sn,cpu_milli,memory_mib,gpu,model\nn0,1000,1024,2,T4\nn1,1000,1024,-1,A10\n")
    tree = {"file": "n.csv", "models": {"T4": "box"}}
    with pytest.raises(InputError) as caught:
        AlibabaNodes.model_validate(tree, context=DataFolders(tmp_path)).named_nodes({"box": BOX})
    assert "n.csv:3: model: 'A10' has no node type; 'models' of this fleet names T4" in str(caught.value)
    assert "n.csv:3: gpu: '-1' is not allowed" in str(caught.value)


def test_the_public_alibaba_list_has_1213_nodes_and_6212_accelerators(public_data: Path) -> None:
    models = dict.fromkeys(("A10", "G2", "G3", "P100", "T4", "V100M16", "V100M32"), "box")
    tree = {"kind": "alibaba-gpu-2023", "file": "traces/alibaba_gpu_2023_nodes.csv", "models": models}
    found = fleet(tree, public_data).named_nodes({"box": BOX})
    assert len(found.nodes) == 1213
    assert sum(found.types[node.node_type].accelerators for node in found.nodes) == 6212


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"kind": "clock", "at": "1 h", "fraction": 0.5, "group": "a", "job": "j"}, "given: group, job"),
        ({"kind": "clock", "at": "1 h", "fraction": 0.5, "until": "1 h"}, "'until' must be later than 'at'"),
        ({"kind": "clock", "at": "1 h", "fraction": 0}, "greater than 0"),
        ({"kind": "retire", "at": "1 h"}, "give 'group' or 'nodes', one of the two"),
        ({"kind": "commission", "at": "1 h", "group": "a", "nodes": ["b"]}, "give 'group' or 'nodes', one of the two"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused(tree: dict[str, Any], said: str) -> None:
    assert said in refusal(AnyEvent, tree)


def test_a_clock_event_without_target_is_for_the_whole_hall() -> None:
    event = TypeAdapter(AnyEvent).validate_python({"kind": "clock", "at": "1 h", "until": "2 h", "fraction": 0.5})
    assert isinstance(event, ClockEvent)
    assert (event.at, event.until, event.group, event.nodes, event.job) == (3600.0, 7200.0, None, None, None)


def test_counts_are_exact_and_other_outcomes_to_one_in_a_million() -> None:
    expect = TypeAdapter(Expect).validate_python({"jobs_completed": 118, "it_energy_kwh": 1000.0})
    assert expect["jobs_completed"].allows("jobs_completed", 118)
    assert not expect["jobs_completed"].allows("jobs_completed", 119)
    assert expect["it_energy_kwh"].allows("it_energy_kwh", 1000.0009)
    assert not expect["it_energy_kwh"].allows("it_energy_kwh", 1000.0011)
    assert not expect["it_energy_kwh"].allows("it_energy_kwh", math.nan)


def test_the_wider_of_two_tolerances_holds() -> None:
    given = {"value": 100.0, "absolute_tolerance": 1.0, "relative_tolerance": 0.02, "reason": "sampled"}
    assert Expectation.model_validate(given).tolerance("it_energy_kwh") == 2.0


def test_a_tolerance_of_nothing_is_exact() -> None:
    assert not Expectation.model_validate({"value": 1.0, "absolute_tolerance": 0.0}).allows("pue", 1.0 + 1e-9)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("pue", {"value": 1.3, "relative_tolerance": 0.1}),
        ("pue", {"value": 1.3, "absolute_tolerance": 0.1, "reason": "  "}),
        ("jobs_completed", {"value": 10_000, "relative_tolerance": 1e-7}),
    ],
)
def test_a_wider_tolerance_needs_a_reason(name: str, given: dict[str, Any]) -> None:
    assert "give its 'reason'" in refusal(Expect, {name: given})
    assert TypeAdapter(Expect).validate_python({name: given | {"reason": "the trace is cut"}})


def test_results_are_folded_by_the_hour() -> None:
    assert Results() == Results.model_validate({"interval": "60 min", "change_points": False, "folder": "results"})
