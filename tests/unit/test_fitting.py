"""Fitting an operation: parameters are found again, and errors are those of families that were not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.calibration.estimate import Basis
from models.calibration.fitted_kernel import GREATEST_CACHE_B
from models.calibration.fitting import Origin, errors, fit_closed_form, fit_kernel, is_held_out, shape_of
from models.calibration.operation import Rates
from models.calibration.operations.elementwise import Elementwise
from models.calibration.operations.gemm import Gemm
from models.calibration.operations.prefill_attention import PrefillAttention

RATES = Rates(1e15, 3e12)
ORIGIN = Origin("made-up", "bf16", "this test", "none")


def _rows(truth: dict[str, float]) -> pd.DataFrame:
    sizes = 2.0 ** np.arange(5, 15)
    m, n, k = (axis.ravel() for axis in np.meshgrid(sizes, sizes, sizes))
    rows = pd.DataFrame({"m": m, "n": n, "k": k})
    rows["time_s"] = Gemm().closed_form_s(shape_of(Gemm(), rows), "bf16", RATES, truth)
    return rows


def test_whole_families_are_held_out_about_a_quarter_of_them() -> None:
    rows = _rows(dict(Gemm.datasheet_parameters))
    held = is_held_out(Gemm(), rows)
    assert rows.assign(held=held).groupby(["n", "k"])["held"].nunique().max() == 1
    assert 0.15 < held.mean() < 0.35


def test_which_families_are_held_out_hangs_on_nothing_but_themselves() -> None:
    rows = _rows(dict(Gemm.datasheet_parameters))
    half = rows[rows["m"] > 100.0].sample(frac=1.0, random_state=1)
    assert is_held_out(Gemm(), half).tolist() == is_held_out(Gemm(), rows)[half.index].tolist()


def test_parameters_are_found_again_from_their_own_times() -> None:
    truth = {name: value * 1.2 for name, value in Elementwise.datasheet_parameters.items()}
    traffic_b = 2.0 ** np.arange(8, 34, 0.125)
    shape = {"traffic_b": traffic_b}
    found = fit_closed_form(
        Elementwise(), shape, "bf16", RATES, Elementwise().closed_form_s(shape, "bf16", RATES, truth)
    )
    assert found == pytest.approx(truth, rel=1e-3)


def test_errors_are_those_of_the_shapes_that_are_promised_and_of_all() -> None:
    rows = _rows(dict(Gemm.datasheet_parameters))
    kernel = fit_kernel(Gemm(), rows, RATES, ORIGIN)
    held = is_held_out(Gemm(), rows)
    large = (rows["n"] >= 1024) & (rows["k"] >= 1024)
    assert kernel.held_out is not None
    assert kernel.held_out_anywhere is not None
    assert kernel.held_out.rows == int((held & large).sum())
    assert kernel.held_out_anywhere.rows == int(held.sum())


def test_a_shape_beyond_what_was_measured_is_extrapolated_and_counted() -> None:
    rows = _rows(dict(Gemm.datasheet_parameters))
    kernel = fit_kernel(Gemm(), rows[rows["m"] <= 1024.0], RATES, ORIGIN)
    beyond = rows[rows["m"] > 1024.0]
    _, basis = kernel.predict(Gemm(), shape_of(Gemm(), beyond), RATES)
    assert (basis == Basis.EXTRAPOLATED).all()
    assert errors(kernel, Gemm(), beyond, RATES).fallback_share == pytest.approx(1.0)


def test_a_parameter_that_the_rows_say_nothing_of_stays_as_assumed() -> None:
    attention, tokens = PrefillAttention(), 2.0 ** np.arange(4, 15, 0.05)
    truth = {name: value * 1.2 for name, value in PrefillAttention.datasheet_parameters.items()}
    heads = {"batch": 1.0, "heads": 32.0, "key_value_heads": 8.0, "head_dim": 128.0, "window": 0.0}
    shape = {"tokens": tokens} | {name: np.full_like(tokens, value) for name, value in heads.items()}
    found = fit_closed_form(attention, shape, "bf16", RATES, attention.closed_form_s(shape, "bf16", RATES, truth))
    assert found["tile"] == pytest.approx(PrefillAttention.datasheet_parameters["tile"]), "no window ever bound"


def test_a_fit_that_is_too_fast_is_held_to_the_rates_beyond_what_caches_hold() -> None:
    rows = pd.DataFrame({"traffic_b": 10.0 ** np.arange(4.0, 9.0)})
    rows["time_s"] = 1e-6 + rows["traffic_b"] / 30e12  # Ten times the memory's rate.
    kernel = replace(fit_kernel(Elementwise(), rows, RATES, ORIGIN), table=None)
    time_s, _ = kernel.predict(Elementwise(), {"traffic_b": np.array([1e8, 1e12])}, RATES)
    assert time_s[0] < 1e8 / 3e12
    assert time_s[1] == pytest.approx((1e12 - GREATEST_CACHE_B) / 3e12)
