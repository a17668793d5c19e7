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
DUE = {"id": "tenggat", "en": "due"}
TRUTH = {"id": {True: "ya", False: "tidak", None: "–"}, "en": {True: "yes", False: "no", None: "–"}}
LATER = " " * 9
WIDEST = 110


def write_down(stage: Stage, each: Step) -> None:
    """Add the step and everything that it led to."""
    zone = office_rules(stage.session).zone
    stage.lines += [*_step(stage, each, zone), *_together(_happened(stage)), *_opened(stage, zone)]


def _step(stage: Stage, each: Step, zone: tzinfo) -> Iterator[str]:
    note = each.more.get("note:en" if stage.language == "en" else "note")
    if note:
        yield f"     # {note}"
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
            name = (element.name_en if stage.language == "en" else "") or element.name or element.type
            yield f"{LATER}{MARKS[kind]} {name} ({element_id})"
        elif element.type == "businessRuleTask":
            value = feel.to_plain(feel.from_json(detail["value"]))
            yield from _decided(str(detail["decision"]), value, TRUTH[stage.language])
    stage.told = len(steps)


def _together(lines: Iterable[str]) -> Iterator[str]:
    """The same line several times in a row is one line."""
    for line, same in groupby(lines):
        count = len(list(same))
        yield f"{line} × {count}" if count > 1 else line


def _opened(stage: Stage, zone: tzinfo) -> Iterator[str]:
    for task in stage.open_tasks():
        if task.id > stage.last_task:
            name = (task.name_en if stage.language == "en" else "") or task.name
            at = f", {DUE[stage.language]} {task.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if task.due_at else ""
            yield f"{LATER}☐ {name}: {', '.join(task.candidate_groups)}{at}"
            stage.last_task = task.id


def _decided(name: str, value: Any, truth: Mapping[bool | None, str]) -> Iterator[str]:
    """A decision's value; rows of a result each have a line."""
    rows = {}
    if isinstance(value, Mapping):
        rows = {key: inner for key, inner in value.items() if _is_table(inner)}
        value = {key: inner for key, inner in value.items() if key not in rows}
    yield f"{LATER}= {name}: {_value(value, truth)}"
    for key, inner in rows.items():
        yield from (f"{LATER}    {key}: {_value(row, truth)}" for row in inner)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _value(value: Any, truth: Mapping[bool | None, str]) -> str:
    """`annual 9,300,000 · count 4`; too long a text is cut."""
    if isinstance(value, Mapping):
        text = " · ".join(f"{name} {_value(inner, truth)}" for name, inner in value.items())
    elif isinstance(value, list):
        text = ", ".join(_value(inner, truth) for inner in value) or truth[None]
    elif isinstance(value, bool) or value is None:
        text = truth[value]
    elif isinstance(value, int | float):
        text = f"{value:,}"
    else:
        text = str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
