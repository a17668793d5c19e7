"""What an analyst draws and writes as plain text: elements of a diagram, rules of a table, questions of a form."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.bpmn.xml import UnreadableXml, read_xml
from engine.casework.tables import Name, english_of, remarks_of

_DRAWING = ("BPMNDiagram", "DMNDI")
# Who an element is joined to is told by the flow, and by what it is attached to.
_TOLD_ELSEWHERE = ("incoming", "outgoing", "flowNodeRef")
# What these are about is the element that they stand in.
_OF_ANOTHER = ("EventDefinition", "LoopCharacteristics")
_SILENT = "…"
REFERENCES = ("sourceRef", "targetRef", "attachedToRef", "default")
"""Details that are the id of another thing."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One element, rule or question: the same if its details are. `what`: its tag or type; `details`: what can be told
    of it, by name (of an element that it refers to, the id); `english`: of such names that have one; `order`: of its
    rules or questions."""

    what: str
    name: str = field(compare=False)
    name_en: str = field(compare=False)
    details: Mapping[str, str] = field(default_factory=dict)
    english: Mapping[str, str] = field(default_factory=dict, compare=False)
    order: tuple[str, ...] = field(default=(), compare=False)


def title(name: str, body: bytes) -> tuple[str, str]:
    """What a file is called, and its English: the process of a diagram, its decision tables, the form's title."""
    if name.endswith(".form"):
        said = _json(body).get("properties", {})
        return said.get("title", ""), said.get("title:en", "")
    root = _readable(body)
    if root is None:
        return "", ""
    named = [one for tag in ("process", "decision") for one in root.iter(f"{{*}}{tag}")]
    indonesian = ", ".join(one.get("name", "") for one in named)
    return indonesian, ", ".join(english_of(one) or one.get("name", "") for one in named)


def things(name: str, body: bytes) -> dict[str, Thing]:
    """Everything in a file that an analyst would call by a name or number; nothing if it cannot be read."""
    if name.endswith(".form"):
        return of_form(body)
    root = _readable(body)
    if root is None:
        return {}
    return of_tables(root) if name.endswith(".dmn") else of_diagram(root)


def _readable(body: bytes) -> Any:
    try:
        return read_xml(body) if body else None
    except UnreadableXml:
        return None


def of_diagram(root: Any) -> dict[str, Thing]:
    """Every element of a diagram that has an id, by it; a flow without a name is called by its ends."""
    found = {}
    for element in root.iter("{*}*"):
        if element.get("id") and not any(_tag(up) in _DRAWING for up in (element, *element.iterancestors())):
            details = dict(_numbered(_details(element)))
            named = element.getparent() if _tag(element).endswith(_OF_ANOTHER) else element
            found[element.get("id")] = Thing(_tag(element), named.get("name", ""), english_of(named), details)
    return {key: _called_by_its_ends(thing, found) for key, thing in found.items()}


def _called_by_its_ends(thing: Thing, others: Mapping[str, Thing]) -> Thing:
    ends = [others.get(thing.details.get(end, "")) for end in ("sourceRef", "targetRef")]
    if thing.name or None in ends:
        return thing
    known = [end for end in ends if end]
    return replace(
        thing,
        name=" → ".join(end.name or _SILENT for end in known),
        name_en=" → ".join(end.name_en or end.name or _SILENT for end in known),
    )


def _details(element: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(name, text) of attributes and of children without an id: those with one are things themselves."""
    for name, value in element.attrib.items():
        if name != "id":
            yield path + name.rpartition("}")[2], value
    if text := (element.text or "").strip():
        yield path.rstrip(" ") or "text", text
    for child in element.iterchildren("{*}*"):
        if child.get("id") is None and _tag(child) not in _TOLD_ELSEWHERE:
            yield from _child(child)


def _child(child: Any) -> Iterator[tuple[str, str]]:
    tag = _tag(child)
    if tag == "property":
        yield child.get("name", ""), child.get("value", "")
    elif tag in ("input", "output"):
        yield f"{tag} {child.get('target', '')}", child.get("source", "")
    elif tag in ("extensionElements", "properties", "ioMapping"):
        yield from _details(child)
    else:
        yield from _details(child, f"{tag} ")


def _numbered(pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A name that comes again gets a number, so that nothing is lost."""
    counted = Counter[str]()
    for name, text in pairs:
        counted[name] += 1
        yield (name if counted[name] == 1 else f"{name} {counted[name]}"), text


def of_tables(root: Any) -> dict[str, Thing]:
    """Every decision of a table file, and every rule of its table with its cells under the heads of their columns."""
    found = {}
    for decision in root.iter("{*}decision"):
        key, name, english = decision.get("id", ""), decision.get("name", ""), english_of(decision)
        details, rules = {"name": name, "label:en": english}, dict[str, Thing]()
        for table in decision.iterfind("{*}decisionTable"):
            heads = [*table.iterfind("{*}input"), *table.iterfind("{*}output")]
            details["hitPolicy"] = " ".join(filter(None, (table.get("hitPolicy"), table.get("aggregation"))))
            details |= {_label(head): _text(head.find("{*}inputExpression")) for head in heads}
            drawn = zip(table.iterfind("{*}rule"), remarks_of(table), strict=True)
            for number, (rule, remark) in enumerate(drawn, start=1):
                rules[rule.get("id") or f"{key} {number}"] = _rule(rule, number, heads, remark)
        found[key] = Thing("decision", name, english, details, order=tuple(rules))
        found |= rules
    return found


def _rule(rule: Any, number: int, heads: list[Any], remark: Name) -> Thing:
    cells = [*rule.iterfind("{*}inputEntry"), *rule.iterfind("{*}outputEntry")]
    details = {_label(head): _text(cell) for head, cell in zip(heads, cells, strict=False)}
    details |= zip(("description", "description:en"), remark, strict=True)
    return Thing("rule", str(number), "", details, {_label(head): english_of(head) for head in heads})


def _label(head: Any) -> str:
    return str(head.get("label") or head.get("name") or _text(head.find("{*}inputExpression")))


def _text(element: Any) -> str:
    inner = element.find("{*}text") if element is not None else None
    return (inner.text or "").strip() if inner is not None else ""


def of_form(body: bytes) -> dict[str, Thing]:
    """The form itself under `form`, and every question, group and text of it."""
    form = _json(body)
    parts = {part.get("key") or part.get("id") or "": part for part in _components(form)}
    said = form.get("properties", {})
    whole = Thing("form", said.get("title", ""), said.get("title:en", ""), dict(_flat(_own(form))), order=tuple(parts))
    return {"form": whole, **{key: _part(key, part) for key, part in parts.items()}}


def _part(key: str, part: Mapping[str, Any]) -> Thing:
    said = part.get("properties", {})
    name = part.get("label") or part.get("text") or key
    return Thing(part.get("type", ""), name, said.get("label:en") or said.get("text:en") or "", dict(_flat(_own(part))))


def _components(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for child in part.get("components", ()):
        yield child
        yield from _components(child)


def _own(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("components", "id", "key", "type")}


def _flat(part: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        elif name == "values":
            yield name, ", ".join(str(option.get("label", "")) for option in value)
        else:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
