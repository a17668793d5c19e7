"""What a case waits for without anybody's task, in words: kabar from outside, or a moment, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from engine.queries.pending import LIMIT, MESSAGE, TIMER, Pending
from web import formats
from web.i18n import pick


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that is waited for, under the heading that says of what kind it is."""

    heading: str
    lines: Sequence[str]


def waits(pending: Sequence[Pending]) -> list[Wait]:
    """What the case waits for: answers from outside with their limits, and moments."""
    found = []
    if outside := _outside(pending):
        found.append(Wait(gettext("Menunggu kabar dari luar"), outside))
    if moments := [_moment(one) for one in pending if one.kind == TIMER]:
        found.append(Wait(gettext("Menunggu waktunya"), moments))
    return found


def in_a_line(pending: Sequence[Pending]) -> str:
    """The same for a row of a list."""
    if names := _names(pending):
        return gettext("Menunggu kabar: %(what)s", what=names)
    first = next((one for one in pending if one.kind == TIMER), None)
    if first is None:
        return gettext("Pilar sedang mengerjakan bagiannya")
    return gettext(
        "Menunggu sampai %(at)s: %(what)s", at=formats.day(first.due_at), what=pick(first.name, first.name_en)
    )


def _outside(pending: Sequence[Pending]) -> list[str]:
    """The answers that may come, since when, and until when."""
    since = min((one.since for one in pending if one.kind == MESSAGE and one.since is not None), default=None)
    names = _names(pending)
    lines = [gettext("%(what)s, ditunggu sejak %(at)s", what=names, at=formats.relative(since))] if names else []
    for one in pending:
        if one.kind == LIMIT:
            at, what = formats.datetime_text(one.due_at), pick(one.name, one.name_en)
            line = gettext("Paling lama sampai %(at)s (%(what)s)", at=at, what=what)
            lines.append(_then(line, one))
    return lines


def _names(pending: Sequence[Pending]) -> str:
    names = dict.fromkeys(pick(one.name, one.name_en) for one in pending if one.kind == MESSAGE)
    return gettext(" atau ").join(f"“{name}”" for name in names)


def _moment(one: Pending) -> str:
    """Until when the case waits, what for, and what comes then."""
    at, what = formats.datetime_text(one.due_at), pick(one.name, one.name_en)
    said = gettext("Sampai %(at)s: %(what)s", at=at, what=what)
    if why := pick(one.why, one.why_en):
        said = f"{said}. {why.rstrip('.')}"
    return _then(said, one)


def _then(said: str, one: Pending) -> str:
    then = pick(one.then, one.then_en)
    return gettext("%(said)s. Lalu: %(then)s", said=said, then=then) if then else said
