"""Reads a story's file: who does what and what must then be so. Unknown words are refused with their step."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from engine.errors import EngineError

ZONE = ZoneInfo("Asia/Jakarta")
# Ten times as fast where PyYAML was built with it; both make plain values only.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEAD = {"story", "title", "title:en", "now", "begins_as", "roster", "settings", "steps"}
_BEGINNING = {"story", "through"}
_COMMON = {"expect", "case", "note", "note:en"}
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
MOVES = set(_STEPS) - {"refuse", "hidden", "expect"}
EXPECTATIONS = {
    "open", "includes", "lacks", "walked", "never", "facts", "of", "decided", "case", "sent", "waits", "due",
    "assigned", "ended", "cases", "referrals", "cannot_read", "waits_not", "places", "consent",
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
        found = yaml.load(path.read_text(encoding="utf-8"), LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        raise StoryError(f"{name}: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        raise StoryError(f"{name}: a story is a map with title, now and steps.")
    _known(found, _HEAD, name)
    first = _beginning(path, found["begins_as"], name) if "begins_as" in found else None
    before = first.steps if first else ()
    steps = [_step(number, step, name) for number, step in enumerate(found["steps"], start=len(before) + 1)]
    return Story(
        name=name,
        title=str(found.get("title", path.stem)),
        title_en=str(found.get("title:en", "")),
        number=found.get("story"),
        now=first.now if first and "now" not in found else moment(found.get("now"), name),
        steps=(*before, *steps),
        roster=tuple(found.get("roster") or (first.roster if first else ())),
        settings={**(first.settings if first else {}), **(found.get("settings") or {})},
    )


def _beginning(path: Path, found: Any, name: str) -> Story:
    """Another story up to and with the first step about `through`: this one goes on from there, expecting its own."""
    if not isinstance(found, dict) or not isinstance(found.get("story"), str):
        raise StoryError(f"{name}: begins_as names a story and through which step.")
    _known(found, _BEGINNING, f"{name}, begins_as")
    family, _, stem = found["story"].partition("/")
    other = path.parents[2] / family / "stories" / f"{stem}.yaml"
    if not other.is_file():
        raise StoryError(f"{name}: there is no story {found['story']}.")
    story = read(other)
    last = next((place for place, step in enumerate(story.steps) if step.subject == found.get("through")), None)
    if last is None:
        raise StoryError(f"{name}: {found['story']} has no step about {found.get('through')}.")
    return replace(story, steps=tuple(unexpecting(step) for step in story.steps[: last + 1] if step.kind in MOVES))


def unexpecting(step: Step) -> Step:
    """The same step, expecting nothing."""
    return replace(step, more={name: value for name, value in step.more.items() if name != "expect"})


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
