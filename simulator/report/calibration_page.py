"""The page on calibration: how far predictions of kernels, training steps and serving iterations are off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from models.calibration.fits import FOLDER, kernels_for
from models.calibration.host_overhead import FITTED_FILE as HOST_FILE
from models.calibration.importing import held_out_rows
from models.calibration.network import measured_paths
from models.workload.training.layout import Layout
from models.workload.training.overhead import RunError, fit_overheads, parts, summary

Row = Mapping[str, Any]


class Goal(NamedTuple):
    """Errors that a prediction is meant to reach, in per cent."""

    median: float
    p95: float


class Topic(NamedTuple):
    """Operations that one table is about."""

    title: str
    operations: tuple[str, ...]
    quantity: str = "time"


TOPICS = (
    Topic("Matrix products", ("gemm",)),
    Topic("Attention of prompts", ("prefill_attention",)),
    Topic("Attention of decoding", ("decode_attention",)),
    Topic("Latent attention", ("latent_prefill_attention", "latent_decode_attention")),
    Topic("Mixtures of experts", ("grouped_gemm",)),
    Topic("Memory-bound kernels", ("elementwise", "activation_scale")),
    Topic(
        "Collectives inside a scale-up domain",
        ("all_reduce", "all_gather", "reduce_scatter", "all_to_all", "point_to_point"),
    ),
    Topic("Power", ("gemm", "prefill_attention", "decode_attention", "grouped_gemm"), "power"),
)
_FRAMEWORKS = ("vllm", "sglang", "trtllm", "nccl", "torch_xla", "pytorch")
_HEAD = """# How far predictions are off

Made by `make calibration-report` from the fitted files of `models/calibration/fitted/` and the published training runs
of `models/workload/training/published_runs.yaml`. `datahall calibrate import` makes the fitted files again from the
published measurements; `datahall calibrate check --json` prints what is below for a program.

Errors are |predicted / measured - 1|, **median/95th percentile in per cent**, on shapes that the fit did not see. Whole
families are held out, about a quarter, chosen by a hash of the family's own values, so that it is the same for every
accelerator and framework: for a matrix product all rows of one N and K, for attention one configuration of heads, for a
mixture one model (one layout of it where too few models were measured), for a collective one number of ranks and bytes.
What is shipped is then fitted to all rows. In brackets: the closed form without its table. `f` is the share of held-out
rows outside of the range that was measured, told as extrapolated. **Bold** misses the goal.

What to keep in mind:

- Errors of products are those with N and K of 1024 and more; powers those of kernels of 0.4 ms and longer, as NVML read
  them over about a second.
- Most configurations of heads that are held out share batch x heads, heads to a key-value head and width with one that
  was fitted, so that a new one is partly interpolation; `docs/decisions/0006-calibration.md` says what leaving out
  whole classes comes to.
- Of mixtures, rows that look like failed tuning (1.5 times as slow as one with more to do) are left out of fits and of
  errors alike, and so are experts without a gate and kernels that a framework falls back to for some models.
- Forms, knots and smoothness were chosen with many of these held-out families in sight: errors of a shape that nobody
  has looked at will be somewhat larger.
