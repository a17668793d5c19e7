"""Decision tables as text, for people to read."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from engine.bpmn.xml import read_xml

Name = tuple[str, str]
"""A name and its English, which may be missing."""
Row = tuple[tuple[str, ...], tuple[str, ...], Name]
Table = tuple[str, Name, str, tuple[Name, ...], tuple[Name, ...], tuple[Row, ...]]
# A column of remarks has nothing but its name, so the name says that these are the English ones.
_ENGLISH_REMARKS = "(English)"
SOURCES = re.compile(r"\s*\[[A-Z]+\d*[a-z]?\]")
"""Where a rule is from, beside what it says of itself."""


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
        tuple(map(_row, table.iterfind("{*}rule"), remarks_of(table))),
    )


def english_of(element: Any) -> str:
    """The English name of a decision or a column (its property `label:en`), or nothing."""
    found = element.iterfind("{*}extensionElements/{*}properties/{*}property")
    return next((one.get("value", "") for one in found if one.get("name") == "label:en"), "")


def remarks_of(table: Any) -> Iterator[Name]:
    """What each rule of a table says of itself, and its English: its annotations, else its description.

    Of several annotations the first that says something counts; English are those in a column named `… (English)`.
    Sources, such as [PKH4], are the same in every language: the English has those of the other.
    """
    in_english = [one.get("name", "").endswith(_ENGLISH_REMARKS) for one in table.iterfind("{*}annotation")]
    for rule in table.iterfind("{*}rule"):
        texts = map(_text, rule.iterfind("{*}annotationEntry"))
        entries = list(zip_longest(texts, in_english, fillvalue=""))
        own = [str(text) for text, is_english in entries if not is_english]
        own.append(rule.findtext("{*}description", "").strip())
        said, said_en = _first(own), _first(str(text) for text, is_english in entries if is_english)
        sources = "".join(SOURCES.findall(said)) if said_en and not SOURCES.search(said_en) else ""
        yield said, said_en + sources


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _row(rule: Any, remark: Name) -> Row:
    cells = tuple(_text(cell) for cell in rule.iterfind("{*}inputEntry"))
    return cells, tuple(_text(cell) for cell in rule.iterfind("{*}outputEntry")), remark


def _text(element: Any) -> str:
    if element is None:
        return ""
    inner = element.find("{*}text")
    return (inner.text or "").strip() if inner is not None else ""
