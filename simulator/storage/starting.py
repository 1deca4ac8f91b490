"""Put the storage of a scenario into service."""

from __future__ import annotations

from models.problems import InputError, Problem

from ..metering.meter import Meter
from ..operations.component import Component
from ..operations.running import Running
from .accounts import StorageAccounts
from .backups import Backups
from .in_service import StorageInService
from .tier_in_service import TierInService
from .tier_load import TierLoad
from .wiped_drives import WipedDrives


def start_storage(running: Running) -> None:
    """Enter the tiers' resources and servers, begin the backups, and account for both; nothing without `storage:`.

    Raises InputError where data sets do not fit the nodes' own drives.
    """
    section, hall = running.given.storage, running.hall
    if section is None:
        return
    shared = running.shared
    assert shared is not None, "what is shared is started before storage"
    clock = hall.batch.state.clock[0]
    tiers = {
        name: TierInService(name, given.sized(), shared, Meter(clock["first_edge_s"], clock["interval_s"]))
        for name, given in section.tiers.items()
    }
    for name, data_set in section.data_sets.items():
        tier = tiers[data_set.tier]
        tier.take_room(data_set.size)
        room_b = tier.sized.whole_capacity_b(len(running.fleet))
        if tier.used_b > room_b:
            text = f"data sets of {tier.used_b:,.0f} B do not fit the {room_b:,.0f} B of {len(running.fleet):,} nodes"
            raise InputError(Problem("", f"storage.data_sets.{name}.tier", text))
    storage = StorageInService(hall, section, tiers, WipedDrives(running.fleet.node_names, running.outages), shared)
    for tier in tiers.values():
        _enter_servers(running, tier)
        if tier.sized.peak_w > 0.0:
            hall.loads.append(TierLoad(tier, running.given.start_utc_s))
    accounts = StorageAccounts(storage, shared, hall.feed, running.given.accounting)
    hall.settlement.join(accounts)
    running.parts.append(accounts)
    running.storage = storage
    if section.backups:
        storage.backups = Backups(storage, hall.timeline, shared)
        for name in section.backups:
            hall.timeline.process(storage.backups.follow(name))


def _enter_servers(running: Running, tier: TierInService) -> None:
    """Enter the servers of a tier as components, named after it and numbered from 0."""
    for number in range(tier.sized.servers):
        name = f"{tier.name}-{number}"
        running.components.register(Component("storage-server", name, tier.take_server_out, tier.bring_server_back))
