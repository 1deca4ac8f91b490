"""What the driver says of a device while it works: clocks, temperature, power and energy."""

from __future__ import annotations

import importlib
import itertools
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol


class NoDriverError(Exception):
    """Raised where NVML or its Python module is not there."""


class Reading(NamedTuple):
    """One look at a device; None where it does not say."""

    at_s: float
    """When, on the host's monotonic clock [s]."""
    sm_clock_hz: float | None = None
    memory_clock_hz: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    energy_j: float | None = None
    """Energy since the driver was loaded [J]."""


class MeanPower(NamedTuple):
    """Mean power over a loop."""

    power_w: float
    method: str
    window_s: float
    """Between the first and the last look that counted [s]."""


class Monitor(Protocol):
    """Where readings come from."""

    name: str
    driver: str
    power_cap_w: float | None

    def read(self) -> Reading:
        """Return how the device stands now."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def mean_power(readings: Sequence[Reading], *, least_window_s: float) -> MeanPower | None:
    """Return the mean power over readings; None where they span less than `least_window_s`.

    The energy counter moves in steps of up to a tenth of a second, so it is taken from the first step that was seen to
    the last. Without one the mean of the power readings of the second half is taken: the driver smooths them.
    """
    steps = [
        later
        for earlier, later in itertools.pairwise(readings)
        if earlier.energy_j is not None and later.energy_j is not None and later.energy_j > earlier.energy_j
    ]
    if len(steps) >= 2:
        first, last = steps[0], steps[-1]
        window_s = last.at_s - first.at_s
        if window_s >= least_window_s and first.energy_j is not None and last.energy_j is not None:
            return MeanPower((last.energy_j - first.energy_j) / window_s, "energy counter", window_s)
        return None
    powers = [(reading.at_s, reading.power_w) for reading in readings if reading.power_w is not None]
    if len(powers) < 4 or powers[-1][0] - powers[0][0] < least_window_s:
        return None
    half = powers[len(powers) // 2 :]
    return MeanPower(sum(power_w for _, power_w in half) / len(half), "power readings", half[-1][0] - half[0][0])


class NoMonitor:
    """Says nothing: power and clocks are left empty."""

    name = "none"
    driver = ""
    power_cap_w: float | None = None

    def read(self) -> Reading:
        return Reading(time.monotonic())

    def close(self) -> None:
        return None


class NvmlMonitor:
    """NVIDIA's management library, through the `nvidia-ml-py` distribution."""

    name = "nvml"

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle
        self._absent: set[str] = set()
        driver = nvml.nvmlSystemGetDriverVersion()
        self.driver = driver.decode() if isinstance(driver, bytes) else str(driver)
        cap_mw = self._ask("cap", lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle))
        self.power_cap_w = None if cap_mw is None else cap_mw / 1e3

    @classmethod
    def open(cls, uuid: str | None) -> NvmlMonitor:
        """Return the monitor of the device with this UUID, the first device without one.

        Raises NoDriverError where the library or the device is not there.
        """
        try:
            nvml = importlib.import_module("pynvml")
        except ImportError as error:
            raise NoDriverError(str(error)) from None
        try:
            nvml.nvmlInit()
            if uuid:
                full = uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"
                return cls(nvml, nvml.nvmlDeviceGetHandleByUUID(full))
            return cls(nvml, nvml.nvmlDeviceGetHandleByIndex(0))
        except nvml.NVMLError as error:
            raise NoDriverError(str(error)) from None

    def read(self) -> Reading:
        nvml, handle = self._nvml, self._handle
        sm_mhz = self._ask("sm", lambda: nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM))
        memory_mhz = self._ask("memory", lambda: nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_MEM))
        temperature = self._ask("heat", lambda: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
        energy_mj = self._ask("energy", lambda: nvml.nvmlDeviceGetTotalEnergyConsumption(handle))
        at_s = time.monotonic()
        power_mw = None if energy_mj is not None else self._ask("power", lambda: nvml.nvmlDeviceGetPowerUsage(handle))
        return Reading(
            at_s,
            _scaled(sm_mhz, 1e6),
            _scaled(memory_mhz, 1e6),
            _scaled(temperature, 1.0),
            _scaled(power_mw, 1e-3),
            _scaled(energy_mj, 1e-3),
        )

    def close(self) -> None:
        self._nvml.nvmlShutdown()

    def _ask(self, what: str, question: Callable[[], float]) -> float | None:
        """Return the answer; what the device can not say is asked once."""
        if what in self._absent:
            return None
        try:
            return float(question())
        except self._nvml.NVMLError:
            self._absent.add(what)
            return None


_SMI_FIELDS = ("clocks.sm", "clocks.mem", "temperature.gpu", "power.draw", "power.limit", "driver_version")


class SmiMonitor:
    """The `nvidia-smi` program, asked for a line ten times a second: no energy counter, smoothed power."""

    name = "nvidia-smi"

    def __init__(self, uuid: str | None) -> None:
        command = ["nvidia-smi", f"--query-gpu={','.join(_SMI_FIELDS)}", "--format=csv,noheader,nounits", "-lms", "100"]
        if uuid:
            command += ["-i", uuid if uuid.startswith("GPU-") else f"GPU-{uuid}"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._latest = Reading(time.monotonic())
        self.driver = ""
        self.power_cap_w: float | None = None
        self._first = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()
        self._first.wait(timeout=5.0)

    def _follow(self) -> None:
        for line in self._process.stdout or ():
            self._latest, self.power_cap_w, self.driver = parse_smi_line(line, time.monotonic())
            self._first.set()

    def read(self) -> Reading:
        return self._latest

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=5.0)


def parse_smi_line(line: str, at_s: float) -> tuple[Reading, float | None, str]:
    """Return the reading, the power cap [W] and the driver of one line of `nvidia-smi`."""
    sm_mhz, memory_mhz, temperature, power, cap, driver = (part.strip() for part in line.split(","))
    reading = Reading(
        at_s,
        _scaled(_number(sm_mhz), 1e6),
        _scaled(_number(memory_mhz), 1e6),
        _number(temperature),
        _number(power),
    )
    return reading, _number(cap), driver


def open_monitor(uuid: str | None) -> Monitor:
    """Return the best monitor there is: NVML, else `nvidia-smi`, else one that says nothing."""
    try:
        return NvmlMonitor.open(uuid)
    except NoDriverError:
        return SmiMonitor(uuid) if shutil.which("nvidia-smi") else NoMonitor()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None  # "[N/A]"


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
