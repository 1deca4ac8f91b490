"""The figures of a run as a person reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from ..results.result import Result

_UNITS = {"l_per_kwh": "L/kWh", "kg_per_kwh": "kg/kWh", "kwh": "kWh", "kw": "kW", "usd": "USD", "kg": "kg", "l": "L"}
_UNITS |= {"node_hours": "node-h", "task_hours": "task-h", "hours": "h", "accelerator_h": "accelerator-h"}
_UNITS |= {"h": "h", "s": "s"}
_DURATIONS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))
GROUPS = {
    "jobs": (
        "jobs_submitted", "jobs_completed", "jobs_rejected", "jobs_killed", "jobs_unfinished", "jobs_interrupted",
        "simulated_s", "makespan_s", "wait_mean_s", "wait_p95_s", "node_utilization", "accelerator_utilization",
        "accelerator_allocation", "work_lost_s", "work_done_task_hours",
    ),
    "training": (
        "training_tokens", "mfu", "ettr", "goodput_fraction", "interruptions", "lost_work_accelerator_h",
        "checkpoint_overhead_fraction", "tokens_per_s_per_mw",
    ),
    "services": (
        "requests_offered", "requests_served", "requests_lost", "service_availability", "tokens_served",
    ),
    "failures, repair, security": (
        "availability", "mttr_h", "spare_stockouts", "technician_utilization", "backup_rpo_s", "backup_rto_s",
        "security_overhead_fraction",
    ),
    "energy": (
        "it_energy_kwh", "facility_energy_kwh", "energy_per_task_hour_kwh", "pue", "peak_it_power_kw",
        "peak_facility_power_kw", "power_loss_kwh", "unserved_energy_kwh", "stranded_power_kw",
        "network_energy_kwh", "storage_energy_kwh",
    ),
    "cooling and water": (
        "cooling_energy_kwh", "free_cooling_hours", "throttled_node_hours", "shut_down_node_hours", "water_l",
        "water_peak_day_l",
        "wue_l_per_kwh",
    ),
    "money": (
        "energy_cost_usd", "energy_charge_usd", "demand_charge_usd", "billed_demand_kw", "fuel_cost_usd",
        "water_cost_usd", "cost_per_accelerator_hour_usd", "cost_per_busy_accelerator_hour_usd",
    ),
    "carbon": (
        "carbon_operational_kg", "carbon_market_based_kg", "carbon_embodied_kg", "cue_kg_per_kwh",
    ),
}  # fmt: skip
"""The outcomes as they are printed, by what they are about. Others follow under their own heading."""
PLAIN_WIDTH = 100
"""Width of a table that is written into a file or a pipe [characters]."""


def unit_of(name: str) -> str:
    """Return the unit that an outcome's name ends in; "" for counts and ratios.

    >>> unit_of("it_energy_kwh"), unit_of("jobs_completed")
    ('kWh', '')
    """
    return next((unit for ending, unit in _UNITS.items() if name.endswith(f"_{ending}")), "")


def readable(name: str, value: float | None) -> str:
    """Return an outcome with its unit, durations also in days, hours or minutes; ratios of time as per cent.

    >>> readable("wait_mean_s", 5400.0), readable("node_utilization", 0.625), readable("energy_cost_usd", None)
    ('5,400 s (1.5 h)', '62.5 %', 'none')
    """
    if value is None:
        return "none"
    unit = unit_of(name)
    if name in {"availability", "service_availability"}:
        return f"{100.0 * value:.3f} %"
    if name.endswith(("_utilization", "_allocation", "_fraction")) or name in {"mfu", "ettr"}:
        return f"{100.0 * value:.1f} %"
    if isinstance(value, int):
        return f"{value:,}"
    small = 3 if not unit or "_per_" in name else 2 if unit == "USD" else 1
    digits = 0 if abs(value) >= 1_000.0 else small
    text = f"{value:,.{digits}f}" + (f" {unit}" if unit else "")
    if unit == "s":
        large = next((f" ({value / size:,.1f} {word})" for size, word in _DURATIONS if abs(value) >= size), "")
        return text + large
    return text


def words(name: str) -> str:
    """Return an outcome's name without its unit, in words.

    >>> words("peak_facility_power_kw")
    'peak facility power'
    """
    ending = next((ending for ending in _UNITS if name.endswith(f"_{ending}")), "")
    return name.removesuffix(f"_{ending}").replace("_", " ")


def grouped(kpis: Mapping[str, float | int | None]) -> dict[str, list[str]]:
    """Return the names of the outcomes that a run has, by group; groups and outcomes that it does not have are left
    out.

    >>> grouped({"pue": 1.2, "jobs_completed": 3, "water_l": None})
    {'jobs': ['jobs_completed'], 'energy': ['pue']}
    """
    placed = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, "other": tuple(name for name in kpis if name not in placed)}
    shown = {group: [name for name in names if kpis.get(name) is not None] for group, names in groups.items()}
    return {group: names for group, names in shown.items() if names}


def kpi_table(kpis: Mapping[str, float | int | None]) -> Table:
    """Return the figures that a run has as a table, group by group: what, how much."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column("outcome")
    table.add_column("value", justify="right")
    for group, names in grouped(kpis).items():
        table.add_row(group, "", style="bold")
        for name in names:
            table.add_row(f"  {words(name)}", readable(name, kpis[name]))
    return table


def print_table(table: Table) -> None:
    """Print a table to standard output, as wide as the terminal, or `PLAIN_WIDTH` where there is none."""
    from rich.console import Console

    Console(width=table_width()).print(table)


def table_width() -> int:
    """Return the width that tables and paragraphs may take: the terminal's, or `PLAIN_WIDTH` where there is none."""
    import shutil
    import sys

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PLAIN_WIDTH


def print_summary(result: Result, folder: str, *, told: Collection[str] = ()) -> None:
    """Print what came of a run and where it was written to standard output; notes `told` before are not repeated."""
    import click

    click.echo(f"{result.name}, seed {result.seed}: {result.status}")
    print_table(kpi_table(result.kpis))
    for note in (note for note in result.notes if note not in told):
        click.echo(f"note: {note}")
    click.echo(f"results in {folder}")
