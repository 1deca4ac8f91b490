"""How many multiprocessors an accelerator deals tiles to."""

from __future__ import annotations

from ..accelerators.accelerator import Accelerator

_BY_TITLE = {
    "A100": 108,  # NVIDIA A100 Tensor Core GPU Architecture whitepaper
    "H100 SXM": 132,  # NVIDIA H100 Tensor Core GPU Architecture whitepaper
    "H200": 132,  # The same chip as H100 SXM5
    "L40S": 142,  # NVIDIA Ada GPU Architecture whitepaper, AD102
    "GB200": 152,  # As CUDA reports it; NVIDIA prints none
    "GB300": 152,
    "B200": 148,
    "B300": 148,
}


def multiprocessors(accelerator: Accelerator) -> int:
    """Return the number of multiprocessors; 0 where it is not known, and then waves are not counted."""
    title = accelerator.title
    return next((count for words, count in _BY_TITLE.items() if words in title), 0)
