"""One DMN file, compiled: the logic of its elements and where its references lead."""

from __future__ import annotations

from collections.abc import Mapping

from engine.decisions import emitters  # noqa: F401 — registers the closures of DMN's own nodes
from engine.decisions import model as m
from engine.feel.emit import emit
from engine.feel.frame import Run

Target = tuple["Program", str, str | None]


class Program:
    """One file, compiled, and the programs it imports by namespace."""

    def __init__(self, model: m.Model, imported: Mapping[str, Program]) -> None:
        self.model = model
        self.imported = imported
        self.logic: dict[str, Run] = {}
        self.declared = frozenset(each.name for each in model.elements.values())
        for element in model.elements.values():
            if isinstance(element, m.Decision | m.Knowledge) and element.logic is not None:
                self.logic[element.id] = emit(element.logic)

    def resolve(self, href: str) -> Target | None:
        """Where an href leads: the program, the id, and the name of the import (None inside the file)."""
        namespace, _, element_id = href.rpartition("#")
        if not namespace or namespace == self.model.namespace:
            return (self, element_id, None) if element_id in self.model.elements else None
        other = self.imported.get(namespace)
        if other is None or element_id not in other.model.elements:
            return None
        name = next((each.name for each in self.model.imports if each.namespace == namespace), "")
        return other, element_id, name or None
