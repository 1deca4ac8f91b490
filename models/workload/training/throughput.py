"""A planner's question: how fast does a model train on so many accelerators, and what does the answer rest on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from ... import catalog
from ...accelerators.accelerator import Accelerator
from ...calibration.estimate import Basis
from ...calibration.fits import TRAINING, kernels_for
from ...calibration.kernels import Kernels
from ...calibration.number_formats import computed_in, peak_flop_per_s
from ...neural_networks.perceptron import Perceptron
from ...neural_networks.transformer import Transformer
from ...nodes.node import Node
from ...problems import InputError, Problem
from ...racks.rack import Rack
from ...units import DIMENSIONS, format_quantity
from .layout import Precision
from .layout_search import Candidate, habitual_layout, search_layouts
from .machines import Machines, machines_of
from .overhead import overhead_for
from .perceptron_epochs import PerceptronTraining, perceptron_training
from .step import training_step

STEP_TOKENS = 4 * 2**20
"""Tokens of a step where no batch is given: assumption, what Llama 3 405B began with (arXiv 2407.21783, 3.4.1)."""


_POWER = "watts and joules are of the accelerators alone, from kernels measured on H200 and B200, which others borrow"


@dataclass(frozen=True)
class Question:
    """What is asked. Names are those of the catalogue."""

    model: str
    accelerator: str
    accelerators: int
    """How many."""
    held: Mapping[str, Any]
    """Fields of `Layout` that are given; `sequence` among them."""
    searched: bool = True
    """Whether the degrees that are not given are searched; else they are 1."""
    node: str | None = None
    """The node that the accelerators sit in; None: the catalogue's first with them."""
    network: str | None = None
    """Network port of one accelerator, as a quantity; None: its share of the node's interfaces."""
    framework: str | None = None
    """Whose kernels answer; None: the first of `TRAINING` that was measured."""
    require_measured: bool = False
    """Whether an answer that rests on the datasheet is refused."""
    top: int = 5
    """Layouts that are wanted."""


@dataclass(frozen=True)
class Answer:
    """Layouts that fit, and what their figures rest on."""

    accelerators: int
    fabric: str
    """The node, the scale-up domain and the network."""
    candidates: tuple[Candidate, ...]
    """Fastest first; at least one."""
    kernels: str
    """Share of the fastest step's time by basis, and whose measurements."""
    error: str
    """How far steps of published runs were predicted off, with the overhead that was used."""
    notes: tuple[str, ...]
    memory_b: float
    """Memory of an accelerator that programs can use [B]."""

    def as_dict(self, top: int) -> dict[str, Any]:
        """Return what a program reads: SI units, the first `top` layouts."""
        return {
            "accelerators": self.accelerators,
            "fabric": self.fabric,
            "kernels": self.kernels,
            "error": self.error,
            "notes": list(self.notes),
            "memory_b": self.memory_b,
            "layouts": [_candidate(candidate, self.accelerators) for candidate in self.candidates[:top]],
        }


