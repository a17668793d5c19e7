"""Reading XML that a stranger wrote: no entities, no DTD, no network, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.errors import InvalidDefinition

MAX_BYTES = 8 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 60
MAX_CELLS = 30_000
Element = etree._Element  # noqa: SLF001 — the only name lxml gives its element class


def read_xml(data: bytes) -> Element:
    """The root element. Raises InvalidDefinition with a sentence for whatever is unsafe, too large or no XML."""
    if len(data) > MAX_BYTES:
        raise InvalidDefinition(["The file is larger than 8 MB."])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as problem:
        raise InvalidDefinition([f"The file is no XML: {problem}"]) from None
    document: Any = root.getroottree().docinfo  # the stubs know only half of it
    if document.doctype:
        raise InvalidDefinition(["The file declares a document type, which is not allowed."])
    _check_limits(root)
    return root


def _check_limits(root: Element) -> None:
    nodes = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        nodes += event == "start"
        if depth > MAX_DEPTH:
            raise InvalidDefinition(["The file is nested too deeply."])
        if nodes > MAX_NODES:
            raise InvalidDefinition(["The file has too many elements."])
    if sum(1 for _ in root.iter("{*}inputEntry", "{*}outputEntry")) > MAX_CELLS:
        raise InvalidDefinition([f"The tables of the file have more than {MAX_CELLS} cells."])


def local(element: Element) -> str:
    """The element's name without its namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Child elements, of the given local names when any are given."""
    for each in element:
        if isinstance(each.tag, str) and (not names or etree.QName(each).localname in names):
            yield each


def child(element: Element, name: str) -> Element | None:
    """The first child of that local name."""
    return next(children(element, name), None)


def text_of(element: Element | None, name: str = "text") -> str | None:
    """The text of a child, trimmed; None when there is no such child."""
    found = None if element is None else child(element, name)
    return None if found is None else (found.text or "").strip()
