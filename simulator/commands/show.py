"""`datahall show`: what a scenario says once everything is resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ..terminal.options import scenario_options

if TYPE_CHECKING:
    from models.facility import Facility

    from ..scenario.loading import LoadedScenario


@click.command("show")
@scenario_options
@click.option("--resolved", is_flag=True, help="Print the whole scenario as YAML, every default written out.")
def command(load: Callable[..., LoadedScenario], resolved: bool) -> None:
    """Print what a scenario says, everything applied."""
    from ..scenario.loading import resolved_yaml

    loaded = load()
    click.echo(resolved_yaml(loaded) if resolved else outline(loaded), nl=not resolved)


def outline(loaded: LoadedScenario) -> str:
    """Return a scenario in a few lines: what it is for, its sections' kinds, its variants and files."""
    scenario, tree = loaded.scenario, loaded.tree
    kinds = {
        section: tree[section]["kind"]
        for section in ("fleet", "workload", "scheduling", "placement")
        if "kind" in tree[section]
    }
    kinds |= _facility(scenario.facility, tree["facility"])
    for part, given in tree.get("site", {}).items():
        if isinstance(given, Mapping) and "kind" in given:
            kinds[f"site.{part}"] = given["kind"]
    kinds = {"start": tree["start"], "until": tree.get("until", "the last job ends"), **kinds}
    lines = [f"{scenario.name}: {scenario.description or 'no description'}"]
    lines += [f"  {section:<16}{kind}" for section, kind in kinds.items()]
    listed = {
        "named scenarios": loaded.named,
        "scenario files": loaded.files,
        "data files": [str(path) for path in loaded.data_files()],
    }
    lines += [f"  {what:<16}{', '.join(names)}" for what, names in listed.items() if names]
    return "\n".join(lines)


def _facility(facility: Facility, tree: Mapping[str, Any]) -> dict[str, str]:
    """Return a building in a few words: its PUE where that is stated, else what cools it and its power chain."""
    if "cooling" not in tree:
        return {"facility": f"PUE of {tree['pue']:g}, stated"}
    air, liquid = tree["cooling"]["air"], tree["cooling"].get("liquid")
    cooling = f"air by {air['kind']}{_plant(air)}"
    if liquid is not None:
        cooling += f"; {liquid['captured']:.0%} of the heat into a coolant{_plant(liquid)}"
    stages = ", ".join(f"{name} {stage.redundancy}" for name, stage in facility.power_chain.stages())
    return {"cooling": cooling, "power chain": stages or "none"}


def _plant(path: Mapping[str, Any]) -> str:
    return f", plant {path['plant']['kind']}" if "plant" in path else ""