- How fast predictions are is told by `python -m benchmarks kernels`.
"""


def calibration_page() -> str:
    """Return the page as Markdown."""
    rows = held_out_rows(sorted(path.with_suffix(".json") for path in FOLDER.glob("*.npz")))
    sections = [_HEAD, _overview(rows), _training(), _serving()]
    sections += [_topic(topic, rows) for topic in TOPICS]
    sections += [_networks(), _sources(rows)]
    return "\n".join(sections)


def goal_of(row: Row) -> Goal | None:
    """Return what the errors of a fit are meant to reach; None where nothing was set."""
    operation, accelerator, dtype = row["operation"], row["accelerator"], row["dtype"]
    if row["quantity"] == "power":
        return Goal(8.0, 25.0)
    if accelerator.startswith("tpu"):
        return Goal(8.0, 30.0)
    if operation == "gemm":
        if dtype != "bf16" or accelerator in {"b200", "b300", "gb200", "gb300"}:
            return Goal(5.0, 18.0)
        return Goal(3.5, 14.0) if accelerator in {"h100-sxm", "h200-sxm"} else None
    if operation.endswith("attention"):
        return Goal(4.0, 17.0)
    if operation == "grouped_gemm":
        return Goal(8.0, 30.0)
    return None if operation in {"elementwise", "activation_scale"} else Goal(3.0, 15.0)


def met(row: Row) -> bool | None:
    """Return whether a fit reaches its goal; None where it has none or nothing was held out."""
    goal = goal_of(row)
    if goal is None or row["median_error"] is None:
        return None
    return bool(100.0 * row["median_error"] <= goal.median and 100.0 * row["p95_error"] <= goal.p95)


def _overview(rows: Sequence[Row]) -> str:
    lines = ["| | goal | fits | reach it | middle fit | worst fit |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for topic in TOPICS:
        mine = [row for row in _of(topic, rows) if met(row) is not None]
        for goal in dict.fromkeys(goal_of(row) for row in mine):
            if goal is None:
                continue
            group = [row for row in mine if goal_of(row) == goal]
            medians = sorted(100.0 * row["median_error"] for row in group)
            tails = sorted(100.0 * row["p95_error"] for row in group)
            reached = sum(bool(met(row)) for row in group)
            lines.append(
                f"| {topic.title}{_whose(group)} | {goal.median:g}/{goal.p95:g} | {len(group)} | {reached} "
                f"| {_middle(medians):.1f}/{_middle(tails):.1f} | {medians[-1]:.1f}/{tails[-1]:.1f} |"
            )
    lines.append(_closed_forms(rows))
    return "## In short\n\n" + "\n".join(lines) + "\n"


def _closed_forms(rows: Iterable[Row]) -> str:
    """Return the line of the closed form of products alone, on the accelerators that a goal was set for."""
    group = [
        (100.0 * row["closed_form_median_error"], 100.0 * row["closed_form_p95_error"])
        for row in rows
        if (row["operation"], row["quantity"], row["dtype"]) == ("gemm", "time", "bf16")
        and row["accelerator"] in {"h100-sxm", "h200-sxm"} and row["closed_form_median_error"] is not None
    ]  # fmt: skip
    goal = Goal(6.0, 20.0)
    reached = sum(median <= goal.median and p95 <= goal.p95 for median, p95 in group)
    medians, tails = (sorted(errors) for errors in zip(*group, strict=True))
    return (
        f"| Matrix products, h100-sxm, h200-sxm, bf16, closed form alone | {goal.median:g}/{goal.p95:g} | {len(group)} "
        f"| {reached} | {_middle(medians):.1f}/{_middle(tails):.1f} | {medians[-1]:.1f}/{tails[-1]:.1f} |"
    )


def _whose(group: Iterable[Row]) -> str:
    accelerators = sorted({row["accelerator"] for row in group})
    return f", {', '.join(accelerators)}" if len(accelerators) < 3 else ""


def _topic(topic: Topic, rows: Sequence[Row]) -> str:
    mine = _of(topic, rows)
    frameworks = [name for name in _FRAMEWORKS if any(row["framework"] == name for row in mine)]
    keys = list(dict.fromkeys((row["accelerator"], row["operation"], row["dtype"]) for row in mine))
    several = len({operation for _, operation, _ in keys}) > 1
    head = ["accelerator", *(["operation"] if several else []), "dtype", "goal", *frameworks]
    lines = [_line(head), _line(["---"] * len(head))]
    for key in keys:
        cells = {row["framework"]: row for row in mine if (row["accelerator"], row["operation"], row["dtype"]) == key}
        goal = goal_of(next(iter(cells.values())))
        accelerator, operation, dtype = key
        lines.append(
            _line([
                accelerator, *([operation] if several else []), dtype, f"{goal.median:g}/{goal.p95:g}" if goal else "",
                *(_cell(cells[name]) if name in cells else "" for name in frameworks),
            ])
        )  # fmt: skip
    return f"## {topic.title}\n\n" + "\n".join(lines) + "\n"


def _of(topic: Topic, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["operation"] in topic.operations and row["quantity"] == topic.quantity]


def _cell(row: Row) -> str:
    if row["median_error"] is None:
        return "not held out"
    text = _errors(row["median_error"], row["p95_error"])
    if met(row) is False:
        text = f"**{text}**"
    if row["closed_form_median_error"] is not None:
        text += f" ({_errors(row['closed_form_median_error'], row['closed_form_p95_error'])})"
    return text + (f" f{100 * row['fallback_share']:.0f}" if row["fallback_share"] >= 0.005 else "")


def _errors(median: float, p95: float) -> str:
    return f"{100 * median:.1f}/{100 * p95:.1f}"


def _networks() -> str:
    head = ["traffic", "goal", "error", "step", "of the line rate", "measured", "source"]
    lines = [_line(head), _line(["---"] * len(head))]
    for name, path in measured_paths().items():
        domains = f"{path.least_domains:g} to {path.greatest_domains:g} nodes, {path.rows} rows"
        lines.append(
            _line([
                name.replace("_", " "), "10/30", _errors(path.held_out_median, path.held_out_p95),
                f"{1e6 * path.step_s:.1f} us", f"{path.efficiency:.3f}", domains, path.source,
            ])
        )  # fmt: skip
    text = "All-reduces between nodes were not measured: they are made of these and told as extrapolated."
    return f"## Collectives between nodes\n\n{text}\n\n" + "\n".join(lines) + "\n"


def _training() -> str:
    runs = fit_overheads(kernels_for)
    text = (
        "Each run is predicted with one factor of its accelerator and framework, from runs of other models (of the\n"
        "framework's other accelerators where its own has no other model). A run is a published step time or\n"
        "tokens/s; which runs count was settled before the first fit, with the reason. Backward attention is taken as\n"
        "2.5 times forward (FlashAttention-2) until it is measured.\n"
    )
    lines = ["| runs | goal: mean, worst | mean | worst | bias |", "| --- | --- | ---: | ---: | ---: |"]
    text += (
        "\nThe dense runs in 16 bits are those of Megatron-LM on A100, of one paper: what they reach says little of\n"
        "other accelerators and formats, which are in the other row.\n"
    )
    goals = {"dense, 16 bits": "5 %, 10 %", "experts or 8 bits": "15 %, 30 %"}
    for name, group in parts(runs).items():
        errors = summary(group)
        lines.append(
            f"| {name}, {errors.runs} runs | {goals[name]} | {100 * errors.mean:.1f} % | {100 * errors.worst:.1f} % "
            f"| {100 * errors.bias:+.1f} % |"
        )
    head = ["run", "accelerators", "layout", "measured", "predicted", "error", "factor from", "measured over sum"]
    table = [_line(head), _line(["---", "---", "---", "---:", "---:", "---:", "---", "---:"])]
    table += [_line(_run(error)) for error in runs if error.run.used]
    unused = ["Runs that do not count:", "", *(_unused(error) for error in runs if not error.run.used)]
    return "## Training steps\n\n" + "\n".join([text, *lines, "", *table, "", *unused, ""])


def _run(error: RunError) -> list[str]:
    run = error.run
    return [
        run.name, f"{run.accelerators} {run.accelerator}", _layout(run.layout),
        f"{error.measured_s:.3g} s", f"{error.predicted_s:.3g} s",
        f"{100 * error.error:+.1f} %", f"{error.overhead.origin} ({error.overhead.runs})", f"{error.ratio:.3f}",
    ]  # fmt: skip


def _layout(layout: Layout) -> str:
    degrees = {"TP": layout.tensor, "PP": layout.pipeline, "VP": layout.virtual_pipeline, "CP": layout.context,
               "EP": layout.expert}  # fmt: skip
    shown = " ".join(f"{name}{degree}" for name, degree in degrees.items() if degree > 1)
    return f"{shown or 'DP'}, {layout.global_batch:,} x {layout.sequence:,}, {layout.precision}".strip()


def _unused(error: RunError) -> str:
    run = error.run
    return f"- {run.name}, {run.accelerators} {run.accelerator}: {100 * error.error:+.0f} %. {run.reason}"


def _serving() -> str:
    from ruamel.yaml import YAML

    table = YAML(typ="safe", pure=True).load(HOST_FILE.read_text(encoding="utf-8"))["frameworks"]
    lines = ["| framework | a step | a sequence | status | from |", "| --- | ---: | ---: | --- | --- |"]
    for name, overhead in table.items():
        lines.append(
            f"| {name} | {1e3 * overhead['step_s']:.2f} ms | {1e6 * overhead['sequence_s']:.1f} us "
            f"| {overhead['status']} | {overhead['source']} |"
        )
    text = "What the host adds to a serving iteration, fitted to measured times per output token of steady decoding."
    return f"## Serving iterations\n\n{text}\n\n" + "\n".join(lines) + "\n"


def _sources(rows: Sequence[Row]) -> str:
    lines = ["| accelerator | device | fits | rows | sources |", "| --- | --- | ---: | ---: | --- |"]
    for accelerator in dict.fromkeys(row["accelerator"] for row in rows):
        mine = [row for row in rows if row["accelerator"] == accelerator]
        devices = ", ".join(sorted({row["device"] for row in mine}))
        sources = "; ".join(sorted({row["source"] for row in mine}))
        lines.append(f"| {accelerator} | {devices} | {len(mine)} | {sum(row['rows'] for row in mine):,} | {sources} |")
    return "## What was fitted\n\n" + "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _middle(values: Sequence[float]) -> float:
    return values[len(values) // 2]
