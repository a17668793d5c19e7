"""Decision tables as text, for people to read."""

from collections.abc import Iterator
from typing import Any

from engine.bpmn.xml import read_xml

Row = tuple[tuple[str, ...], tuple[str, ...], str]
Name = tuple[str, str]
"""A name and its English, which may be missing."""
Table = tuple[str, Name, str, tuple[Name, ...], tuple[Name, ...], tuple[Row, ...]]


def read_tables(body: bytes) -> Iterator[Table]:
    """(id, name, hit policy, input heads, output heads, rules) of every table; a rule is (inputs, outputs, remark)."""
    root = read_xml(body)
    for decision in root.iter("{*}decision"):
        for table in decision.iterfind("{*}decisionTable"):
            yield _table(decision, table)


def _table(decision: Any, table: Any) -> Table:
    policy = " ".join(filter(None, (table.get("hitPolicy") or "UNIQUE", table.get("aggregation"))))
    inputs = tuple(
        (one.get("label") or _text(one.find("{*}inputExpression")), english_of(one))
        for one in table.iterfind("{*}input")
    )
    outputs = tuple((one.get("label") or one.get("name") or "", english_of(one)) for one in table.iterfind("{*}output"))
    return (
        decision.get("id") or "",
        (decision.get("name") or "", english_of(decision)),
        policy,
        inputs,
        outputs,
        tuple(_rule(rule) for rule in table.iterfind("{*}rule")),
    )


def english_of(element: Any) -> str:
    """The English name of a decision or a column (its property `label:en`), or nothing."""
    found = element.iterfind("{*}extensionElements/{*}properties/{*}property")
    return next((one.get("value", "") for one in found if one.get("name") == "label:en"), "")


def _rule(rule: Any) -> Row:
    cells = tuple(_text(cell) for cell in rule.iterfind("{*}inputEntry"))
    results = tuple(_text(cell) for cell in rule.iterfind("{*}outputEntry"))
    remark = rule.find("{*}description")
    return cells, results, (remark.text or "").strip() if remark is not None else ""


def _text(element: Any) -> str:
    if element is None:
        return ""
    inner = element.find("{*}text")
    return (inner.text or "").strip() if inner is not None else ""
