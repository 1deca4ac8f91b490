"""Start what moves work between nodes."""

from __future__ import annotations

from ..operations.running import Running


def start_balancing(running: Running) -> None:
    """Let jobs be moved for others that wait, where the scenario's `operations.balancing` asks for it."""
    operations = running.given.operations
    if operations is None or operations.balancing is None:
        return
    terms = operations.balancing.defragment
    if terms is not None:
        from .defragmentation import Defragmenting

        story = Defragmenting(terms, running.given.scheduling, running.workload.name)
        running.hall.timeline.process(story.run(running.hall))
        running.parts.append(story)
