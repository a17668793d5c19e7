"""Breaks files as strangers' tools and hands do: each mutation is small, blind and reproducible by its seed."""
# ruff: noqa: S311 (the dice decide nothing secret)

from collections.abc import Callable
from random import Random

from lxml import etree

_WORDS = [
    "", "0", "-1", "true", "false", "null", "=", "=x", "=1 +", "R/P1D", "${x}", "\u202e", "a" * 300, "none", "#{}",
    "parallel", "=for i in 1..9 return i", "ä", "9" * 40,
]  # fmt: skip
_TAGS = [
    "task", "userTask", "startEvent", "endEvent", "boundaryEvent", "subProcess", "sequenceFlow", "exclusiveGateway",
    "parallelGateway", "eventBasedGateway", "intermediateCatchEvent", "callActivity", "timerEventDefinition",
    "messageEventDefinition", "conditionExpression", "dataStoreReference", "transaction", "adHocSubProcess", "lane",
    "multiInstanceLoopCharacteristics", "process", "definitions", "script", "association", "decision", "rule",
    "decisionTable", "inputEntry", "text", "contextEntry",
]  # fmt: skip


def mutate(data: bytes, seed: int) -> bytes:
    """`data`, broken in one to four places."""
    random = Random(seed)
    if random.random() < 0.15:
        return _bytes(data, random)
    root = etree.fromstring(data)
    for _ in range(random.randint(1, 4)):
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        random.choice(_MUTATIONS)(random.choice(elements), elements, random)
    return etree.tostring(root)


def _bytes(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    if random.random() < 0.3:
        return data[:at]
    return data[:at] + random.randbytes(random.randint(0, 4)) + data[at + random.randint(0, 9) :]


def _remove(element: etree._Element, _: list[etree._Element], __: Random) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _copy(element: etree._Element, elements: list[etree._Element], random: Random) -> None:
    random.choice(elements).append(etree.fromstring(etree.tostring(element, with_tail=False)))


def _move(element: etree._Element, elements: list[etree._Element], random: Random) -> None:
    target = random.choice(elements)
    if element.getparent() is not None and element is not target and element not in target.iterancestors():
        target.insert(random.randint(0, len(target)), element)


def _rename(element: etree._Element, _: list[etree._Element], random: Random) -> None:
    namespace = etree.QName(element).namespace
    tag = random.choice(_TAGS)
    element.tag = f"{{{namespace}}}{tag}" if namespace and random.random() < 0.9 else tag


def _attribute(element: etree._Element, elements: list[etree._Element], random: Random) -> None:
    names = list(element.attrib) or ["id"]
    name = random.choice(names)
    others = [str(value) for other in random.sample(elements, min(4, len(elements))) for value in other.attrib.values()]
    element.set(name, random.choice([*others, *_WORDS]))


def _drop(element: etree._Element, _: list[etree._Element], random: Random) -> None:
    if element.attrib:
        del element.attrib[random.choice(list(element.attrib))]


def _text(element: etree._Element, _: list[etree._Element], random: Random) -> None:
    element.text = random.choice(_WORDS)


_MUTATIONS: list[Callable[[etree._Element, list[etree._Element], Random], None]] = [
    _remove, _copy, _move, _rename, _attribute, _attribute, _drop, _text,
]  # fmt: skip
