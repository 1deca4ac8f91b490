"""The section `fleet`: which nodes the hall has, in which racks, from when to when."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self

from pydantic import Field, PositiveInt, model_validator

from models.catalog import InCatalog, entry
from models.data_file import FromFile
from models.file_columns import Columns, read_columns
from models.file_faults import Faults
from models.nodes.node import Node, OtherAccelerator
from models.section import Section
from models.sourced import Sourced
from models.units import Duration, quantity

from .names import NodeTypeName, known_node_type
from .selection import selected

MOST_NODES = 1_000_000
"""The largest group; no site announced so far has more nodes (assumption), and a slip of the hand asks for more."""

Retirement = Literal["drain", "at-once"]
"""drain: running jobs end first, nothing new starts. at-once: running jobs are interrupted and queued again."""


class NamedNode(NamedTuple):
    """A node of the hall. Times are seconds from the scenario's start; `retire_s` is infinite where it stays."""

    name: str
    node_type: str
    rack: str
    in_service_s: float = 0.0
    retire_s: float = math.inf
    retire: Retirement = "drain"
    group: str = ""


@dataclass(frozen=True)
class NamedNodes:
    """Every node of a hall, the types they have, and what racks of the catalogue tell by name: the constant power [W]
    that they draw besides their nodes, and how many accelerators a scale-up network joins."""

    nodes: tuple[NamedNode, ...]
    types: Mapping[str, Node]
    rack_power_w: Mapping[str, float] = field(default_factory=dict)
    rack_scale_up: Mapping[str, int] = field(default_factory=dict)


class Fleet(Section):
    """The hall's nodes. Its kinds are `groups` (where no kind is given), `table` and `alibaba-gpu-2023`."""

    @abstractmethod
    def named_nodes(self, local: Mapping[str, Node]) -> NamedNodes:
        """Return every node, each with a name of its own; `local` are the scenario's own node types by name.

        Raises InputError with every problem of the file that is read.
        """


class Group(Section):
    """Equal nodes that come and go together: `count` nodes of a type, or `count` racks of the catalogue."""

    name: str = Field(min_length=1)
    """The group's name; its nodes are called name-0, name-1, ..."""
    node: NodeTypeName | None = None
    """The node type, of the catalogue or of `nodes`. Give this or `rack`."""
    rack: Annotated[str, InCatalog("racks")] | None = None
    """The rack, of the catalogue. Give this or `node`."""
    count: PositiveInt = Field(le=MOST_NODES)
    """How many nodes, or racks."""
    nodes_per_rack: PositiveInt | None = None
    """Nodes in each rack of a group of nodes; 4 if nothing is said (assumption: nodes of eight accelerators draw about
    10 kW, and an air-cooled rack is given about 40 kW)."""
    in_service: Duration = quantity("0 s")
    """When the nodes are commissioned, from the scenario's start."""
    retire_at: Duration | None = None
    """When they are retired, from the scenario's start; never if nothing is said."""
    retire: Retirement = "drain"
    """How they are retired: `drain` lets jobs end, `at-once` interrupts them."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.node is None) == (self.rack is None):
            raise ValueError("give 'node' or 'rack', one of the two")
        if self.rack is not None and self.nodes_per_rack is not None:
            raise ValueError("'nodes_per_rack' is for nodes; the catalogue says how many a rack holds")
        if self.retire_at is not None and self.retire_at <= self.in_service:
            raise ValueError("'retire_at' must be later than 'in_service'")
        return self


class Groups(Fleet):
    """Groups of equal nodes."""

    kind: Literal["groups"] = "groups"
    groups: tuple[Group, ...] = Field(min_length=1)
    """The groups."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        twice = [name for name, count in Counter(group.name for group in self.groups).items() if count > 1]
        if twice:
            raise ValueError(f"group names must differ; given twice: {', '.join(twice)}")
        return self

    def named_nodes(self, local: Mapping[str, Node]) -> NamedNodes:
        """Return the nodes, group by group."""
        nodes: list[NamedNode] = []
        types: dict[str, Node] = {}
        rack_power_w: dict[str, float] = {}
        rack_scale_up: dict[str, int] = {}
        for group in self.groups:
            if group.rack is not None:
                rack = entry("racks", group.rack)
                node_type, per_rack, count = rack.node, rack.nodes, group.count * rack.nodes
                racks = [f"{group.name}-rack-{index}" for index in range(group.count)]
                rack_power_w |= dict.fromkeys(racks, rack.shared_power_w)
                rack_scale_up |= dict.fromkeys(racks, rack.scale_up_accelerators)
            else:
                node_type, per_rack, count = str(group.node), group.nodes_per_rack or 4, group.count
            types[node_type] = _typed(node_type, local)
            retire_s = math.inf if group.retire_at is None else group.retire_at
            nodes += (
                NamedNode(
                    f"{group.name}-{index}",
                    node_type,
                    f"{group.name}-rack-{index // per_rack}",
                    group.in_service,
                    retire_s,
                    group.retire,
                    group.name,
                )
                for index in range(count)
            )
        return NamedNodes(tuple(nodes), types, rack_power_w, rack_scale_up)


