"""The contract of an operation: one kind of kernel, its shape, its work, and the closed form of its time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .estimate import FloatArray

Shape = Mapping[str, FloatArray]
"""One array for each of an operation's columns, all of one length."""


class Work(NamedTuple):
    """What a kernel has to do, whatever it runs on."""

    flop: FloatArray
    """Multiplications and additions [FLOP]."""
    traffic_b: FloatArray
    """Least bytes that must pass between the chip and its memory, or over each rank's links [B]."""


class Rates(NamedTuple):
    """What an accelerator's datasheet says of the rates that bound a kernel."""

    compute_flop_per_s: float
    """Peak dense rate in the kernel's number format [FLOP/s]."""
    bandwidth_b_per_s: float
    """Peak rate of the memory, or of the links for a collective [B/s]."""
    multiprocessors: int = 0
    """Multiprocessors that tiles are dealt to, which makes waves of them; 0 where it is not known."""


class Axis(NamedTuple):
    """One axis of a residual table: a feature of the shape, and its knots."""

    name: str
    """The feature, in log2 unless it is a class."""
    knots: tuple[float, ...]
    """Where the table holds values, rising."""
    continuous: bool = True
    """Whether the knots of a fit end where its measurements do; no for classes, which lie each at a knot of its own."""


class Operation(ABC):
    """One kind of kernel. To add one is to write one module of `models.calibration.operations`."""

    name: ClassVar[str]
    """Name in fitted and measured files."""
    columns: ClassVar[tuple[str, ...]]
    """Columns of the shape."""
    family: ClassVar[tuple[str, ...]]
    """Columns that are held out together: rows that share them are repetitions of one shape, not new ones."""
    axes: ClassVar[tuple[Axis, ...]] = ()
    """Axes of the residual table; none where the closed form is enough."""
    smoothness: ClassVar[float | tuple[float, ...]] = 1.0
    """Weight of a squared second difference of the residual table, in rows; one number or one an axis."""
    bridged_cells: ClassVar[int | tuple[int, ...]] = 0
    """Cells without a measurement, in a row along an axis between cells with one, that count as measured: where
    messages are measured at powers of two, one that was left out lies between its neighbours. One number or one an
    axis."""
    work_is_least: ClassVar[bool] = False
    """Whether no kernel does with less than `work` at the datasheet's rates; no where sums are made in the switches,
    where the load of the busiest rank is an assumption, or where what is moved hangs on the implementation."""
    datasheet_parameters: ClassVar[Mapping[str, float]]
    """Parameters of the closed form where nothing was measured: assumption, medians over the GPUs that were."""

    @abstractmethod
    def work(self, shape: Shape, dtype: str) -> Work:
        """Return what kernels of these shapes have to do in a number format."""

    @abstractmethod
    def closed_form_s(self, shape: Shape, dtype: str, rates: Rates, parameters: Mapping[str, float]) -> FloatArray:
        """Return the time by the closed form [s]."""

    def assumed_parameters(self, dtype: str) -> Mapping[str, float]:
        """Return `datasheet_parameters`, or those of a number format where they are known to differ."""
        return self.datasheet_parameters

    def fitted_parameters(self, framework: str) -> Mapping[str, float]:
        """Return what is fitted for a framework and where the fit starts: `datasheet_parameters`, and those of kernels
        that this framework alone runs, which the closed form leaves out where they are not given."""
        return self.datasheet_parameters

    def features(self, shape: Shape) -> FloatArray:
        """Return the coordinates of shapes on the axes, one row a shape."""
        return np.empty((len(next(iter(shape.values()))), 0))

    def promised(self, shape: Shape) -> NDArray[np.bool_]:
        """Return which shapes are those of large models, for which errors are promised: by default all."""
        return np.ones(len(next(iter(shape.values()))), dtype=bool)

    def coordinates(self, shape: Shape, rates: Rates) -> FloatArray:
        """Return `features`, or what becomes of them on an accelerator where they hang on how it is built."""
        return self.features(shape)
