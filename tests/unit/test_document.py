"""YAML files as trees that know their lines: what is read, and what is refused where."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from simulator.scenario.document import DEEPEST_LEVEL, LARGEST_FILE_B, MOST_VALUES, is_text, read_document, read_text


def written(folder: Path, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / "hall.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(folder: Path, content: str | bytes) -> str:
    """What a person is told, without the folder."""
    path = written(folder, content)
    with pytest.raises(InputError) as caught:
        read_document(path)
    return str(caught.value).replace(f"{folder}/", "")


def test_values_keep_the_place_of_their_key(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\nb:\n  - c: x\n    d: y\n")
    root = read_document(path).root
    assert root.plain() == {"a": 1, "b": [{"c": "x", "d": "y"}]}
    assert [
        getattr(root.find(*at), "where", None) for at in (("a",), ("b", 0), ("b", 0, "d"), ("b", 1), ("a", "x"))
    ] == [
        f"{path}:1:1",
        f"{path}:3:5",
        f"{path}:4:5",
        None,
        None,
    ]


def test_plain_scalars_follow_yaml_1_2(tmp_path: Path) -> None:
    text = "[1_000, 0x1F, 0o17, 1.5e3, .5, yes, 'true', true, ~, 2023-01-01, '', 12:30, \"3\"]"
    expected = [1000, 31, 15, 1500.0, 0.5, "yes", "true", True, None, "2023-01-01", "", "12:30", "3"]
    assert read_document(written(tmp_path, f"a: {text}")).root.plain() == {"a": expected}


@pytest.mark.parametrize("text", ["1e5", "0x1F", "true", "~", "", ".inf", "1_0"])
def test_a_text_that_looks_like_another_value_needs_quotes(text: str) -> None:
    assert not is_text(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no.yaml: there is no file '.*no.yaml'"):
        read_document(tmp_path / "no.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can not be read: Is a directory"):
        read_document(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "hall.yaml: is empty; a scenario is a mapping of sections"),
        ("- 1\n", "hall.yaml:1:1: is a list; a scenario is a mapping of sections"),
        ("just words", "hall.yaml:1:1: is 'just words'; a scenario is a mapping of sections"),
        (b"a: 1\nb: \xff\n", "hall.yaml:2:4: is not UTF-8 text"),
        (
            "a: [1, 2\nb: 3\n",
            "hall.yaml:2:2: is not YAML: while parsing a flow sequence: expected ',' or ']', but got ':'",
        ),
        ("a: 'x\n", "hall.yaml:2:1: is not YAML: while scanning a quoted scalar: found unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", "hall.yaml:2:1: starts a second document; one is read"),
        ("? {a: 1}\n: 2\n", "hall.yaml:1:3: a key must be a plain name"),
        ("a: *b\n", "hall.yaml:1:4: a: '*b' names no value given before it"),
        ("a: &b [*b]\n", "hall.yaml:1:8: a[0]: '*b' names no value given before it"),
        ("a: \x01\n", "hall.yaml:1: holds a control character (code 1); allowed: printable text"),
    ],
)
def test_a_file_that_can_not_be_read_says_where(tmp_path: Path, content: str | bytes, told: str) -> None:
    assert refusal(tmp_path, content) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "plan:\n  skus:\n      a: 1\n    b: 2\n",
            "4:5: is not YAML: indented by 4 spaces, lines above it by 2 or 6",
        ),
        ("a: 1\n  b: 2\n", "2:4: is not YAML: indented by 2 spaces, and line 1 above it, which has its value, by 0"),
        ("a:\n    - b: 1\n   - c: 2\n", "3:4: is not YAML: indented by 3 spaces, lines above it by 0 or 4"),
        ("a:\n  - b: 1\n   # a note\n   c: 2\n", "4:4: is not YAML: indented by 3 spaces, lines above it by 2 or 4"),
        ("a: 1: 2\n", "1:5: is not YAML: mapping values are not allowed here"),
    ],
)
def test_a_line_out_of_line_is_told_with_those_above_it(tmp_path: Path, content: str, told: str) -> None:
    assert refusal(tmp_path, content) == f"hall.yaml:{told}"


def test_a_tab_is_answered_with_spaces(tmp_path: Path) -> None:
    told = refusal(tmp_path, "a:\n\tb: 1\n")
    assert told.startswith("hall.yaml:2:1: is not YAML")
    assert told.endswith("indent with spaces, not tabs")


def test_a_yaml_bomb_is_refused_without_expanding_it(tmp_path: Path) -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    told = refusal(tmp_path, "\n".join(lines))
    assert f"stands for more than {MOST_VALUES} values, aliases counted" in told
    assert told.startswith("hall.yaml:6:")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert f"is larger than {LARGEST_FILE_B} bytes" in refusal(tmp_path, "a: " + "x" * LARGEST_FILE_B)


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_endless_nesting_is_refused(tmp_path: Path, opening: str) -> None:
    assert f"is nested deeper than {DEEPEST_LEVEL} levels" in refusal(tmp_path, "a: " + opening * 5000)


def test_an_alias_is_read_as_what_it_names(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, "a: &x {b: 1}\nc: *x\n")).root.plain() == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.inf", "+.INF", "1e999", "9" * 400])
def test_nan_and_infinity_are_refused_where_they_stand(tmp_path: Path, text: str) -> None:
    problems = read_document(written(tmp_path, f"a: 1\nb:\n  c: {text}\n")).problems
    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in problems] == [
        f"hall.yaml:3:6: b.c: '{text[:40]}' is not a finite number"
    ]


def test_faults_that_let_the_file_be_read_are_all_told(tmp_path: Path) -> None:
    problems = read_document(written(tmp_path, "a: 1\na: 2\nb: !!python/name:os.system x\n")).problems
    assert [str(problem).removeprefix(f"{tmp_path}/").replace(f"{tmp_path}/", "") for problem in problems] == [
        "hall.yaml:2:1: a: is given twice; first at hall.yaml:1:1",
        "hall.yaml:3:4: b: the tag 'tag:yaml.org,2002:python/name:os.system' is not read; give a plain value",
    ]


def test_a_text_without_positions_is_named_only() -> None:
    node, problems = read_text("[1, .nan]", "--set a", positions=False)
    assert node.plain() == [1, None]
    assert str(problems[0]) == "--set a: [1]: '.nan' is not a finite number"


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'a: "\\ud800"\n') == "hall.yaml:1:4: holds half a character (a lone surrogate)"
