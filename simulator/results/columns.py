"""Columns of tables, made of arrays' own memory.

pyarrow's `array` would import pandas for that, which takes longer than a small run and 50 MB.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_MOST_BYTES = 2**31 - 1


def numbers(values: NDArray[np.generic], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return a column of numbers or truths, shape (n,); null where `missing`.

    It may share the array's memory, which must not change any more.
    """
    kind = pa.from_numpy_dtype(values.dtype)
    packed = _bits(values) if values.dtype == np.bool_ else pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values), [_validity(missing), packed])


def numbers_or_null(values: NDArray[np.float64]) -> pa.Array:
    """Return a column of numbers, null where NaN."""
    return numbers(values, np.isnan(values))


def instants(us_utc: NDArray[np.int64], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return a column of instants from microseconds of Unix time; null where `missing`."""
    return pa.Array.from_buffers(pa.timestamp("us", "UTC"), len(us_utc), [_validity(missing), pa.py_buffer(us_utc)])


def texts(values: Sequence[str]) -> pa.Array:
    """Return a column of texts."""
    encoded = [value.encode() for value in values]
    data = b"".join(encoded)
    kind, offset = (pa.string(), np.int32) if len(data) <= _MOST_BYTES else (pa.large_string(), np.int64)
    ends = np.zeros(len(encoded) + 1, offset)
    np.cumsum(np.fromiter(map(len, encoded), offset, len(encoded)), out=ends[1:])
    return pa.Array.from_buffers(kind, len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(data)])


def coded(codes: NDArray[np.integer], meanings: Sequence[str]) -> pa.Array:
    """Return a column of texts from indices into a list; a negative index is a missing text."""
    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int32), codes < 0), texts(meanings))


def _validity(missing: NDArray[np.bool_] | None) -> pa.Buffer | None:
    return None if missing is None or not missing.any() else _bits(~missing)


def _bits(truths: NDArray[np.generic]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(truths.astype(np.bool_), bitorder="little"))
