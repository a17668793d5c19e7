"""What a diagram from elsewhere holds that means something there and nothing here: refused or told, never dropped."""

from lxml import etree

from engine.bpmn.findings import Findings

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_ZEEBE = "http://camunda.org/schema/zeebe/1.0"
# notations, colours and who drew it: nothing that runs
_PICTURES = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/",
    "http://www.w3.org/",
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
}
_TOLD = 8  # names in one sentence
# BPMN's own ways to say what the zeebe: elements say here
_NO_EFFECT = frozenset({
    "resourceRole", "potentialOwner", "humanPerformer", "performer", "ioSpecification", "property",
    "correlationSubscription", "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
    "outputDataItem", "complexBehaviorDefinition",
})  # fmt: skip


def tell_leftovers(element: etree._Element, file: str, findings: Findings) -> None:
    """Report what is at and directly inside a process, flow element or flow, with its event definitions and loop."""
    id_, name = element.get("id") or "", " ".join((element.get("name") or "").split())
    parts = [element, *(child for child in element if _is_part(child))]
    for part in parts:
        for attribute, usual in _DEFAULTS.items():
            if (part.get(attribute) or usual) != usual:
                detail = f"{attribute} = {part.get(attribute)}"
                findings.add("unsupported_attribute", file, id_, name, detail=detail, hint="Remove it.")
    if any(_local(child) == "eventDefinitionRef" for child in element):
        hint = "Write the event definition into the event."
        findings.add("unsupported_attribute", file, id_, name, detail="eventDefinitionRef", hint=hint)
    dropped = {_local(child) for part in parts for child in part} & _NO_EFFECT
    dropped |= {f"zeebe:{tag}" for part in parts if _local(part).endswith("EventDefinition") for tag in _zeebe(part)}
    if dropped:
        findings.add("no_effect", file, id_, name, detail=", ".join(sorted(dropped)))
    foreign = {etree.QName(one).localname for part in parts for one in _names(part) if _is_foreign(one)}
    if foreign:
        findings.add("foreign_extension", file, id_, name, detail=", ".join(sorted(foreign)[:_TOLD]))


def _is_part(child: etree._Element) -> bool:
    return _local(child).endswith(("EventDefinition", "LoopCharacteristics"))


def _extensions(part: etree._Element) -> list[etree._Element]:
    found = part.find(f"{{{_BPMN}}}extensionElements")
    return list(found) if found is not None else []


def _zeebe(part: etree._Element) -> list[str]:
    names = (etree.QName(child) for child in _extensions(part))
    return [name.localname for name in names if name.namespace == _ZEEBE]


def _names(part: etree._Element) -> list[str]:
    """The names of its attributes, children and extensions."""
    return [*map(str, part.attrib), *(child.tag for child in part), *(child.tag for child in _extensions(part))]


def _is_foreign(name: str) -> bool:
    namespace = etree.QName(name).namespace
    return bool(namespace) and namespace not in {_BPMN, _ZEEBE} and not str(namespace).startswith(_PICTURES)


def _local(element: etree._Element) -> str:
    """The BPMN tag; empty for anything else."""
    name = etree.QName(element)
    return name.localname if name.namespace == _BPMN else ""
