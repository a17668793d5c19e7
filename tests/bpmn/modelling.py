"""Writes the parts of docs/modelling.md that say what runs: from the matrix, the elements and the check's catalogue.

`make docs` (python -m tests.bpmn.modelling) brings the page up to date; a test fails when it is not.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from lxml import etree

from engine.bpmn.findings import CATALOGUE
from tests.bpmn.cases import Case
from tests.bpmn.elements import EVENTS, KINDS, REFUSED, RUNS, SECTIONS, Row, containers_of, keys_of, keys_of_node
from tests.bpmn.matrix import PLAIN, files_of

BY_NAME = {case.name: case for case in PLAIN}
PAGE = Path(__file__).parents[2] / "docs" / "modelling.md"
_DECLARATIONS = re.compile(r' xmlns:\w+="[^"]*"')
_MARKS = {">": "begins", "<": "is done", "x": "is called off", "!": "fires", "^": "is sent", "=": "is decided",
          "#": "is an incident", "~": "is due at another time"}  # fmt: skip


def elements() -> str:
    """A table of everything that runs, and what is refused."""
    lines = []
    for section, rows in SECTIONS.items():
        lines += ["", f"### {section}", "", "| | Runs here, and what was chosen | Example |", "|---|---|---|"]
        lines += [f"| {row.title} | {row.choice or 'as the standard says'} | {_link(row)} |" for row in rows]
    lines += ["", "### Refused", "", "| | Instead |", "|---|---|"]
    lines += [f"| {name} | {instead} |" for name, instead in REFUSED.items()]
    lines += [f"| {EVENTS[place]}: {', '.join(_refused(place))} | another event |" for place in EVENTS]
    return "\n".join(lines[1:])


def _refused(place: str) -> list[str]:
    tag, _, where = place.partition("@")
    suffix = f"@{where}" if where else ""
    return [kind for kind in KINDS if f"{tag}/{kind}{suffix}" not in RUNS]


def _link(row: Row) -> str:
    case = _example(row)
    return f"[{case.name}](#{case.name.lower().replace(',', '').replace(' ', '-')})"


def _example(row: Row) -> Case:
    """The smallest case in which the element does something; one that ends well before one that stands still."""
    found = [case for case in PLAIN if row.key in _keys(case.name)]
    return min(found, key=lambda case: (bool(case.incidents), not _acts(case, row), len(case.parts)))


@cache
def _keys(name: str) -> set[str]:
    return keys_of(files_of(BY_NAME[name]))


def _acts(case: Case, row: Row) -> bool:
    happened = {mark[1:] for mark in case.trace.split()}
    return bool(_ids(case, {row.key}) & happened)


def examples() -> str:
    """For each case that the table names: the elements it is an example of, and the order of events."""
    shown: dict[str, list[Row]] = {}
    for rows in SECTIONS.values():
        for row in rows:
            shown.setdefault(_example(row).name, []).append(row)
    legend = ", ".join(f"`{mark}` {meaning}" for mark, meaning in _MARKS.items())
    blocks = [f"In the orders of events: {legend}.\n"]
    for name in sorted(shown):
        blocks += [f"### {name[0].upper()}{name[1:]}", "", "```xml", *_snippets(BY_NAME[name], shown[name]), "```", ""]
        blocks += [f"Order: `{BY_NAME[name].trace}`", ""]
    return "\n".join(blocks).rstrip()


def _snippets(case: Case, rows: list[Row]) -> list[str]:
    ids = _ids(case, {row.key for row in rows})
    root = etree.fromstring(files_of(case)["p.bpmn"])
    found = [element for element in root.iter() if element.get("id") in ids]
    alone = [element for element in found if not any(outer in found for outer in element.iterancestors())]
    return [_pretty(element) for element in alone[:2]]


def _ids(case: Case, keys: set[str]) -> set[str]:
    """The elements of a case that are examples of these."""
    parts = containers_of(files_of(case))
    return {node.id for part in parts for node in part.nodes.values() if keys & keys_of_node(part, node)}


def _pretty(element: etree._Element) -> str:
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    etree.indent(copy)
    return _DECLARATIONS.sub("", etree.tostring(copy, encoding="unicode"))


def findings() -> str:
    """The catalogue of the check."""
    lines = ["| Code | | What is wrong | What to do |", "|---|---|---|---|"]
    for code, (severity, reason, mend) in CATALOGUE.items():
        lines.append(f"| `{code}` | {severity} | {_plain(reason)} | {_plain(mend)} |")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", text).replace("|", "\\|")


PARTS: dict[str, Callable[[], str]] = {"elements": elements, "examples": examples, "findings": findings}


def page() -> str:
    """The page as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    for name, make in PARTS.items():
        begin, end = f"<!-- {name}: written by `make docs` -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE.name} has no part {name}.")
        text = before + begin + "\n" + make() + "\n" + end + after
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
