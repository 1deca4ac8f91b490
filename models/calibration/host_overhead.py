"""What the host adds to a step of a serving framework: scheduling, sampling, launches, tokens in and out."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from ..whole_file import write_whole
from .estimate import FloatArray

_SOFT_RESIDUAL = 0.1
"""Logarithmic residual from which on a point pulls ever less: beyond a tenth something else is at work."""


class HostOverhead(NamedTuple):
    """Time in which the accelerators wait for the host, once a step."""

    step_s: float
    """Of every step [s]."""
    sequence_s: float
    """For every sequence of the batch [s]."""
    status: Literal["fitted", "assumption"]
    """Whether it was fitted to serving points that were measured."""
    source: str
    """Where it comes from."""


FITTED_FILE = Path(__file__).parent / "fitted" / "host_overhead.yaml"
OTHER = "other"
"""Name in the file of what holds for frameworks that were not fitted."""
ASSUMED = HostOverhead(1e-3, 0.0, "assumption", "within the 0.3 to 5 ms that frameworks have been seen to add")


def host_overhead(framework: str | None) -> HostOverhead:
    """Return the overhead of a framework; of one that was not fitted, the assumption `other` of the file.

    `vllm-0.13` is vLLM up to that version, which scheduled between the steps and not during them.
    """
    fitted = _fitted()
    return fitted.get(framework or OTHER, fitted[OTHER])


def fit_host_overhead(
    kernel_s: FloatArray, sequences: FloatArray, measured_s: FloatArray, *, source: str
) -> HostOverhead:
    """Return the overhead that, added to the kernels' time, fits the logarithm of measured steps best [s]."""

    def residual(parameters: FloatArray) -> FloatArray:
        logarithm: FloatArray = np.log(
            (kernel_s + 1e-3 * (parameters[0] + 1e-2 * parameters[1] * sequences)) / measured_s
        )
        return logarithm

    # In ms a step and in 10 us a sequence, so that both are of order one.
    solution = least_squares(residual, (1.0, 0.5), bounds=(0.0, np.inf), loss="soft_l1", f_scale=_SOFT_RESIDUAL)
    return HostOverhead(1e-3 * float(solution.x[0]), 1e-5 * float(solution.x[1]), "fitted", source)


def write_host_overheads(path: Path, frameworks: Mapping[str, HostOverhead], *, provenance: str) -> None:
    """Write the overheads of frameworks, `other` among them, with a comment on where they come from."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    rounded = {
        name: {**each._asdict(), "step_s": round(each.step_s, 7), "sequence_s": round(each.sequence_s, 9)}
        for name, each in sorted(frameworks.items())
    }
    content = CommentedMap({"frameworks": rounded})
    content.yaml_set_start_comment(provenance)
    yaml = YAML()
    yaml.width = 118
    text = StringIO()
    yaml.dump(content, text)
    write_whole(path, text.getvalue().encode())
    _fitted.cache_clear()


@functools.cache
def _fitted() -> dict[str, HostOverhead]:
    from ruamel.yaml import YAML

    table = YAML(typ="safe", pure=True).load(FITTED_FILE.read_text(encoding="utf-8"))
    return {name: HostOverhead(**entry) for name, entry in table["frameworks"].items()}
