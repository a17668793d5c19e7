"""What a draft changes, in an analyst's words: elements, rules and questions rather than lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.xml import UnreadableXml, read_xml

_DRAWING = ("BPMNDiagram", "DMNDI")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `kind`: added | removed | changed; `what`: the element's tag."""

    file: str
    kind: str
    what: str
    id: str
    name: str


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Change]:
    """Every element with an id that differs between two sets of files, file by file."""
    found: list[Change] = []
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            found += _file(name, before.get(name, b""), after.get(name, b""))
    return found


def _file(name: str, before: bytes, after: bytes) -> list[Change]:
    if name.endswith(".form"):
        return [Change(name, "changed" if before and after else "added", "form", name, "")]
    old, new = _elements(before), _elements(after)
    found = []
    for element_id in [*old, *(key for key in new if key not in old)]:
        kind = _kind(old.get(element_id), new.get(element_id))
        if kind:
            tag, label, _ = new.get(element_id) or old[element_id]
            found.append(Change(name, kind, tag, element_id, label))
    return found or [Change(name, "changed", "drawing", name, "")]


def _kind(old: tuple[str, str, str] | None, new: tuple[str, str, str] | None) -> str:
    if old is None:
        return "added"
    if new is None:
        return "removed"
    return "changed" if old != new else ""


def _elements(body: bytes) -> dict[str, tuple[str, str, str]]:
    """Element id -> (tag, name, own content without that of elements that have ids themselves)."""
    try:
        root = read_xml(body) if body else None
    except UnreadableXml:
        root = None
    found: dict[str, tuple[str, str, str]] = {}
    for element in root.iter() if root is not None else ():
        tag = str(element.tag).rpartition("}")[2]
        if element.get("id") and not any(str(up.tag).rpartition("}")[2] in _DRAWING for up in element.iterancestors()):
            found[str(element.get("id"))] = (tag, element.get("name") or "", _content(element))
    return found


def _content(element: object) -> str:
    parts = [str(sorted(element.attrib.items())), (element.text or "").strip()]  # type: ignore[attr-defined]
    for child in element:  # type: ignore[attr-defined]
        if child.get("id") is None:
            parts.append(str(child.tag).rpartition("}")[2] + _content(child))
    return "|".join(parts)
