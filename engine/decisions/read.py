"""DMN XML (1.1 to 1.5) to a model; the version shows in nothing but the namespace and a few spellings."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.decisions import model as m
from engine.decisions.boxed import BoxedReader
from engine.decisions.items import Items, Lookup
from engine.decisions.xml import Element, child, children, local, read_xml
from engine.errors import InvalidDefinition
from engine.feel.nodes import TypeNode

_ELEMENTS = frozenset(("inputData", "decision", "businessKnowledgeModel", "decisionService"))
_REQUIREMENTS = ("informationRequirement", "knowledgeRequirement")
_LOGIC_NAMES = (
    "decision",
    "inputData",
    "businessKnowledgeModel",
    "decisionService",
    "variable",
    "parameter",
    "formalParameter",
    "column",
    "contextEntry",
    "import",
    "itemComponent",
    "itemDefinition",
)


@dataclass(slots=True)
class Imported:
    """What a file sees of the models it imports: types by import name and namespace, types of imports without a
    name, and all names met in them."""

    types: dict[str, Lookup] = field(default_factory=dict)
    unnamed: list[Lookup] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, name: str, namespace: str, reader: ModelReader) -> None:
        """One import more."""
        self.types[namespace] = reader.items.lookup
        self.names |= reader.boxed.names
        if name:
            self.types[name] = reader.items.lookup
        else:
            self.unnamed.append(reader.items.lookup)


class ModelReader:
    """Reads one file."""

    def __init__(self, root: Element, imported: Imported) -> None:
        self.root = root
        self.items = Items(root, imported.types, imported.unnamed)
        names = {each.get("name", "") for each in root.iter() if local(each) in _LOGIC_NAMES}
        self.boxed = BoxedReader((names | imported.names) - {""}, self.type_node)
        self.model = m.Model(root.get("id", ""), root.get("name", ""), root.get("namespace", ""))

    def type_node(self, reference: str | None) -> TypeNode | None:
        """A resolved type for a typeRef; None when there is none."""
        if not reference or reference.rpartition(":")[2] in {"Any", "Undefined"}:
            return None
        found = self.items.lookup(reference)
        if found is None:
            self.model.problems.append(f"There is no type {reference}.")
            return None
        return TypeNode("named", reference, resolved=found)

    def read(self) -> m.Model:
        """The model, its problems collected in `problems`."""
        for each in children(self.root, "import"):
            self.model.imports.append(m.Import(each.get("name", ""), each.get("namespace", "")))
        for name in self.items.found:
            self.items.lookup(name)
        for each in children(self.root):
            if local(each) in _ELEMENTS:
                self._element(each)
        self.model.problems += self.items.problems + self.boxed.problems
        return self.model

    def _element(self, element: Element) -> None:
        kind, identity, name = local(element), element.get("id", ""), element.get("name", "")
        if not identity or identity in self.model.elements:
            self.model.problems.append(f"{kind} {name}: the id {identity} is missing or given twice.")
            return
        variable = child(element, "variable")
        wanted = self.type_node(None if variable is None else variable.get("typeRef"))
        name = name if variable is None else variable.get("name") or name
        requires = [href.get("href", "") for each in children(element, *_REQUIREMENTS) for href in children(each)]
        self.boxed.owner = (identity, name)
        self.model.elements[identity] = self._made(kind, element, m.Element(identity, name, wanted, requires))

    def _made(self, kind: str, element: Element, base: m.Element) -> m.Element:
        common = (base.id, base.name, base.type, base.requires)
        if kind == "inputData":
            return m.InputData(*common)
        if kind == "decision":
            return m.Decision(*common, logic=self.boxed.in_element(element))
        if kind == "businessKnowledgeModel":
            return self._knowledge(element, common)
        hrefs = {
            name: [each.get("href", "") for each in children(element, name)]
            for name in ("outputDecision", "inputDecision", "inputData", "encapsulatedDecision")
        }
        return m.Service(*common, hrefs["outputDecision"], hrefs["inputDecision"], hrefs["inputData"])

    def _knowledge(self, element: Element, common: tuple[str, str, TypeNode | None, list[str]]) -> m.Knowledge:
        logic = child(element, "encapsulatedLogic")
        if logic is None:
            return m.Knowledge(*common)
        params = [m.Parameter(name, wanted) for name, wanted in self.boxed.parameters(logic)]
        external = logic.get("kind", "FEEL") not in {"FEEL", "F"}
        return m.Knowledge(*common, params, self.boxed.in_element(logic), external)


def read_model(data: bytes) -> Element:
    """The root of a DMN file. Raises InvalidDefinition when it is none."""
    root = read_xml(data)
    if local(root) != "definitions" or "DMN" not in str(root.tag).upper():
        raise InvalidDefinition(["The file is no DMN model."])
    return root
