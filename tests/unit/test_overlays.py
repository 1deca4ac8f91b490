"""How a scenario's tree is put together: extends, overrides, scenarios, --set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from simulator.scenario import overlays
from simulator.scenario.document import Node, read_text
from simulator.scenario.overlays import Overlaid, assigned, merge, read_chain


def tree(text: str, name: str = "x.yaml") -> Node:
    """The tree of a YAML text."""
    return read_text(text, name)[0]


def overlaid(folder: Path, text: str, **options: Any) -> Overlaid:
    """The tree of a file with this text, overlays applied."""
    path = folder / "hall.yaml"
    path.write_text(text)
    return overlays.overlaid(read_chain(path), **options)


def told(result: Overlaid, folder: Path) -> list[str]:
    """The problems, without the folder."""
    return [str(problem).replace(f"{folder}/", "") for problem in result.problems]


def test_mappings_merge_and_lists_and_scalars_replace() -> None:
    merged = merge(tree("{a: {b: 1, c: 2}, d: [1, 2], e: 1}"), tree("{a: {c: 3}, d: [4], f: 5}"))
    assert merged.plain() == {"a": {"b": 1, "c": 3}, "d": [4], "e": 1, "f": 5}


def test_another_kind_replaces_its_section() -> None:
    under = tree("{workload: {kind: swf, file: a.swf}}")
    assert merge(under, tree("{workload: {kind: list, jobs: []}}")).plain() == {
        "workload": {"kind": "list", "jobs": []}
    }
    assert merge(under, tree("{workload: {kind: swf, until: 1 d}}")).plain() == {
        "workload": {"kind": "swf", "file": "a.swf", "until": "1 d"}
    }


def test_a_fleet_without_kind_is_of_groups() -> None:
    under = tree("{fleet: {groups: [1]}}")
    assert merge(under, tree("{fleet: {kind: table, file: n.csv}}")).plain() == {
        "fleet": {"kind": "table", "file": "n.csv"}
    }
    assert merge(under, tree("{fleet: {kind: groups}}")).plain() == {"fleet": {"groups": [1], "kind": "groups"}}


def test_a_merged_value_keeps_the_place_it_came_from() -> None:
    merged = merge(tree("a:\n  b: 1\n  c: 2\n", "base.yaml"), tree("a:\n  c: 3\n", "over.yaml"))
    places = [getattr(merged.find("a", key), "where", None) for key in ("b", "c")]
    assert places == ["base.yaml:2:3", "over.yaml:2:3"]


def test_extends_reads_the_file_beside(tmp_path: Path) -> None:
    (tmp_path / "bases").mkdir()
    (tmp_path / "root.yaml").write_text("seed: 1\nname: root\n")
    (tmp_path / "bases" / "base.yaml").write_text("extends: ../root.yaml\nseed: 2\n")
    result = overlaid(tmp_path, "extends: bases/base.yaml\nuntil: 1 d\n")
    assert result.root.plain() == {"name": "root", "seed": 2, "until": "1 d"}
    files = [str(Path(document.file).relative_to(tmp_path)) for document in result.documents]
    assert files == ["hall.yaml", "bases/base.yaml", "root.yaml"]


def test_a_file_can_not_extend_itself(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: hall.yaml\n")
    with pytest.raises(InputError) as caught:
        overlaid(tmp_path, "extends: a.yaml\n")
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "a.yaml:1:1: extends: 'hall.yaml' extends 'a.yaml' extends 'hall.yaml': a file can not extend itself"
    )


def test_a_missing_base_is_told_where_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"hall.yaml:2:1: there is no file '.*no.yaml'"):
        overlaid(tmp_path, "seed: 1\nextends: no.yaml\n")


def test_extends_takes_one_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="extends: is a list; allowed: one file name"):
        overlaid(tmp_path, "extends: [a.yaml]\n")


OVERRIDES = """\
seed: 0
overrides:
  cold: {site: {weather: {kind: constant}}}
  lucky: {seed: 7}
  other: {seed: 8}
scenarios:
  winter: [cold, lucky]
