"""Columns that share arrays' memory."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from simulator.results.columns import coded, instants, numbers, numbers_or_null, texts


@pytest.mark.parametrize("kind", [np.float64, np.int64, np.int32, np.int8])
def test_numbers_are_what_pyarrow_makes_of_them(kind: type[np.generic]) -> None:
    values = np.arange(11).astype(kind)
    missing = values % 3 == 0
    assert numbers(values).equals(pa.array(values))
    assert numbers(values, missing).equals(pa.array(values, mask=missing))
    assert numbers(values[::2]).equals(pa.array(values[::2].copy()))
    assert numbers(values[:0]).equals(pa.array(values[:0]))


def test_truths_are_packed_into_bits() -> None:
    truths = np.array([True, False, False, True, True, False, True, False, True, True])
    assert numbers(truths).to_pylist() == truths.tolist()
    assert numbers(truths[::3], np.array([False, True, False, False])).to_pylist() == [True, None, True, True]


def test_nan_is_null_and_nothing_else_is() -> None:
    column = numbers_or_null(np.array([1.0, np.nan, np.inf]))
    assert column.to_pylist() == [1.0, None, np.inf]
    assert column.null_count == 1


def test_texts_keep_every_character() -> None:
    given = ["", "node-1", "Köln", "北京", "x" * 1000]
    column = texts(given)
    column.validate(full=True)
    assert column.to_pylist() == given
    assert texts([]).to_pylist() == []


def test_codes_mean_texts_and_negative_ones_nothing() -> None:
    column = coded(np.array([1, -1, 0, 1]), ["running", "ended"])
    column.validate(full=True)
    assert column.to_pylist() == ["ended", None, "running", "ended"]


def test_instants_count_from_1970_in_utc() -> None:
    column = instants(np.array([0, 1_500_000], dtype=np.int64))
    assert str(column[1].as_py()) == "1970-01-01 00:00:01.500000+00:00"


def test_tables_are_made_without_pandas() -> None:
    code = (
        "import sys, numpy as np;"
        "from simulator.results.columns import texts; from simulator.results.tables import table;"
        "table({'job': texts(['a']), 'submit_s': np.zeros(1)});"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
