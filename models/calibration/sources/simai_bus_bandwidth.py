"""Collectives between nodes from SimAI's tables of bus-bandwidth fractions (Apache-2.0).

The tables give what share of the theoretical bus bandwidth NCCL reached, by message size, on 1 to 128 nodes of eight
accelerators with a port of 400 Gb/s each. SimAI's `calbusbw.cc` says what the shares are of: the ring of an
all-gather or a reduce-scatter runs over all eight ports of a node at once, so its bus bandwidth is that of eight
ports; in an all-to-all each rank's own port carries what leaves its node. A port counts 48.5 GB/s there.

    all-gather:  time = size (N - 1) / N / (share 8 x 48.5 GB/s)         N ranks on d nodes
    all-to-all:  time = size (d - 1) / d / (share 48.5 GB/s)

Left out: the column of one node, which is the scale-up domain; the table of shares of NVLink, for nodes whose NVLink
is slower than their ports together; the columns `Multi`, of which no document says how many ranks formed a group.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

RANKS_PER_NODE = 8
PORT_B_PER_S = 50e9
"""Line rate of a port [B/s]."""
_REACHABLE_PORT_B_PER_S = 48.5e9
_NODES = (2, 4, 8, 16, 32, 64, 128)
_FILES = {"all_gather": "simai_busbw_nic_ratio.csv", "all_to_all": "simai_busbw_ata_ratio.csv"}


def source_name() -> str:
    """Return what the rows are of."""
    return "SimAI, bus bandwidth by message size and nodes (github.com/aliyun/SimAI, inputs/ratio)"


def rows(folder: Path) -> pd.DataFrame:
    """Return `collective`, `domains`, `ranks_per_domain`, `message_b` [B] and `time_s` [s] of a folder."""
    return pd.concat([_rows(collective, pd.read_csv(folder / file)) for collective, file in _FILES.items()])


def _rows(collective: str, table: pd.DataFrame) -> pd.DataFrame:
    shares = table.iloc[:, : len(_NODES) + 2].set_axis(["message_b", 1, *_NODES], axis=1)
    long = shares.melt("message_b", list(_NODES), var_name="domains", value_name="share").dropna().astype(float)
    domains, message_b = long["domains"], long["message_b"]
    ranks = domains * RANKS_PER_NODE
    if collective == "all_gather":
        port_b = message_b * (ranks - 1.0) / ranks / RANKS_PER_NODE
    else:
        port_b = message_b * (domains - 1.0) / domains
    return pd.DataFrame(
        {
            "collective": collective,
            "domains": domains,
            "ranks_per_domain": float(RANKS_PER_NODE),
            "message_b": message_b,
            "time_s": port_b / (long["share"] * _REACHABLE_PORT_B_PER_S),
        }
    )