"""


def test_a_scenario_applies_its_overrides_in_order(tmp_path: Path) -> None:
    assert overlaid(tmp_path, OVERRIDES).root.plain() == {"seed": 0}
    assert overlaid(tmp_path, OVERRIDES, scenario="winter").root.plain() == {
        "seed": 7,
        "site": {"weather": {"kind": "constant"}},
    }


def test_further_overrides_and_sets_come_after_the_scenario(tmp_path: Path) -> None:
    assert overlaid(tmp_path, OVERRIDES, scenario="winter", overrides=["other"]).root.plain()["seed"] == 8
    result = overlaid(tmp_path, OVERRIDES, scenario="winter", overrides=["other"], sets=["seed=9"])
    assert result.root.plain()["seed"] == 9
    assert result.scenarios == ("winter",)


def test_an_unknown_scenario_or_override_names_the_nearest(tmp_path: Path) -> None:
    assert told(overlaid(tmp_path, OVERRIDES, scenario="wintr", overrides=["luky"]), tmp_path) == [
        "--scenario: 'wintr' is not one of the scenarios of this file; allowed: winter; nearest: 'winter'",
        "--override: 'luky' is not one of the overrides of this file; allowed: cold, lucky, other; nearest: 'lucky'",
    ]


def test_malformed_overlays_are_told_together(tmp_path: Path) -> None:
    text = "overrides:\n  a: 3\n  b: {extends: x.yaml}\nscenarios:\n  s: [a, c]\n  t: a\n"
    assert told(overlaid(tmp_path, text), tmp_path) == [
        "hall.yaml:2:3: overrides.a: is 3; allowed: a mapping of the sections that it changes",
        "hall.yaml:3:7: overrides.b.extends: an override can not hold 'extends'",
        "hall.yaml:5:10: scenarios.s[1]: 'c' is not an override; allowed: a, b",
        "hall.yaml:6:3: scenarios.t: is 'a'; allowed: a list of overrides",
    ]


def test_overlays_that_are_no_mappings_are_refused(tmp_path: Path) -> None:
    assert told(overlaid(tmp_path, "overrides: [1]\nscenarios: x\n"), tmp_path) == [
        "hall.yaml:1:1: overrides: is a list; allowed: names with the keys that each changes",
        "hall.yaml:2:1: scenarios: is 'x'; allowed: names with a list of overrides each",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=8 kW", {"a": {"b": "8 kW", "c": [{"d": 1}]}}),
        ("a.c[0].d=2", {"a": {"b": 1, "c": [{"d": 2}]}}),
        ("a.c[0]=x", {"a": {"b": 1, "c": ["x"]}}),
        ("a.c=[]", {"a": {"b": 1, "c": []}}),
        ("a.b=", {"a": {"b": None, "c": [{"d": 1}]}}),
        ("x.y=true", {"a": {"b": 1, "c": [{"d": 1}]}, "x": {"y": True}}),
        ("a.kind=swf", {"a": {"kind": "swf"}}),
        ("a.b=c=d", {"a": {"b": "c=d", "c": [{"d": 1}]}}),
    ],
)
def test_set_puts_a_yaml_value_at_a_path(text: str, expected: Any) -> None:
    assert assigned(tree("{a: {b: 1, c: [{d: 1}]}}"), text).plain() == expected


@pytest.mark.parametrize(
    ("text", "told_at"),
    [
        ("a", "--set a: is no assignment; write it like fleet.groups[0].count=8"),
        ("=3", "--set =3: is no assignment; write it like fleet.groups[0].count=8"),
        ("a.c[1]=3", "--set a.c[1]: 'a.c' has no entry 1; allowed: 0 to 0"),
        ("a.c.d=3", "--set a.c.d: 'a.c' is a list, not a mapping"),
        ("a[0]=3", "--set a[0]: 'a' is a mapping, not a list"),
        ("a.b.x=3", "--set a.b.x: 'a.b' is 1, not a mapping"),
        ("a.b=.nan", "--set a.b: '.nan' is not a finite number"),
        (
            "a.b=[1",
            "--set a.b: is not YAML: while parsing a flow sequence: expected ',' or ']', but got '<stream end>'",
        ),
    ],
)
def test_a_set_that_leads_nowhere_is_told_by_its_path(text: str, told_at: str) -> None:
    with pytest.raises(InputError) as caught:
        assigned(tree("{a: {b: 1, c: [{d: 1}]}}"), text)
    assert str(caught.value) == told_at


def test_endless_nesting_by_set_is_refused() -> None:
    with pytest.raises(InputError, match="is nested deeper than 64 levels"):
        assigned(tree("{}"), "a." * 5000 + "a=1")


def test_a_base_is_named_by_a_file_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="allowed: one file name"):
        overlaid(tmp_path, 'extends: "a\\0b"\n')


def test_a_simulated_building_replaces_a_stated_pue() -> None:
    under = tree("{facility: {pue: 1.3}}")
    over = tree("{facility: {cooling: {air: {kind: crah}}}}")
    assert merge(under, over).plain() == over.plain()
    assert merge(over, under).plain() == under.plain()
    assert merge(over, tree("{facility: {lighting: 1 kW}}")).plain() == {
        "facility": {"cooling": {"air": {"kind": "crah"}}, "lighting": "1 kW"}
    }
