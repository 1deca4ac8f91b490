"""Whatever a quantity is, writing it and reading it back gives the same float."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.units import DIMENSIONS


@pytest.mark.parametrize("name", sorted(DIMENSIONS))
@given(data=st.data())
def test_a_written_quantity_reads_back_as_the_same_float(name: str, data: st.DataObject) -> None:
    dimension = DIMENSIONS[name]
    value_si = data.draw(st.floats(min_value=max(dimension.minimum, -1e308), allow_nan=False, allow_infinity=False))
    text = dimension.write(value_si)
    assert dimension.parse(text) == value_si


@pytest.mark.parametrize("name", sorted(DIMENSIONS))
@given(data=st.data())
def test_rewriting_what_a_person_wrote_changes_nothing(name: str, data: st.DataObject) -> None:
    dimension = DIMENSIONS[name]
    number = data.draw(st.decimals(min_value=0, max_value=10**6, places=3))
    symbol = data.draw(st.sampled_from(sorted(dimension.units)))
    value_si = dimension.parse(f"{number} {symbol}")
    assert dimension.parse(dimension.write(value_si)) == value_si
