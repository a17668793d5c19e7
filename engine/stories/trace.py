"""What a story led to, as lines that a person reads: what happened, what tables decided, which tasks opened."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import groupby
from typing import Any

from engine import feel
from engine.casework.rules import office_rules
from engine.stories.script import Step
from engine.stories.stage import Stage

MARKS = {"entered": "→", "caught": "!", "thrown": "↑"}
LATER = " " * 9
WIDEST = 110


def write_down(stage: Stage, each: Step) -> None:
    """Add the step and everything that it led to."""
    zone = office_rules(stage.session).zone
    stage.lines += [*_step(stage, each, zone), *_together(_happened(stage)), *_opened(stage, zone)]


def _step(stage: Stage, each: Step, zone: tzinfo) -> Iterator[str]:
    if "note" in each.more:
        yield f"     # {each.more['note']}"
    if each.kind != "expect":
        by = f"{each.more['by']}: " if "by" in each.more else ""
        case = f" ({each.more['case']})" if "case" in each.more else ""
        at = f"{stage.now.astimezone(zone):%Y-%m-%d %H:%M}"
        yield f"{each.number:>3}  {at}  {by}{each.kind} {each.subject}{case}"


def _happened(stage: Stage) -> Iterator[str]:
    """Elements by the names that workers read, and what tables decided."""
    steps = stage.history()
    for kind, element_id, process_id, detail in steps[stage.told :]:
        if kind not in MARKS and kind != "decided":
            continue
        element = stage.element(process_id, element_id)
        if kind in MARKS:
            yield f"{LATER}{MARKS[kind]} {element.name or element.type} ({element_id})"
        elif element.type == "businessRuleTask":
            yield from _decided(str(detail["decision"]), feel.to_plain(feel.from_json(detail["value"])))
    stage.told = len(steps)


def _together(lines: Iterable[str]) -> Iterator[str]:
    """The same line several times in a row is one line."""
    for line, same in groupby(lines):
        count = len(list(same))
        yield f"{line} × {count}" if count > 1 else line


def _opened(stage: Stage, zone: tzinfo) -> Iterator[str]:
    for task in stage.open_tasks():
        if task.id > stage.last_task:
            due = f", due {task.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if task.due_at else ""
            yield f"{LATER}☐ {task.name}: {', '.join(task.candidate_groups)}{due}"
            stage.last_task = task.id


def _decided(name: str, value: Any) -> Iterator[str]:
    """A decision's value; rows of a result each have a line."""
    rows = {}
    if isinstance(value, Mapping):
        rows = {key: inner for key, inner in value.items() if _is_table(inner)}
        value = {key: inner for key, inner in value.items() if key not in rows}
    yield f"{LATER}= {name}: {_value(value)}"
    for key, inner in rows.items():
        yield from (f"{LATER}    {key}: {_value(row)}" for row in inner)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _value(value: Any) -> str:
    """`annual 9,300,000 · count 4`; too long a text is cut."""
    if isinstance(value, Mapping):
        text = " · ".join(f"{name} {_value(inner)}" for name, inner in value.items())
    elif isinstance(value, list):
        text = ", ".join(_value(inner) for inner in value) or "–"
    elif isinstance(value, bool) or value is None:
        text = {True: "yes", False: "no", None: "–"}[value]
    elif isinstance(value, int | float):
        text = f"{value:,}"
    else:
        text = str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