def answer(question: Question) -> Answer:
    """Return the fastest layouts that fit.

    Raises InputError for names that are not in the catalogue, a layout that can not run, a model that does not fit
    (with the bytes that are short), and, with `require_measured`, for kernels that nobody measured.
    """
    model = _transformer(question.model)
    kernels = kernels_for(question.accelerator, _frameworks(question.framework))
    node = _node(question)
    machines = _machines(question, node)
    held = _with_batch(question, machines)
    _check_precision(kernels.accelerator, str(held.get("precision", "bf16")))
    overhead = overhead_for(question.accelerator)
    if question.searched:
        search = search_layouts(model, kernels, machines, given=held, overhead=overhead.factor, top=question.top)
        if search.problems:
            raise InputError(search.problems)
        if search.nearest_miss is not None:
            raise search.nearest_miss
        candidates = search.found
    else:
        layout = habitual_layout(held)
        step = training_step(model, layout, kernels, machines, overhead=overhead.factor)
        candidates = (Candidate(layout, step),)
    best = candidates[0].step
    if question.require_measured and best.basis == Basis.DATASHEET:
        share = 100.0 * best.basis_share["datasheet"]
        message = f"{share:.0f} % of the step's time rests on the datasheet of {question.accelerator}: not measured"
        raise InputError(Problem("", "require-measured", f"{message}; known fits: `datahall calibrate check`"))
    return Answer(
        accelerators=question.accelerators,
        fabric=_fabric(node, machines),
        candidates=candidates,
        kernels=_kernels_text(kernels, best.basis_share),
        error=overhead.text,
        notes=(
            f"{held['global_batch']:,} sequences of {held['sequence']:,} tokens a step",
            _peak_text(kernels, held),
            _POWER,
        ),
        memory_b=kernels.accelerator.memory_b,
    )


def answer_of_perceptron(question: Question, *, samples: int, epochs: int) -> PerceptronTraining | None:
    """Return the training of a perceptron, data parallel over the accelerators; None where the model is no perceptron.

    A step takes `global_batch` samples of `question.held`. Raises InputError as `answer` does.
    """
    model = catalog.entry("models", question.model)
    if not isinstance(model, Perceptron):
        return None
    if "global_batch" not in question.held:
        raise InputError(Problem("", "batch", "a perceptron needs the samples of a step, such as --batch 64"))
    kernels = kernels_for(question.accelerator, _frameworks(question.framework))
    machines = _machines(question, _node(question))
    batch = question.held["global_batch"]
    return perceptron_training(model, kernels, machines, batch=batch, samples=samples, epochs=epochs)


