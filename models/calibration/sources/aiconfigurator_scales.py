"""Scaling of activations to fp8 as aiconfigurator-core measured it apart: finding the scale, and applying it.

Both are inside the distribution's products in fp8 (on H200 TensorRT-LLM takes 19.3 us for 4 x 8192 x 3584, of which
7.2 us find the scale and 1.3 us apply it: less these it moves its weights as fast as the others do). SGLang's is left
out: it lists no time to find a scale, and more to apply it than the whole product leaves room for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from .aiconfigurator import folders, newest, source_name
from .measurements import Measurements

_FRAMEWORKS = ("vllm", "trtllm")
_SECONDS = 1e-3
_WIDTHS = (256, 16384)
"""Least and greatest width that is taken: those of layers, or of one rank's share of them."""


def read(folder: Path, accelerators: Collection[str] | None = None) -> Iterator[Measurements]:
    """Yield the scaling of activations of the distribution's data folder, for all accelerators or those named."""
    for gpu, accelerator in folders(accelerators):
        for framework in _FRAMEWORKS:
            finding = newest(folder, gpu, "quantize", framework, "computescale_perf")
            applying = newest(folder, gpu, "quantize", framework, "scale_matrix_perf")
            if finding is None or applying is None:
                continue
            rows = rows_of(pd.read_parquet(finding), pd.read_parquet(applying))
            table = pd.read_parquet(applying, columns=["device"])
            source = f"{source_name()}: {framework} {applying.parent.name}"
            yield Measurements(
                "activation_scale", accelerator, framework, "fp8", source, str(table["device"].iloc[0]), rows
            )


def rows_of(finding: pd.DataFrame, applying: pd.DataFrame) -> pd.DataFrame:
    """Return `elements` and `time_s` [s] of both together, for the shapes that both were measured on."""
    both = finding.merge(applying, on=["m", "k", "quant_dtype"], suffixes=("_finding", "_applying"))
    kept = both[(both["quant_dtype"].astype(str) == "fp8") & both["k"].between(*_WIDTHS)]
    # vLLM's time to find the scale is a difference of two timings and may come out below nothing.
    time_s = (kept["latency_finding"].clip(lower=0.0) + kept["latency_applying"]) * _SECONDS
    elements = kept["m"].astype(float) * kept["k"].astype(float)
    rows = pd.DataFrame({"elements": elements, "time_s": time_s.astype(float)})
    return rows[rows["time_s"] > 0.0].reset_index(drop=True)
