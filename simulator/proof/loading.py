"""A scenario that was made, loaded and written as if a person had."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models.data_file import DataFolders
from models.problems import InputError

from ..scenario.document import Node, is_text
from ..scenario.loading import LoadedScenario
from ..scenario.names import ScenarioContext
from ..scenario.refusals import problems_of
from ..scenario.scenario import Scenario


def loaded_tree(tree: Mapping[str, Any], folder: Path, data_root: Path | None = None) -> LoadedScenario:
    """Return the scenario of a plain tree, whose files are looked for as those of a scenario in `folder` are.

    Raises InputError with every problem found.
    """
    name = str(tree["name"])
    text = scenario_text(tree)
    root = _node(tree, name)
    folders = DataFolders.of(folder, data_root)
    groups = frozenset(str(group["name"]) for group in tree["fleet"]["groups"])
    context = ScenarioContext(folders.scenario_folder, folders.data_root, frozenset(tree.get("nodes", {})), groups)
    try:
        scenario = Scenario.model_validate(tree, context=context)
    except ValidationError as error:
        raise InputError(problems_of(error, root, Scenario)) from None
    digest = hashlib.sha256(text.encode()).hexdigest()
    return LoadedScenario(scenario, folder / file_name(name), {file_name(name): digest}, (), root)


def scenario_text(tree: Mapping[str, Any]) -> str:
    """Return a plain tree as YAML, which the usual loader reads back as it was."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = None
    writer.width = 120
    stream = io.StringIO()
    writer.dump(_plain(tree), stream)
    return stream.getvalue()


def write_scenario(tree: Mapping[str, Any], folder: Path) -> Path:
    """Write a scenario into a folder, to be run with `datahall run`, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(str(tree["name"]))
    path.write_text(scenario_text(tree), encoding="utf-8")
    return path


def file_name(name: str) -> str:
    """Return the name of a scenario's file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") + ".yaml"


def _node(value: object, where: str) -> Node:
    if isinstance(value, Mapping):
        return Node({str(key): _node(child, where) for key, child in value.items()}, where)
    if isinstance(value, list | tuple):
        return Node([_node(child, where) for child in value], where)
    assert value is None or isinstance(value, str | float | int | bool)
    return Node(value, where)


def _plain(value: Any) -> Any:
    """Return a tree with those texts in quotes that would be read as something else without."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, Mapping):
        return {str(key): _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) and not is_text(value) else value
