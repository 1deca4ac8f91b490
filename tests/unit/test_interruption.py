"""Ctrl-C: once asks, twice insists."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from simulator.terminal.interruption import MESSAGE, stop_on_interrupt


def test_the_first_interrupt_only_asks_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    with stop_on_interrupt() as should_stop:
        assert not should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
    assert capsys.readouterr().err == f"{MESSAGE}\n"


def test_the_second_interrupt_stops_at_once() -> None:
    with stop_on_interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_handler_of_before_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stop_on_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_nothing_is_asked() -> None:
    answers = []

    def asked() -> None:
        with stop_on_interrupt() as should_stop:
            answers.append(should_stop())

    thread = threading.Thread(target=asked)
    thread.start()
    thread.join()
    assert answers == [False]
