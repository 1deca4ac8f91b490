"""What every figure has in common: how it is shown and saved, its style, and colours that all can tell apart."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

# M. Okabe, K. Ito: Color Universal Design, 2008.
BLUE, VERMILION, GREEN, BLACK = "#0072B2", "#D55E00", "#009E73", "#000000"
SERIES = (BLUE, VERMILION, GREEN, "#CC79A7", "#E69F00", "#56B4E9", BLACK)
DASHES = ("-", "--", "-.", ":")
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
}


class Picture(Figure):
    """A figure that Jupyter shows without pyplot, and thus without a window system or global state."""

    def _repr_png_(self) -> bytes:
        written = io.BytesIO()
        self.savefig(written, format="png")
        return written.getvalue()


def picture(width_in: float, height_in: float) -> Picture:
    """Return an empty figure of a width and a height [inches]."""
    return Picture(figsize=(width_in, height_in), dpi=110, layout="constrained")
