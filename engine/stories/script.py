"""Reads a story's file: who does what and what must then be so. Unknown words are refused with their step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from engine.errors import EngineError

ZONE = ZoneInfo("Asia/Jakarta")
_HEAD = {"story", "title", "title:en", "now", "roster", "settings", "steps"}
_COMMON = {"expect", "case", "note"}
_STEPS = {
    "register": {"by", "answers"},
    "start": {"by", "facts", "village"},
    "message": {"by", "facts", "key", "village"},
    "task": {"by", "answers", "where"},
    "claim": {"by", "where"},
    "release": {"by", "where"},
    "event": {"by", "facts"},
    "wait": set(),
    "until": set(),
    "refuse": {"by", "answers", "where", "because", "claim"},
    "hidden": set(),
    "expect": set(),
}
EXPECTATIONS = {
    "open", "includes", "lacks", "walked", "never", "facts", "of", "decided", "case", "sent", "waits", "due",
    "assigned", "ended", "cases", "referrals", "cannot_read",
}  # fmt: skip


class StoryError(EngineError):
    """A story cannot be read, or did not go as told."""

    code = "story"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `kind` with its `subject` (an element, a message, an alias…), the rest in `more`."""

    number: int
    kind: str
    subject: Any
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expect(self) -> Mapping[str, Any]:
        """What must be so after the step."""
        found = self.subject if self.kind == "expect" else self.more.get("expect")
        return found or {}


@dataclass(frozen=True, slots=True)
class Story:
    """A story as read. `name`: family and file, such as pkh/pregnant_mother."""

    name: str
    title: str
    title_en: str
    number: int | None
    now: datetime
    steps: tuple[Step, ...]
    roster: tuple[Mapping[str, Any], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def read_folder(workflows: Path) -> list[Story]:
    """Every story of every family."""
    return [read(path) for path in sorted(workflows.glob("*/stories/*.yaml"))]


def read(path: Path) -> Story:
    """One story. Raises StoryError naming file and step."""
    name = f"{path.parent.parent.name}/{path.stem}"
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StoryError(f"{name}: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        raise StoryError(f"{name}: a story is a map with title, now and steps.")
    _known(found, _HEAD, name)
    return Story(
        name=name,
        title=str(found.get("title", path.stem)),
        title_en=str(found.get("title:en", "")),
        number=found.get("story"),
        now=moment(found.get("now"), name),
        steps=tuple(_step(number, step, name) for number, step in enumerate(found["steps"], start=1)),
        roster=tuple(found.get("roster") or ()),
        settings=dict(found.get("settings") or {}),
    )


def moment(value: Any, where: str) -> datetime:
    """An aware moment; without an offset it is meant in WIB."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise StoryError(f"{where}: a date and time is needed.")
    return value if value.tzinfo is not None else value.replace(tzinfo=ZONE)


def _step(number: int, found: Any, name: str) -> Step:
    where = f"{name}, step {number}"
    if not isinstance(found, dict):
        raise StoryError(f"{where}: a step is a map.")
    kinds = [kind for kind in _STEPS if kind in found]
    if "refuse" in kinds:
        kinds = ["refuse"]
    if len(kinds) > 1:
        kinds = [kind for kind in kinds if kind != "expect"]
    if len(kinds) != 1:
        raise StoryError(f"{where}: one of {', '.join(_STEPS)} is needed.")
    kind = kinds[0]
    _known(found, {kind, *_STEPS[kind], *_COMMON}, where)
    step = Step(number, kind, found[kind], {word: value for word, value in found.items() if word != kind})
    _known(step.expect, EXPECTATIONS, f"{where}, expect")
    return step


def _known(found: Mapping[str, Any], words: set[str], where: str) -> None:
    unknown = set(found) - words
    if unknown:
        raise StoryError(f"{where}: unknown {', '.join(sorted(map(str, unknown)))}.")
