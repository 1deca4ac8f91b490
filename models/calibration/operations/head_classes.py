"""Classes of attention heads: kernels are written for one width of head, and differ with a window and without."""

from __future__ import annotations

import numpy as np

from ..estimate import FloatArray
from ..operation import Axis

LONG_WINDOW = 4096
"""Windows from this on are a class of their own [tokens]: assumption, between the 1024 and the 8192 that were timed."""

_WHOLE, _SHORT, _LONG = range(3)
_WIDTHS = np.array([64.0, 128.0, 192.0, 256.0, 512.0])
_CLASSES = (
    (64, _WHOLE), (64, _SHORT), (128, _WHOLE), (128, _SHORT), (128, _LONG), (256, _WHOLE), (256, _SHORT),
    (512, _WHOLE), (192, _WHOLE), (192, _SHORT),
)  # fmt: skip
_INDEX = np.full((len(_WIDTHS), 3), np.nan)
for _index, (_width, _kind) in enumerate(_CLASSES):
    _INDEX[np.searchsorted(_WIDTHS, _width), _kind] = _index

CLASS_AXIS = Axis("head_class", tuple(float(index) for index in range(len(_CLASSES))), continuous=False)
"""One knot a class. A class lies in the cell above its knot, and the last two, which are always timed together, share
one: so a class without measurements has a cell without measurements."""


def head_class(head_dim: FloatArray, window: FloatArray, attended: FloatArray) -> FloatArray:
    """Return the class of heads `head_dim` wide where `attended` tokens lie before a window, NaN where there is none.

    A window (0: none) makes a class even while it holds all tokens: FlashAttention-2 no longer packs the heads of a
    group then. Where heads of that width were not timed with such a window, one that holds all tokens is none.
    """
    width = np.minimum(np.searchsorted(_WIDTHS, head_dim), len(_WIDTHS) - 1)
    kind = np.where(window > 0, np.where(window >= LONG_WINDOW, _LONG, _SHORT), _WHOLE)
    kind = np.where(np.isnan(_INDEX[width, kind]) & (window >= attended), _WHOLE, kind)
    return np.where(_WIDTHS[width] == head_dim, _INDEX[width, kind], np.nan)
