"""Let a run go on in several ways from one instant, each in a process that starts as a copy of this one."""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from models.problems import InputError, Problem

from ..engine.batch import Stopped

Figures = Mapping[str, float]
"""What a branch found, by name."""


def in_a_branch(go_on: Callable[[], Figures]) -> dict[str, float]:
    """Return what `go_on` found, which goes on from here and leaves this run as it is.

    It runs in a copy of this process and prints nothing. Raises RuntimeError with its trace where it failed,
    InputError where the system can not copy a process, and Stopped where it was asked to stop.
    """
    if not hasattr(os, "fork"):
        raise InputError(Problem("", "operations.every_single", "needs a system that can fork, Linux or macOS"))
    receiving, sending = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python 3.12 warns where libraries hold threads; the copy has one thread, and calls nothing that needs another.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _answer(go_on, receiving, sending)
    os.close(sending)
    with os.fdopen(receiving, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    answer: dict[str, Any] = json.loads(text) if text else {"failed": "the process ended without an answer"}
    if "stopped" in answer:
        raise Stopped
    if "failed" in answer:
        raise RuntimeError(f"a branch of the run failed: {answer['failed']}")
    return dict(answer["found"])


def _answer(go_on: Callable[[], Figures], receiving: int, sending: int) -> None:
    """Go on in the copy, send what came of it, and end there: nothing of the original's callers is to run twice."""
    try:
        os.close(receiving)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            answer: dict[str, object] = {"found": dict(go_on())}
        except Stopped:
            answer = {"stopped": True}
        except BaseException:  # noqa: BLE001 - it is told in the original
            answer = {"failed": traceback.format_exc()}
        with os.fdopen(sending, "w", encoding="utf-8") as pipe:
            json.dump(answer, pipe)
    finally:
        os._exit(0)
