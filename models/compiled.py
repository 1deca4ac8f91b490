"""Compile a loop with numba, and keep the machine code between runs.

numba notices when the file of a compiled function changes, not when the file of a function that it calls does. The
cache is therefore a folder per digest of every `*_kernel.py` and `state.py`, so that stale machine code is never run.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_numba: Any = numba  # Its types do not tell all that it takes.
_ROOT = Path(__file__).resolve().parent.parent
FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def source_digest() -> str:
    """Return a digest of the sources that compiled code is made from."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for package in ("models", "optimizers", "simulator"):
        for pattern in ("*_kernel.py", "state.py", "compiled.py"):
            for path in sorted((_ROOT / package).rglob(pattern)):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "datahall" / "compiled" / source_digest()


def is_compiled_before() -> bool:
    """Return whether an earlier run left machine code for these sources."""
    return Path(_numba.config.CACHE_DIR or _cache_folder()).is_dir()


if not _numba.config.CACHE_DIR:
    _numba.config.CACHE_DIR = str(_cache_folder())


def compiled(function: FunctionT) -> FunctionT:
    """Compile into the machine code of the compiled callers, for whatever types they have.

    Inlined, the counting of references to arrays at every call falls away, which halves the time of a run. Python can
    not call the result, which saves a third of the time to compile; `plain` gives what it can call.
    """
    return cast(FunctionT, _njit_inside(forceinline=True)(function))


def compiled_apart(function: FunctionT) -> FunctionT:
    """Compile as `compiled` does but leave calls as calls: for what is large and called rarely, or from many places."""
    return cast(FunctionT, _njit_inside()(function))


_njit_inside: Any = functools.partial(
    _numba.njit, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
)  # fmt: skip


def plain(function: FunctionT) -> FunctionT:
    """Return the Python function that was compiled. It works by itself where it calls no other compiled function."""
    return cast(FunctionT, getattr(function, "py_func", function))


def spliced(function: FunctionT) -> FunctionT:
    """Compile into the callers themselves: the form of a loop that takes a compiled function as an argument."""
    return cast(FunctionT, _numba.njit(error_model="numpy", inline="always")(function))


def compiled_as(signature: Any) -> Callable[[FunctionT], FunctionT]:
    """Compile for one signature, at once, and keep the machine code: the form of an entry and of a policy."""

    def compile_function(function: FunctionT) -> FunctionT:
        return cast(FunctionT, _numba.njit(signature, cache=True, error_model="numpy")(function))

    return compile_function
