"""Start what moves work between nodes."""

from __future__ import annotations

from ..operations.running import Running


def start_balancing(running: Running) -> None:
    """Let jobs be moved, and stragglers taken out, where the scenario's `operations.balancing` asks for it."""
    operations = running.given.operations
    if operations is None or operations.balancing is None:
        return
    terms = operations.balancing.defragment
    if terms is not None:
        from .defragmentation import Defragmenting

        story = Defragmenting(terms, running.given.scheduling, running.workload.name)
        running.hall.timeline.process(story.run(running.hall))
        running.parts.append(story)
    draining = operations.balancing.drain_stragglers
    if draining is not None and running.training is not None:
        from .straggler_drain import StragglerDraining

        drain = StragglerDraining(draining, running)
        running.hall.timeline.process(drain.run())
        running.parts.append(drain)
