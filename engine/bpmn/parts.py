"""What many elements of a diagram have: attributes, documentation, properties; and which lane each lies in."""

from lxml import etree

from engine.bpmn.xml import as_boolean, split_name

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
_FLAGS = ("cancelActivity", "isInterrupting", "isForCompensation", "triggeredByEvent")


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Its attributes without their namespaces; flags are "true" or "false"."""
    found = {split_name(str(key))[1]: str(value) for key, value in element.attrib.items()}
    if "attachedToRef" in found:
        found["attachedToRef"] = local_id(found["attachedToRef"])
    return found | {name: as_boolean(found[name]) for name in _FLAGS if name in found}


def local_id(reference: str) -> str:
    """The id that a reference names: some tools write it with the prefix of the file's own namespace."""
    return reference.strip().rpartition(":")[2]


def documentation_of(element: etree._Element) -> str:
    """What the analyst wrote about it."""
    found = element.find(BPMN + "documentation")
    return (found.text or "").strip() if found is not None else ""


def properties_of(element: etree._Element) -> dict[str, str]:
    """Its zeebe:properties."""
    path = f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property"
    return {part.get("name") or "": part.get("value") or "" for part in element.iterfind(path)}


def lanes_of(element: etree._Element) -> dict[str, str]:
    """Element id -> name of its innermost lane."""
    found: dict[str, str] = {}
    for lane in element.iter(BPMN + "lane"):
        for reference in lane.iterchildren(BPMN + "flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("name") or ""
    return found
