"""A CUDA device under PyTorch: random numbers, events, graphs. The one module that imports torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...problems import InputError, Problem
from .case import Call, DoesNotFitError
from .gpu_names import catalogue_name, file_stem

_SEED = 20_260_101
_POOL_SHARE = 0.2
"""Share of the free memory that holds random bf16 numbers, from which operands are cut."""
_LARGEST_POOL = 2**33
"""Elements; 16 GiB of bf16."""
_ALIGNMENT = 128
"""Elements that operands are aligned to: 256 bytes of bf16, as allocations are."""
_CHUNK = 2**28


class Software(NamedTuple):
    """What ran the kernels."""

    torch: str
    cuda: str


class TorchBench:
    """A device that kernels are timed on. `device` "cpu" with a small pool is for trying the suite without a GPU."""

    def __init__(self, device: str = "cuda", *, pool_elements: int | None = None, l2_b: int | None = None) -> None:
        torch = import_torch()
        self.torch = torch
        self.device = torch.device(device)
        self.on_gpu = self.device.type == "cuda"
        self.software = Software(torch.__version__, str(torch.version.cuda))
        self.uuid: str | None = None
        self.name = "cpu"
        self.l2_b = l2_b or 64 * 2**20
        free_b = 2**30
        if self.on_gpu:
            if not torch.cuda.is_available():
                raise InputError(Problem("", "", "PyTorch finds no CUDA device; measuring needs one"))
            properties = torch.cuda.get_device_properties(0)
            self.name = str(properties.name)
            self.l2_b = l2_b or int(getattr(properties, "L2_cache_size", 0)) or self.l2_b
            uuid = getattr(properties, "uuid", None)
            self.uuid = None if uuid is None else str(uuid)
            free_b = int(torch.cuda.mem_get_info()[0])
            # Graphs are recorded on a stream of their own, and autograd runs backward where forward ran.
            torch.cuda.set_stream(torch.cuda.Stream())
        self._pool_elements = pool_elements or min(_LARGEST_POOL, int(free_b * _POOL_SHARE) // 2)
        self._random = torch.Generator(device=self.device).manual_seed(_SEED)
        self._pools: dict[str, Any] = {}
        self._cursor = 0
        self._outputs: dict[str, Any] = {}

    @property
    def accelerator(self) -> str | None:
        """The catalogue's name of the device."""
        return catalogue_name(self.name)

    @property
    def file_stem(self) -> str:
        """The name of the device's files."""
        return file_stem(self.name)

    def dtype(self, name: str) -> Any:
        """Return PyTorch's number format."""
        torch = self.torch
        return {"bf16": torch.bfloat16, "fp16": torch.float16, "fp8": torch.float8_e4m3fn}[name]

    def random(self, dtype: str, *shape: int) -> Any:
        """Return standard normal numbers to read from, at an address that no recent call was given.

        They are cut from a pool that is filled once; raise DoesNotFitError where they are more than the pool.
        """
        count = _product(shape)
        pool = self._pool(dtype)
        if count > pool.numel():
            raise DoesNotFitError(f"{count} random numbers of {dtype}; the pool holds {pool.numel()}")
        if self._cursor + count > pool.numel():
            self._cursor = 0
        cut = pool[self._cursor : self._cursor + count].view(shape)
        self._cursor += -(-count // _ALIGNMENT) * _ALIGNMENT
        return cut

    def fresh(self, dtype: str, *shape: int, scale: float = 1.0) -> Any:
        """Return normal numbers of their own memory, that may be written to or differentiated by."""
        made = self.torch.empty(shape, dtype=self.dtype(dtype), device=self.device)
        return made.normal_(0.0, scale, generator=self._random)

    def output(self, dtype: str, *shape: int) -> Any:
        """Return memory to write to; all cases share it."""
        count = _product(shape)
        if dtype not in self._outputs or self._outputs[dtype].numel() < count:
            self._outputs.pop(dtype, None)
            self._outputs[dtype] = self.torch.zeros(count, dtype=self.dtype(dtype), device=self.device)
        return self._outputs[dtype][:count].view(shape)

    def outputs(self, dtype: str, sets: int, *shape: int) -> list[Any]:
        """Return `sets` places to write to, one behind the other."""
        count = _product(shape)
        stride = -(-count // _ALIGNMENT) * _ALIGNMENT
        whole = self.output(dtype, sets * stride)
        return [whole[index * stride : index * stride + count].view(shape) for index in range(sets)]

    def flash_attention(self, backend: str = "flash") -> Any:
        """Return the context in which attention runs on that backend alone."""
        attention = importlib.import_module("torch.nn.attention")
        kinds = {"flash": attention.SDPBackend.FLASH_ATTENTION, "cudnn": attention.SDPBackend.CUDNN_ATTENTION}
        # A CPU has no cuDNN and its flash attention takes no grouped heads: there the plain form stands in.
        return attention.sdpa_kernel(kinds[backend] if self.on_gpu else attention.SDPBackend.MATH)

    def event(self) -> Any:
        if not self.on_gpu:
            return importlib.import_module("time").perf_counter()
        event = self.torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self, earlier: Any, later: Any) -> float:
        return float(earlier.elapsed_time(later)) * 1e-3 if self.on_gpu else later - earlier

    def wait(self, event: Any) -> None:
        if self.on_gpu:
            event.synchronize()

    def synchronize(self) -> None:
        if self.on_gpu:
            self.torch.cuda.synchronize()

    def capture(self, calls: Sequence[Call]) -> Callable[[], object] | None:
        """Return what replays the calls as one CUDA graph, or None where one of them can not be recorded."""
        if not self.on_gpu:
            return None
        graph = self.torch.cuda.CUDAGraph()
        self.synchronize()
        try:
            graph.capture_begin()
            try:
                for call in calls:
                    call()
            finally:
                graph.capture_end()
        except RuntimeError:
            self.synchronize()
            return None
        replay: Callable[[], object] = graph.replay
        return replay

    def works(self) -> bool:
        """Return whether the device still computes; after an illegal access it does not."""
        try:
            self.torch.ones(1, device=self.device).add_(1)
            self.synchronize()
        except RuntimeError:
            return False
        return True

    def release(self) -> None:
        """Give back the memory that finished cases left behind."""
        if self.on_gpu:
            self.synchronize()
            self.torch.cuda.empty_cache()

    def _pool(self, dtype: str) -> Any:
        if dtype not in self._pools:
            elements = self._pool_elements if dtype == "bf16" else min(self._pool_elements, 2**31)
            pool = self.torch.empty(elements, dtype=self.dtype(dtype), device=self.device)
            for start in range(0, elements, _CHUNK):
                chunk = pool[start : start + _CHUNK]
                if dtype == "fp8":
                    chunk.copy_(self.fresh("bf16", chunk.numel()))
                else:
                    chunk.normal_(generator=self._random)
            self._pools[dtype] = pool
        return self._pools[dtype]


def import_torch() -> Any:
    """Return PyTorch; raise InputError where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise InputError(
            Problem(
                "",
                "",
                f"measuring needs PyTorch with CUDA, and it does not import ({error}); "
                "models/calibration/measuring/kernel_bench.cu does without, and says at its head how to build it",
            )
        ) from None


def _product(shape: Sequence[int]) -> int:
    count = 1
    for width in shape:
        count *= width
    return count