class NodeTable(FromFile, Fleet):
    """Nodes listed in a CSV file with a header: columns `node_name`, `node_type`, and `rack` if wanted."""

    kind: Literal["table"] = "table"
    nodes_per_rack: PositiveInt = 4
    """Nodes in each rack, in the order of the file, where it has no column `rack`; 4 is an assumption."""

    def named_nodes(self, local: Mapping[str, Node]) -> NamedNodes:
        """Return the nodes in the order of the file."""
        faults = Faults(self.file)
        table = read_columns(self.path, faults, ("node_name", "node_type"), ("rack",))
        names, given, racks = table.text["node_name"], table.text["node_type"], table.text.get("rack")
        _check_names(table, "node_name")
        types: dict[str, Node] = {}
        for row, name in enumerate(given):
            if name in types:
                continue
            try:
                known_node_type(name, local)
                types[name] = _typed(name, local)
            except ValueError as error:
                faults.add(table.line[row], "node_type", str(error))
        faults.raise_if_any()
        rack_of = racks or [f"rack-{row // self.nodes_per_rack}" for row in range(len(table))]
        return NamedNodes(tuple(map(NamedNode, names, given, rack_of)), types)


class AlibabaNodes(FromFile, Fleet):
    """Nodes of Alibaba's GPU cluster trace of 2023, `openb_node_list_*.csv` (columns sn, cpu_milli, memory_mib, gpu,
    model). The file says how many accelerators, processors and how much memory a node has; what the trace does not
    say, above all its power, is that of a node type chosen for each accelerator model."""

    kind: Literal["alibaba-gpu-2023"] = "alibaba-gpu-2023"
    models: dict[str, NodeTypeName]
    """The node type whose power and prices stand for the nodes of an accelerator model, such as `T4: small-gpu-node`.
    The power of its accelerators is counted once for each accelerator of the file's node; that of its other parts
    stays."""
    nodes_per_rack: PositiveInt = 4
    """Nodes in each rack, in the order of the file; the trace names no racks, 4 is an assumption."""

    def named_nodes(self, local: Mapping[str, Node]) -> NamedNodes:
        """Return the nodes in the order of the file; their types are called after what they hold."""
        faults = Faults(self.file)
        table = read_columns(self.path, faults, ("sn", "cpu_milli", "memory_mib", "gpu", "model"), None)
        _check_names(table, "sn")
        counts = {
            column: table.numbers(column, minimum=1.0, whole=True).tolist()
            for column in ("cpu_milli", "memory_mib", "gpu")
        }
        for row, model in enumerate(table.text["model"]):
            if model not in self.models:
                allowed = ", ".join(self.models)
                faults.add(
                    table.line[row], "model", f"'{model}' has no node type; 'models' of this fleet names {allowed}"
                )
        faults.raise_if_any()
        types: dict[str, Node] = {}
        nodes: list[NamedNode] = []
        for row, (model, cpu_milli, memory_mib, gpus) in enumerate(
            zip(table.text["model"], counts["cpu_milli"], counts["memory_mib"], counts["gpu"], strict=True)
        ):
            name = f"{model}-{gpus:.0f}x-{cpu_milli / 1000:g}c-{memory_mib / 1024:g}GiB"
            if name not in types:
                template = _typed(self.models[model], local)
                types[name] = _resized(template, model, int(gpus), int(cpu_milli) // 1000, memory_mib * 1024.0**2)
            nodes.append(NamedNode(table.text["sn"][row], name, f"rack-{row // self.nodes_per_rack}"))
        return NamedNodes(tuple(nodes), types)


if TYPE_CHECKING:
    AnyFleet = Fleet
else:
    AnyFleet = selected({"groups": Groups, "table": NodeTable, "alibaba-gpu-2023": AlibabaNodes}, default="groups")


def _typed(name: str, local: Mapping[str, Node]) -> Node:
    return local[name] if name in local else entry("nodes", name)


def _resized(template: Node, accelerator: str, accelerators: int, cpu_cores: int, memory_b: float) -> Node:
    """Return a node like `template` with other contents; its power is that of its parts."""
    parts = tuple(
        part.model_copy(update={"count": accelerators}) if part.follows == "accelerator" else part
        for part in template.power.parts
    )
    return template.model_copy(
        update={
            "accelerator": OtherAccelerator(name=accelerator),
            "accelerators": accelerators,
            "cpu_cores": cpu_cores,
            "memory": Sourced[float].model_construct(value=memory_b),
            "power": template.power.model_copy(update={"parts": parts}),
            "rated_power": None,
            "provisioned_power": None,
        }
    )


def _check_names(table: Columns, column: str) -> None:
    seen: dict[str, int] = {}
    for row, name in enumerate(table.text[column]):
        line = table.line[row]
        if not name:
            table.faults.add(line, column, "is empty; every node has a name")
        elif name in seen:
            table.faults.add(line, column, f"'{name}' is given twice, first in line {seen[name]}")
        seen.setdefault(name, line)