def scaled(question: Question) -> tuple[list[Answer], list[int]]:
    """Return answers for an eighth to eight times as many accelerators, the batch growing with them.

    With them, the numbers of accelerators on which nothing fits or can run.
    """
    machines = _machines(question, _node(question))
    per_accelerator = _with_batch(question, machines)["global_batch"] / question.accelerators
    found, left_out = [], []
    for factor in (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
        accelerators = question.accelerators * factor
        sequences = round(per_accelerator * accelerators)
        if not accelerators.is_integer() or sequences < 1:
            continue
        held = {**question.held, "global_batch": sequences}
        try:
            found.append(answer(replace(question, accelerators=int(accelerators), held=held)))
        except InputError:
            left_out.append(int(accelerators))
    return found, left_out


def _frameworks(name: str | None) -> tuple[str, ...]:
    """Return whose measurements answer, NCCL's for collectives: those of a framework that is named before others'."""
    if name is None:
        return TRAINING
    known = [each for each in TRAINING if each != "nccl"]
    if name not in known:
        raise InputError(Problem("", "framework", f"'{name}' has no measurements; known: {', '.join(known)}"))
    return ("nccl", name, *(each for each in known if each != name))


def _transformer(name: str) -> Transformer:
    model = catalog.entry("models", name)
    if not isinstance(model, Transformer):
        raise InputError(Problem("", "model", f"'{name}' is a {model.kind}; layouts are known for transformers"))
    return model


def _node(question: Question) -> tuple[Node, Rack | None]:
    """Return the node with the accelerator and the rack whose scale-up domain it is in, where there is one."""
    names = [question.node] if question.node else catalog.names("nodes")
    for name in names:
        node = catalog.entry("nodes", name)
        if node.accelerator_name == question.accelerator:
            racks = [catalog.entry("racks", rack) for rack in catalog.names("racks")]
            return node, next((rack for rack in racks if rack.node == name), None)
    if question.node:
        message = f"'{question.node}' has no {question.accelerator}; leave it out or name a node that has"
        raise InputError(Problem("", "node", message))
    message = f"no node of the catalogue has {question.accelerator}"
    raise InputError(Problem("", "node", message))


def _machines(question: Question, found: tuple[Node, Rack | None]) -> Machines:
    node, rack = found
    machines = machines_of(node, question.accelerators, rack=rack)
    if question.network is None:
        return machines
    try:
        bandwidth_b_per_s = float(DIMENSIONS["bandwidth"].quantity(question.network))
    except ValueError as error:
        raise InputError(Problem("", "network", str(error))) from None
    if bandwidth_b_per_s == 0.0:
        raise InputError(Problem("", "network", f"'{question.network}' lets nothing through; allowed: more than 0"))
    network = machines.network
    if network is None:
        raise InputError(Problem("", "network", f"'{node.title}' has no network interfaces"))
    return machines._replace(network=network._replace(bandwidth_b_per_s=bandwidth_b_per_s))


def _with_batch(question: Question, machines: Machines) -> dict[str, Any]:
    """Return what is given with a batch: about `STEP_TOKENS`, and a whole number of sequences for each accelerator."""
    held = dict(question.held)
    if "global_batch" not in held:
        each = max(round(STEP_TOKENS / (held["sequence"] * machines.accelerators)), 1)
        held["global_batch"] = each * machines.accelerators
    return held


def _check_precision(accelerator: Accelerator, precision: str) -> None:
    """Raise InputError for a number format that the accelerator's matrix units do not compute in."""
    if computed_in(accelerator, precision) != precision:
        known = [name for name in get_args(Precision) if computed_in(accelerator, name) == name]
        message = f"{accelerator.title} does not compute in {precision}; it does in {', '.join(known)}"
        raise InputError(Problem("", "precision", message))


def _peak_text(kernels: Kernels, held: Mapping[str, Any]) -> str:
    precision = str(held.get("precision", "bf16"))
    peak = format_quantity(peak_flop_per_s(kernels.accelerator, precision), "compute_rate", 4)
    return f"MFU and HFU are over {peak} a GPU, the dense rate in {precision} of the datasheet"


def _fabric(found: tuple[Node, Rack | None], machines: Machines) -> str:
    node, rack = found
    name = rack.title if rack and machines.domain > node.accelerators else node.title
    domain = f"scale-up domains of {machines.domain:,}"
    if machines.network is None:
        return f"{name}: {domain}, no network"
    bandwidth = format_quantity(machines.network.bandwidth_b_per_s, "bandwidth", 3)
    return f"{name}: {domain}, {bandwidth} of network to each accelerator"


def _kernels_text(kernels: Kernels, share: Mapping[str, float]) -> str:
    parts = ", ".join(f"{100.0 * part:.0f} % {name}" for name, part in share.items() if part >= 0.005)
    if not kernels.fitted:
        return f"{parts} of the time; nothing was measured on {kernels.accelerator.title}"
    sources: dict[str, list[str]] = {}
    for text in sorted({kernel.source for kernel in kernels.fitted.values()}):
        source, _, what = text.partition(": ")
        sources.setdefault(source, []).append(what)
    told = "; ".join(f"{source} ({', '.join(each)})" if any(each) else source for source, each in sources.items())
    return f"{parts} of the time; {told}"


def _candidate(candidate: Candidate, accelerators: int) -> dict[str, Any]:
    step = candidate.step
    return {
        "layout": candidate.layout.model_dump(mode="json"),
        "data_parallel": candidate.layout.data_parallel(accelerators),
        "step_s": step.step_s,
        "tokens_per_s": step.tokens_per_s,
        "mfu": step.mfu,
        "hfu": step.hfu,
        "power_w": step.power_w,
        "energy_per_token_j": step.energy_per_token_j,
        "memory_b": step.memory.total_b,
        "phase_s": dict(step.phase_s),
        "sent_b": {f"{link} {collective}": size_b for (link, collective), size_b in step.sent_b.items()},
        "basis_share": dict(step.basis_share),
        "notes": list(step.notes),
    }
