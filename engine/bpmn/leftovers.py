"""What a diagram from elsewhere holds that means something there and nothing here: refused or told, never dropped."""

from functools import lru_cache

from lxml import etree

from engine.bpmn.findings import Findings
from engine.bpmn.parts import BPMN, ZEEBE
from engine.bpmn.xml import as_boolean, split_name

_BPMN, _ZEEBE = BPMN.strip("{}"), ZEEBE.strip("{}")
# notations, colours and who drew it: nothing that runs
_PICTURES = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/",
    "http://www.w3.org/2001/XMLSchema",
    "http://bpmn.io/schema/bpmn/biocolor/",
    "http://www.omg.org/spec/BPMN/non-normative/color/",
    "http://camunda.org/schema/modeler/",
)
# (attribute, the value that the standard gives it when it is not there): another one changes what the element does
_DEFAULTS = {
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "behavior": "All",
    "waitForCompletion": "true",
}
# root elements that say nothing of how a process runs, or are read where they are referred to
_ROOTS = {
    "process", "collaboration", "message", "error", "escalation", "signal", "itemDefinition", "category",
    "documentation", "extensionElements",
}  # fmt: skip
_TOLD = 8  # names in one sentence


def _tag(local: str) -> str:
    return f"{{{_BPMN}}}{local}"


# BPMN's own ways to say what the zeebe: elements say here
_NO_EFFECT = frozenset(
    map(_tag, (
        "resourceRole", "potentialOwner", "humanPerformer", "performer", "ioSpecification", "property",
        "correlationSubscription", "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
        "outputDataItem", "complexBehaviorDefinition",
    ))
)  # fmt: skip


def tell_leftovers(element: etree._Element, file: str, findings: Findings) -> None:
    """Report what is at and directly inside a process, flow element or flow, with its event definitions and loop."""
    id_, name = element.get("id") or "", " ".join((element.get("name") or "").split())
    tags = [child.tag for child in element]
    parts = [element, *(child for child, tag in zip(element, tags, strict=True) if _is_part(tag))]
    for part in parts:
        for attribute, usual in _DEFAULTS.items():
            if as_boolean(part.get(attribute) or usual) != as_boolean(usual):
                detail = f"{attribute} = {part.get(attribute)}"
                findings.add("unsupported_attribute", file, id_, name, detail=detail, hint="Remove it.")
    inside = {*tags, *(child.tag for part in parts[1:] for child in part)}
    if _tag("eventDefinitionRef") in inside:
        hint = "Write the event definition into the event."
        findings.add("unsupported_attribute", file, id_, name, detail="eventDefinitionRef", hint=hint)
    dropped = {split_name(tag)[1] for tag in inside & _NO_EFFECT}
    dropped |= {f"zeebe:{tag}" for part in parts if part.tag.endswith("EventDefinition") for tag in _zeebe(part)}
    dropped |= {"operationRef"} if element.get("operationRef") else set()
    if dropped:
        findings.add("no_effect", file, id_, name, detail=", ".join(sorted(dropped)))
    names = {one for part in parts for one in (*map(str, part.attrib), *(child.tag for child in _extensions(part)))}
    foreign = {split_name(one)[1] for one in names | inside if _is_foreign(one)}
    if foreign:
        findings.add("foreign_extension", file, id_, name, detail=", ".join(sorted(foreign)[:_TOLD]))


def tell_roots(root: etree._Element, file: str, findings: Findings) -> None:
    """Report what stands beside the processes and is read by nobody."""
    for child in root:
        namespace, local = split_name(child.tag)
        if namespace == _BPMN and local not in _ROOTS:
            findings.add("no_effect", file, child.get("id") or "", child.get("name") or "", detail=local)


@lru_cache(4096)
def _is_part(tag: str) -> bool:
    namespace, local = split_name(tag)
    return namespace == _BPMN and local.endswith(("EventDefinition", "LoopCharacteristics"))


def _extensions(part: etree._Element) -> list[etree._Element]:
    found = part.find(_tag("extensionElements"))
    return list(found) if found is not None else []


def _zeebe(part: etree._Element) -> list[str]:
    names = (split_name(child.tag) for child in _extensions(part))
    return [local for namespace, local in names if namespace == _ZEEBE]


@lru_cache(4096)
def _is_foreign(name: str) -> bool:
    namespace = split_name(name)[0]
    return bool(namespace) and namespace not in {_BPMN, _ZEEBE} and not namespace.startswith(_PICTURES)
