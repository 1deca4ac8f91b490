"""Names of devices: as the driver says them, and as the catalogue of accelerators has them."""

from __future__ import annotations

import re

_CATALOGUE: tuple[tuple[str, str], ...] = (
    (r"A100-SXM4-40GB", "a100-40gb-sxm"),
    (r"A100-SXM4-80GB", "a100-80gb-sxm"),
    (r"H100 80GB HBM3", "h100-sxm"),
    (r"H200", "h200-sxm"),
    (r"B200", "b200"),
    (r"B300( SXM\d?)?( AC)?", "b300"),
    (r"GB200", "gb200"),
    (r"GB300", "gb300"),
    (r"L40S", "l40s"),
)
"""Names by the driver (after "NVIDIA "), whole. Other forms of a chip (PCIe, NVL) run at other clocks and memory."""


def catalogue_name(device: str) -> str | None:
    """Return the catalogue's name of a device, or None where the catalogue does not have it.

    >>> catalogue_name("NVIDIA H100 80GB HBM3"), catalogue_name("NVIDIA H100 PCIe")
    ('h100-sxm', None)
    """
    bare = device.removeprefix("NVIDIA ").strip()
    return next((name for pattern, name in _CATALOGUE if re.fullmatch(pattern, bare)), None)


def file_stem(device: str) -> str:
    """Return the name of a device's file: the catalogue's name, else the device's own in small letters and dashes.

    >>> file_stem("NVIDIA H100 PCIe")
    'nvidia-h100-pcie'
    """
    return catalogue_name(device) or re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-") or "unnamed"
