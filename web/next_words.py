"""What comes next, in words: tasks and who gets them, what is sent, what Pilar does, what is waited for, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from engine import foresight
from engine.actors import Actor
from engine.errors import Conflict, InvalidForm
from engine.foresight import Opens, Outcome
from web import formats
from web.decision_words import ways
from web.i18n import language, pick
from web.outcome_view import Result, in_order
from web.words import ROLES, name


def what_opens(outcome: Outcome | None) -> list[str]:
    """One sentence for each thing that a choice, or sending a form, would lead to."""
    if outcome is None:
        return []
    done = ", ".join(dict.fromkeys(pick(one.name, one.name_en) for one in outcome.opens if one.kind == "done"))
    said = [gettext("Pilar langsung mengerjakan: %(what)s", what=done)] if done else []
    said += dict.fromkeys(_opens(one) for one in outcome.opens if one.kind != "done")
    if outcome.stops_at is not None:
        said.append(gettext("Alurnya akan terhenti di “%(what)s”: beri tahu operator.", what=pick(*outcome.stops_at)))
    if outcome.has_ended:
        said.append(gettext("Proses selesai."))
    return said


def why_so(outcome: Outcome | None) -> list[str]:
    """What tables and gateways would decide on the way: the result and its rule, the question and its answer."""
    if outcome is None:
        return []
    tables = [_decided(one) for one in in_order(outcome.results)]
    return list(dict.fromkeys([*tables, *(one.text for one in ways(outcome.ways))]))


def _decided(one: Result) -> str:
    said = gettext("%(table)s: %(result)s", table=one.title, result=one.summary)
    because = [one.rule.removeprefix(f"{one.title}, "), *one.remarks] if one.rule else []
    return f"{said} ({': '.join(because)})" if because else said


@dataclass(frozen=True, slots=True)
class Tried:
    """What sending a form would lead to and why, or the questions that have to be answered first."""

    lines: Sequence[str] = ()
    reasons: Sequence[str] = ()
    missing: Sequence[str] = ()


def try_out(session: Session, actor: Actor, task_id: int, typed: Mapping[str, Any]) -> Tried:
    """Send a form on a copy of the case. Raises NotFound, Forbidden."""
    try:
        outcome = foresight.if_sent(session, actor, task_id, typed)
    except InvalidForm as error:
        form = foresight.form_of(session, actor, task_id)
        keys = dict.fromkeys(path.split("-")[0] for path in error.messages)
        labels = [form.questions[key].label_in(language()) for key in keys if form and key in form.questions]
        return Tried(missing=labels or [gettext("isian yang belum benar")])
    except Conflict:
        return Tried([gettext("Tugas ini sudah berubah. Muat ulang halaman untuk melihat keadaannya sekarang.")])
    lines = what_opens(outcome) or [gettext("Kasus berlanjut tanpa langkah baru untuk orang.")]
    return Tried(lines, why_so(outcome))


def roles_of(groups: Iterable[str]) -> str:
    """The words for the roles of groups, each once."""
    return ", ".join(dict.fromkeys(name(ROLES, group.partition(":")[0]) for group in groups))


def _opens(one: Opens) -> str:
    what = pick(one.name, one.name_en)
    if one.kind == "sent":
        return gettext("Dikirim: %(what)s", what=what)
    if one.kind == "job":
        asked = pick(*one.asks)
        if asked:
            return gettext(
                "Setelah itu Pilar: %(what)s. Hasilnya ikut menentukan “%(question)s”", what=what, question=asked
            )
        return gettext("Setelah itu Pilar: %(what)s. Hasilnya menentukan langkah berikutnya.", what=what)
    if one.kind == "message":
        return gettext("Menunggu: %(what)s", what=what)
    if one.kind == "timer":
        return gettext("Menunggu: %(what)s, %(at)s", what=what, at=formats.datetime_text(one.due_at))
    who = one.assignee or roles_of(one.groups)
    said = gettext("Tugas “%(what)s” untuk %(roles)s", what=what, roles=who) if who else what
    return gettext("%(said)s, tenggat %(at)s", said=said, at=formats.due(one.due_at)) if one.due_at else said
