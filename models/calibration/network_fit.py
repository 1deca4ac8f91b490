"""Fit the traffic between scale-up domains to what was measured between nodes, and keep the fit."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML
from scipy.optimize import least_squares

from ..whole_file import write_whole
from .estimate import FloatArray
from .fitting import is_held_out
from .network import MeasuredPath, port_traffic_b
from .operations.collectives import AllGather, CollectiveName
from .sources import simai_bus_bandwidth, vidur_collectives

FILE = Path(__file__).parent / "fitted" / "network.yaml"
_HEADER = """\
# Traffic between scale-up domains, fitted to measurements between nodes by models.calibration.network_fit.fit_network:
#   time = steps step_s + port_bytes / (efficiency port rate) + sqrt(ramp_s port_bytes / (efficiency port rate))
# A quarter of the (nodes, message) pairs was held out for the errors; the parameters are fitted to all rows.
"""
_SOFT_RESIDUAL = 0.1
"""Logarithmic residual from which on a row pulls ever less, as for kernels."""


def fit_network(public_folder: Path) -> dict[str, MeasuredPath]:
    """Return the paths fitted to the tables of a folder of public data, which holds `kernels/`."""
    folder = public_folder / "kernels"
    simai = simai_bus_bandwidth.rows(folder)
    sends = vidur_collectives.sends(folder, devices_per_node=1).assign(domains=2.0, ranks_per_domain=1.0)
    ring = simai[simai["collective"] == "all_gather"]
    all_to_all = simai[simai["collective"] == "all_to_all"]
    simai_port, simai_name = simai_bus_bandwidth.PORT_B_PER_S, simai_bus_bandwidth.source_name()
    return {
        "ring": _path(ring, "all_gather", simai_port, simai_name, ramp=False),
        "all_to_all": _path(all_to_all, "all_to_all", simai_port, simai_name, ramp=True),
        "point_to_point": _path(
            sends, "point_to_point", vidur_collectives.PORT_B_PER_S, vidur_collectives.source_name(), ramp=False
        ),
    }


def write_network(paths: Mapping[str, MeasuredPath], file: Path = FILE) -> None:
    """Write the fitted paths as YAML."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = StringIO()
    yaml.dump({"schema_version": 1, "paths": {name: path._asdict() for name, path in paths.items()}}, text)
    write_whole(file, (_HEADER + text.getvalue()).encode())


def _path(
    rows: pd.DataFrame, collective: CollectiveName, port_b_per_s: float, source: str, *, ramp: bool
) -> MeasuredPath:
    held = is_held_out(AllGather(), rows, ("domains", "message_b"))
    trial = _fitted(rows[~held], collective, port_b_per_s, ramp=ramp)
    errors = np.abs(_time_s(rows[held], collective, port_b_per_s, trial) / rows["time_s"][held].to_numpy() - 1.0)
    step_s, efficiency, ramp_s = _fitted(rows, collective, port_b_per_s, ramp=ramp)
    return MeasuredPath(
        step_s=_rounded(step_s),
        efficiency=_rounded(efficiency),
        ramp_s=_rounded(ramp_s),
        port_b_per_s=port_b_per_s,
        ranks_per_domain=float(rows["ranks_per_domain"].iloc[0]),
        least_domains=float(rows["domains"].min()),
        greatest_domains=float(rows["domains"].max()),
        least_message_b=float(rows["message_b"].min()),
        greatest_message_b=float(rows["message_b"].max()),
        rows=len(rows),
        held_out_rows=int(held.sum()),
        held_out_median=_rounded(float(np.median(errors))),
        held_out_p95=_rounded(float(np.percentile(errors, 95))),
        source=source,
    )


def _fitted(
    rows: pd.DataFrame, collective: CollectiveName, port_b_per_s: float, *, ramp: bool
) -> tuple[float, float, float]:
    start = np.log([5e-6, 0.9, 1e-5] if ramp else [5e-6, 0.9])
    target = np.log(rows["time_s"].to_numpy())

    def residual(logarithms: FloatArray) -> FloatArray:
        found: FloatArray = np.log(_time_s(rows, collective, port_b_per_s, _parameters(logarithms))) - target
        return found

    return _parameters(least_squares(residual, start, loss="soft_l1", f_scale=_SOFT_RESIDUAL).x)


def _parameters(logarithms: FloatArray) -> tuple[float, float, float]:
    values = [float(value) for value in np.exp(logarithms)]
    return values[0], values[1], values[2] if len(values) > 2 else 0.0


def _time_s(
    rows: pd.DataFrame, collective: CollectiveName, port_b_per_s: float, parameters: tuple[float, float, float]
) -> FloatArray:
    per_domain = int(rows["ranks_per_domain"].iloc[0])
    ranks = rows["domains"].to_numpy() * per_domain
    steps = ranks - 1.0 if collective == "all_gather" else 1.0
    port_b = port_traffic_b(collective, rows["message_b"].to_numpy(), ranks=ranks, ranks_per_domain=per_domain)
    step_s, efficiency, ramp_s = parameters
    port_s = port_b / (efficiency * port_b_per_s)
    total_s: FloatArray = steps * step_s + port_s + np.sqrt(ramp_s * port_s)
    return total_s


def _rounded(value: float) -> float:
    """Four significant figures: beyond lies noise, and the file stays readable and the same on any machine."""
    return float(f"{value:.4g}")
