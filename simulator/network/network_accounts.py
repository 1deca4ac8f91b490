"""What the fabric drew and how long its switches ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from ..results.columns import numbers, texts
from ..results.kpis import J_PER_KWH, Kpis
from ..results.tables import table
from .fabric_in_service import FabricInService


class NetworkAccounts:
    """Figures and the table of a fabric's switches."""

    def __init__(self, fabric: FabricInService) -> None:
        self._fabric = fabric

    def kpis(self, end_s: float) -> Kpis:
        load = self._fabric.load
        if load is None:
            return {"network_energy_kwh": 0.0}
        load.close(end_s)
        return {"network_energy_kwh": float(load.energy_j.sum()) / J_PER_KWH}

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        load = self._fabric.load
        if load is None:
            return {}
        load.close(end_s)
        switches = load.switches
        return {
            "network": table(
                {
                    "switch": texts(switches.names),
                    "tier": texts(switches.tier),
                    "switch_type": texts(switches.switch_type),
                    "links": numbers(np.diff(switches.first_link) // 2),
                    "power_w": numbers(switches.power_w),
                    "energy_j": numbers(load.energy_j),
                    "in_service_s": numbers(load.in_service_s),
                }
            )
        }

    def notes(self, end_s: float) -> Sequence[str]:  # noqa: ARG002  # the contract's
        built, bounds = self._fabric.built, self._fabric.built.bounds
        told = [
            f"the fabric has {len(built.switches):,} switches and {len(built.cable_names):,} cables, "
            f"{8e-12 * bounds.bisection_b_per_s:,.1f} Tb/s between its halves, and at most {bounds.diameter_links} "
            "links from one interface to another"
        ]
        switches, cables = self._fabric.switch_outages, self._fabric.cable_outages
        if switches or cables:
            told.append(f"{switches:,} times a switch and {cables:,} times a cable of the fabric went out")
        return told
