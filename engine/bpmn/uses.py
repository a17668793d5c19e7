"""Which variables the expressions of an element read, and which it sets: what the check of variables asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from engine import feel
from engine.bpmn.nodes import Node
from engine.decisions import model as tables
from engine.feel import nodes as syntax

LOOP = {"loopCounter", "numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances"}
CAUGHT = {"error_code", "error_message"}
THROWS = {"endEvent", "intermediateThrowEvent", "sendTask"}


@dataclass(frozen=True, slots=True)
class Use:
    """A variable that is read. `after`: when the element's own results are there already."""

    name: str
    what: str
    after: bool = False
    optional: bool = False  # the expression says what holds while it is unset


def uses_of(node: Node) -> Iterator[Use]:
    """What the element's own expressions read; names that its mappings made before are left out."""
    made = loop_names(node)
    for source, target in node.inputs:
        yield from _read("inputs", source, made)
        made.add(base(target))
    for what, text in _before(node):
        yield from _read(what, text, made)
    for what, text in _after(node):
        yield from _read(what, text, made, after=True)
    if node.zeebe.get("calledElement") is None:
        for source, target in node.outputs:
            yield from _read("outputs", source, made, after=True)
            made.add(base(target))
    for flow in node.outgoing:
        yield from _read("condition", flow.condition or "", set(), after=True)


def _before(node: Node) -> Iterator[tuple[str, str]]:
    """Attributes that are decided when the element begins."""
    for tag in ("assignmentDefinition", "taskSchedule", "priorityDefinition"):
        yield from node.zeebe.get(tag, {}).items()
    for tag, name in (("taskDefinition", "type"), ("taskDefinition", "retries"), ("script", "expression")):
        yield name, node.zeebe.get(tag, {}).get(name, "")
    yield "correlationKey", node.properties.get("correlationKey", "")
    if node.loop is not None:
        yield "inputCollection", node.loop.collection
    for event in node.events:
        if node.tag not in THROWS or "correlationKey" not in node.properties:
            yield "correlationKey", event.correlation
        yield "timer", event.timer[1] if event.timer else ""
        yield "condition", event.condition


def _after(node: Node) -> Iterator[tuple[str, str]]:
    if node.loop is not None:
        yield "completionCondition", node.loop.completion
        if not _plain(node.loop.output_element):
            yield "outputElement", node.loop.output_element


def _read(what: str, text: str, made: set[str], *, after: bool = False) -> Iterator[Use]:
    if text.startswith("="):
        tree = feel.compile(text[1:].strip()).node
        optional = _optional(tree)
        for name in sorted(names_in(tree) - made):
            yield Use(name, what, after, name in optional)


def _optional(tree: syntax.Node) -> set[str]:
    """Names that may be unset: compared with null, or with true or false, which null is not."""
    found: set[str] = set()
    for part in feel.walk(tree):
        if isinstance(part, syntax.Comparison):
            sides = (part.left, part.right)
            if any(
                isinstance(side, syntax.Literal) and (side.value is None or side.value.__class__ is bool)
                for side in sides
            ):
                found |= names_in(sides)
        elif isinstance(part, syntax.Call) and getattr(part.function, "name", "") == "is defined":
            found |= names_in(part.args)
    return found


def names_in(tree: Any) -> set[str]:
    """The free names of a FEEL or boxed expression. What a filter asks is left out: it may mean the items' members."""
    found: set[str] = set()
    todo: list[tuple[Any, frozenset[str]]] = [(tree, frozenset())]
    while todo:
        part, bound = todo.pop()
        if isinstance(part, syntax.Name):
            found |= {part.name} - bound
        elif isinstance(part, syntax.Filter):
            todo.append((part.base, bound))
        elif isinstance(part, syntax.Call):
            called = () if isinstance(part.function, syntax.Name) else (part.function,)
            todo += [(one, bound) for one in (*called, *part.args)]
        elif isinstance(part, list | tuple):
            todo += [(one, bound) for one in part]
        elif is_dataclass(part) and not isinstance(part, syntax.TypeNode):
            inside = bound | _bound_by(part)
            todo += [(getattr(part, one.name), inside) for one in fields(part)]
    return found - {"?"}


def _bound_by(part: Any) -> set[str]:
    """Names that mean something of their own inside this part of an expression."""
    if isinstance(part, syntax.For | syntax.Quantified):
        return {"partial", *(iterator.name for iterator in part.iterators)}
    if isinstance(part, syntax.FunctionDefinition):
        return {name for name, _ in part.params}
    if isinstance(part, syntax.ContextLiteral | tables.BoxedContext):
        return {name for name, _ in part.entries}
    return set()


def names_of_decision(model: tables.Model, decision_id: str) -> set[str]:
    """What a decision reads that neither it nor what it requires makes."""
    found, own, todo, seen = set[str](), set[str](), [decision_id], set[str]()
    while todo:
        element = model.elements.get(todo.pop())
        if element is None or element.id in seen:
            continue
        seen.add(element.id)
        todo += [href.rpartition("#")[2] for href in element.requires]
        if isinstance(element, tables.Decision | tables.Knowledge):
            own.add(element.name)
            if isinstance(element, tables.Decision):
                found |= names_in(element.logic)
        elif not isinstance(element, tables.InputData):
            own.add(element.name)
    return found - own


def sets_of(node: Node, results: Iterable[str]) -> set[str]:
    """The variables that the element leaves behind; `results` are what comes into it."""
    found = {base(target) for _, target in node.outputs}
    own = set(results)
    if node.loop is not None:
        own -= {node.loop.output_element.lstrip("=").strip()}
        found |= {node.loop.output_collection} - {""}
    if node.events and node.tag in THROWS:
        found |= {base(target) for _, target in node.inputs}  # what a thrown error or escalation hands on
    return found if node.outputs else found | own


def loop_names(node: Node) -> set[str]:
    """What each instance of a multi-instance element owns."""
    if node.loop is None:
        return set()
    return {node.loop.element, node.loop.output_element.lstrip("=").strip(), *LOOP} - {""}


def base(name: str) -> str:
    """The variable that a target `a.b` belongs to."""
    return name.partition(".")[0]


def _plain(text: str) -> bool:
    return text.lstrip("=").strip().isidentifier()
