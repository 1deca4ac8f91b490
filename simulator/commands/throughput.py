"""`datahall throughput`: how fast would this model train on these accelerators?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from models.workload.training.layout import Layout
    from models.workload.training.perceptron_epochs import PerceptronTraining
    from models.workload.training.throughput import Answer, Question

_DEGREES = {
    "tensor": ("--tp", "Tensor-parallel ranks."),
    "pipeline": ("--pp", "Pipeline stages."),
    "virtual_pipeline": ("--vp", "Chunks of layers on each stage (interleaved)."),
    "context": ("--cp", "Context-parallel ranks."),
    "expert": ("--ep", "Expert-parallel ranks."),
    "expert_tensor": ("--etp", "Tensor-parallel ranks of each expert."),
    "micro_batch": ("--micro-batch", "Sequences that pass together."),
}
_SHORT = {
    "tensor": "TP", "pipeline": "PP", "virtual_pipeline": "VP", "context": "CP", "expert": "EP", "expert_tensor": "ETP",
}  # fmt: skip


def _degree_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for field, (option, text) in reversed(_DEGREES.items()):
        command = click.option(option, field, type=click.IntRange(min=1), help=text)(command)
    return command


@click.command("throughput")
@click.option("--model", required=True, metavar="NAME", help="A model of the catalogue, such as llama-3.1-70b.")
@click.option("--gpu", "accelerator", required=True, metavar="NAME", help="An accelerator of the catalogue.")
@click.option("--gpus", "accelerators", required=True, type=click.IntRange(min=1), help="How many.")
@click.option("--node", metavar="NAME", help="The node they sit in; by default the catalogue's first with them.")
@click.option("--network", metavar="RATE", help="Network port of one GPU, such as '400 Gb/s'; by default the node's.")
@_degree_options
@click.option(
    "--batch",
    "global_batch",
    type=click.IntRange(min=1),
    help="Sequences of a step; by default 4 Mi tokens, and at least one for each GPU.",
)
@click.option("--sequence", default=4096, show_default=True, type=click.IntRange(min=1), help="Tokens of a sequence.")
@click.option(
    "--precision",
    type=click.Choice(("bf16", "fp16", "fp8", "fp8_block", "nvfp4")),
    default="bf16",
    show_default=True,
    help="Number format of the layers' matrix products.",
)
@click.option(
    "--recompute",
    type=click.Choice(("none", "selective", "full")),
    help="What the backward pass computes again; selective: norms, activation functions, latent projections.",
)
@click.option("--zero", type=click.Choice(("0", "1", "2", "3")), help="What data-parallel ranks share; 3: everything.")
@click.option("--search", is_flag=True, help="Search what is not given; without any degree that is done anyway.")
@click.option("--top", default=5, show_default=True, type=click.IntRange(min=1), help="Layouts to print.")
@click.option("--scaling", is_flag=True, help="Also MFU on fewer and more GPUs, the batch growing with them.")
@click.option(
    "--framework", metavar="NAME", help="Whose kernels: pytorch, trtllm, vllm, sglang; else the first measured."
)
@click.option("--require-measured", is_flag=True, help="Refuse where a kernel would be answered from the datasheet.")
@click.option(
    "--samples", default=60_000, show_default=True, type=click.IntRange(min=1), help="A perceptron's samples."
)
@click.option(
    "--epochs", default=1, show_default=True, type=click.IntRange(min=1), help="Passes over a perceptron's samples."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    search: bool, top: int, scaling: bool, zero: str | None, samples: int, epochs: int, as_json: bool, **given: Any
) -> None:
    """Print the fastest layouts that fit and how fast they train, with what the figures rest on.

    Degrees that are given are held; data parallelism is what they leave. Tokens/s, MFU and power are of the
    accelerators while they train: no failures, no checkpoints, no reading of data. A perceptron is trained data
    parallel over all of them.
    """
    from models.workload.training.memory import DoesNotFit
    from models.workload.training.throughput import Question, answer, answer_of_perceptron, scaled

    layout = {name: given.pop(name) for name in (*_DEGREES, "global_batch", "sequence", "precision", "recompute")}
    held = {name: value for name, value in layout.items() if value is not None}
    if zero is not None:
        held["zero"] = int(zero)
    searched = search or not any(name in held for name in _DEGREES)
    question = Question(held=held, searched=searched, top=top, **given)
    small = answer_of_perceptron(question, samples=samples, epochs=epochs)
    if small is not None:
        _print_perceptron(question, small, epochs, as_json=as_json)
        return
    try:
        found = answer(question)
    except DoesNotFit:
        if not searched:
            click.echo("with --search, what is not given is chosen so that it fits, where that can be", err=True)
        raise
    steps, left_out = scaled(question) if scaling else ([], [])
    if as_json:
        import json

        click.echo(json.dumps(found.as_dict(top) | {"scaling": [each.as_dict(1) for each in steps]}, indent=1))
        return
    _print(question, found, top)
    if steps:
        _print_scaling(steps)
    if left_out:
        click.echo(f"nothing fits or can run on {', '.join(f'{count:,}' for count in left_out)} GPUs")


def _print_perceptron(question: Question, found: PerceptronTraining, epochs: int, *, as_json: bool) -> None:
    if as_json:
        import dataclasses
        import json

        click.echo(json.dumps(dataclasses.asdict(found) | {"basis": found.basis.name.lower()}, indent=1))
        return
    click.echo(
        f"{question.model} on {question.accelerators} {question.accelerator}: {_time(found.total_s)} for {epochs} "
        f"epoch{'s' if epochs > 1 else ''} of {found.steps_per_epoch:,} steps, step {1e6 * found.step_s:.0f} us, "
        f"{found.power_w:,.0f} W a GPU, {found.energy_j:,.0f} J"
    )
    click.echo(
        f"kernels  weakest basis {found.basis.name.lower()}; {100 * found.launch_share:.0f} % waits for launches"
    )
    for note in found.notes:
        click.echo(f"note     {note}")


def _print(question: Question, found: Answer, top: int) -> None:
    best = found.candidates[0]
    step = best.step
    click.echo(
        f"{question.model} on {question.accelerators} {question.accelerator}: {step.tokens_per_s:,.0f} tokens/s, "
        f"step {_time(step.step_s)}, MFU {100 * step.mfu:.1f} %, {step.power_w:,.0f} W a GPU, "
        f"{step.energy_per_token_j:.3g} J a token"
    )
    _print_layouts(found, top)
    click.echo(f"fabric   {found.fabric}")
    click.echo(f"kernels  {found.kernels}")
    click.echo(f"error    {found.error}")
    for note in (*found.notes, *step.notes):
        click.echo(f"note     {note}")


def _print_layouts(found: Answer, top: int) -> None:
    table = _table(
        "layout", "micro", "recompute", "tokens/s", "step", "MFU", "HFU", f"of {found.memory_b / 1e9:.1f} GB"
    )
    for candidate in found.candidates[:top]:
        step = candidate.step
        table.add_row(
            _degrees(candidate.layout, found.accelerators),
            str(candidate.layout.micro_batch),
            candidate.layout.recompute,
            f"{step.tokens_per_s:,.0f}",
            _time(step.step_s),
            f"{100 * step.mfu:.1f} %",
            f"{100 * step.hfu:.1f} %",
            f"{step.memory.total_b / 1e9:.1f} GB",
        )
    _show(table)


def _print_scaling(steps: list[Answer]) -> None:
    click.echo("the same sequences for each GPU:")
    table = _table("GPUs", "sequences", "tokens/s", "a GPU", "MFU", "layout", "exchange", "bubble")
    for each in steps:
        best = each.candidates[0]
        step = best.step
        exchange_s = sum(time_s for name, time_s in step.phase_s.items() if name.endswith("exchange"))
        table.add_row(
            f"{each.accelerators:,}",
            f"{best.layout.global_batch:,}",
            f"{step.tokens_per_s:,.0f}",
            f"{step.tokens_per_s / each.accelerators:,.0f}",
            f"{100 * step.mfu:.1f} %",
            _degrees(best.layout, each.accelerators),
            f"{100 * exchange_s / step.step_s:.1f} %",
            f"{100 * step.phase_s.get('pipeline bubble', 0.0) / step.step_s:.1f} %",
        )
    _show(table)


def _degrees(layout: Layout, accelerators: int) -> str:
    parts = [f"{short}{degree}" for field, short in _SHORT.items() if (degree := getattr(layout, field)) > 1]
    parts.append(f"DP{layout.data_parallel(accelerators)}")
    return " ".join([*parts, f"ZeRO-{layout.zero}"] if layout.zero else parts)


def _table(*headings: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _show(table: Any) -> None:
    from ..terminal.summary import print_table

    print_table(table)


def _time(time_s: float) -> str:
    return f"{time_s:.3g} s" if time_s < 100.0 else f"{time_s:,.0f} s"
