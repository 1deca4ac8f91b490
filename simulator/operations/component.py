"""Parts of the hall that break, are maintained, drilled or attacked: whoever takes one out says so here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from models.problems import nearest


@dataclass(frozen=True, eq=False)
class Component:
    """A part of the hall. Its owner says what happens when it goes and when it comes back, and marks what is dirty."""

    kind: str
    """What it is: node, rack, switch, link, storage-server, pdu, feed, cooling-unit, cdu, ..."""
    name: str
    """Its name, unique among those of its kind."""
    take_out: Callable[[], None]
    """Take it out of service at the present instant."""
    bring_back: Callable[[], None]
    """Put it back into service at the present instant."""
    nodes: tuple[int, ...] = ()
    """Nodes that stop when it does, by index."""

    @property
    def label(self) -> str:
        """Its kind and name, such as `node gpu-7`."""
        return f"{self.kind} {self.name}"


@dataclass(eq=False)
class Components:
    """Every component by kind and name; one that several keep out comes back when the last lets go."""

    _by_kind: dict[str, dict[str, Component]] = field(default_factory=dict)
    _out: Counter[Component] = field(default_factory=Counter)

    def register(self, component: Component) -> None:
        """Enter a component; raises ValueError where its kind has that name already."""
        named = self._by_kind.setdefault(component.kind, {})
        if component.name in named:
            raise ValueError(f"there is a {component.label} already")
        named[component.name] = component

    def __iter__(self) -> Iterator[Component]:
        for named in self._by_kind.values():
            yield from named.values()

    @property
    def kinds(self) -> Iterable[str]:
        """The kinds that there are."""
        return self._by_kind.keys()

    def of_kind(self, kind: str) -> tuple[Component, ...]:
        """Return the components of a kind in the order in which they were entered; none where there is no such kind."""
        return tuple(self._by_kind.get(kind, {}).values())

    def find(self, kind: str, name: str) -> Component:
        """Return a component; raises ValueError that names what there is."""
        if kind not in self._by_kind:
            allowed = ", ".join(sorted(self._by_kind)) or "none"
            raise ValueError(f"the hall has no {kind}; it has: {allowed}{nearest(kind, self._by_kind)}")
        named = self._by_kind[kind]
        if name not in named:
            raise ValueError(f"the hall has no {kind} '{name}'{nearest(name, named)}")
        return named[name]

    def is_out(self, component: Component) -> bool:
        """Return whether anybody keeps a component out."""
        return self._out[component] > 0

    def take_out(self, component: Component) -> None:
        """Take a component out, or one reason more where it is out already."""
        self._out[component] += 1
        if self._out[component] == 1:
            component.take_out()

    def bring_back(self, component: Component) -> None:
        """Let go of a component; it is back once nobody keeps it out. Raises ValueError where nobody does."""
        if self._out[component] == 0:
            raise ValueError(f"{component.label} is not out")
        self._out[component] -= 1
        if self._out[component] == 0:
            component.bring_back()
