"""Start the drills of a hall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.operations.drills.lose_component import LoseComponent
from models.operations.drills.restore_backup import RestoreBackup
from models.operations.every_single import EverySingle
from models.problems import InputError, Problem, nearest

from ..operations.component import Component

if TYPE_CHECKING:
    from ..operations.running import Running
    from ..storage.backups import Backups


def start_drills(running: Running) -> None:
    """Put a story of each drill on the timeline, and look at what it leads to.

    Raises InputError with every drill of what the hall has not, each at its place.
    """
    terms = running.given.operations
    if terms is None or not (terms.drills or terms.every_single):
        return
    from .backup_restore import restore_backup
    from .component_loss import lose_components
    from .drill_accounts import DrillAccounts
    from .drill_watch import DrillWatch

    watch = DrillWatch(running)
    problems: list[Problem] = []
    stories = []
    for number, drill in enumerate(terms.drills):
        path = f"operations.drills[{number}]"
        try:
            if isinstance(drill, LoseComponent):
                if drill.duration is None and (reason := terms.lacks_skill(drill.skill)) is not None:
                    raise InputError(Problem("", f"{path}.skill", reason))
                stories.append(lose_components(running, watch, drill, _lost(running, drill, path)))
            elif isinstance(drill, RestoreBackup):
                stories.append(restore_backup(running, watch, drill, _backups(running, drill, path)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if terms.every_single is not None:
        _start_every_single(running, terms.every_single)
    for story in stories:
        running.hall.timeline.process(story)
    if terms.drills:
        running.hall.settlement.join(watch)
        running.parts.append(DrillAccounts(running, watch))


def _start_every_single(running: Running, terms: EverySingle) -> None:
    """Have each component taken out in turn at the stated instant; without one it is only told that none is."""
    from .every_single import EverySingleAccounts

    for number, kind in enumerate(terms.kinds):
        if not running.components.of_kind(kind):
            known = running.components.kinds
            text = (
                f"the hall has no {kind}; it has: {', '.join(sorted(known))}{nearest(kind, known)}{_needs(kind, False)}"
            )
            raise InputError(Problem("", f"operations.every_single.kinds[{number}]", text))
    accounts = EverySingleAccounts(running, terms)
    running.parts.append(accounts)
    if terms.at is not None:
        running.hall.timeline.process(accounts.take_out_each())


def _backups(running: Running, drill: RestoreBackup, path: str) -> Backups:
    """Return the backups that a drill restores from."""
    backups = None if running.storage is None else running.storage.backups
    if backups is None:
        text = f"the scenario makes no backup '{drill.plan}': it takes 'storage.backups'"
        raise InputError(Problem("", f"{path}.plan", text))
    try:
        backups.plan(drill.plan)
    except ValueError as error:
        raise InputError(Problem("", f"{path}.plan", str(error))) from None
    return backups


def _lost(running: Running, drill: LoseComponent, path: str) -> list[Component]:
    """Return the components that a drill takes out."""
    found = []
    for name in drill.lose.every:
        try:
            found.append(running.components.find(drill.lose.kind, name))
        except ValueError as error:
            known = drill.lose.kind in running.components.kinds
            key = ("name" if drill.lose.name is not None else "names") if known else "kind"
            raise InputError(Problem("", f"{path}.lose.{key}", f"{error}{_needs(drill.lose.kind, known)}")) from None
    return found


def _needs(kind: str, known: bool) -> str:
    """Return what a scenario would have to give for a kind that it has not."""
    sections = {
        "feed": "'facility.supply' (who carries the building without the grid) or 'facility.power_chain.utility.feeds'",
        "cooling-unit": "'facility.cooling'",
        "cdu": "'facility.cooling.liquid'",
        "switch": "'fabric'",
        "link": "'fabric'",
        "storage-server": "'storage'",
    }
    return f"; it takes {sections[kind]}" if not known and kind in sections else ""
