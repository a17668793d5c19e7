"""What comes next, in words: tasks and who gets them, what is sent, what Pilar does, what is waited for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.casework import preview
from engine.casework.preview import Opens, Outcome
from engine.errors import Conflict, InvalidForm
from web import formats
from web.i18n import language, pick
from web.words import ROLES, name


def what_opens(outcome: Outcome | None) -> list[str]:
    """One sentence for each thing that a choice, or sending a form, would lead to."""
    if outcome is None:
        return []
    said = list(dict.fromkeys(_opens(one) for one in outcome.opens))
    if any(one.kind == "job" for one in outcome.opens):
        said.append(gettext("Langkah sesudahnya menurut hasil pekerjaan Pilar itu."))
    if outcome.stops_at is not None:
        said.append(gettext("Alurnya akan terhenti di “%(what)s”: beri tahu operator.", what=pick(*outcome.stops_at)))
    return said or ([gettext("Proses selesai.")] if outcome.has_ended else [])


@dataclass(frozen=True, slots=True)
class Tried:
    """What sending a form would lead to, or the questions that have to be answered first."""

    lines: Sequence[str] = ()
    missing: Sequence[str] = ()


def try_out(session: Session, actor: Actor, task_id: int, typed: Mapping[str, Any]) -> Tried:
    """Send a form on a copy of the case. Raises NotFound, Forbidden."""
    try:
        outcome = preview.if_sent(session, actor, task_id, typed)
    except InvalidForm as error:
        form = preview.form_of(session, actor, task_id)
        keys = dict.fromkeys(path.split("-")[0] for path in error.messages)
        labels = [form.questions[key].label_in(language()) for key in keys if form and key in form.questions]
        return Tried(missing=labels or [gettext("isian yang belum benar")])
    except Conflict:
        return Tried([gettext("Tugas ini sudah berubah. Muat ulang halaman untuk melihat keadaannya sekarang.")])
    return Tried(what_opens(outcome) or [gettext("Kasus berlanjut tanpa langkah baru untuk orang.")])


def roles_of(groups: Iterable[str]) -> str:
    """The words for the roles of groups, each once."""
    return ", ".join(dict.fromkeys(name(ROLES, group.partition(":")[0]) for group in groups))


def _opens(one: Opens) -> str:
    what = pick(one.name, one.name_en)
    if one.kind == "sent":
        return gettext("Dikirim: %(what)s", what=what)
    if one.kind == "job":
        return gettext("Pilar: %(what)s", what=what)
    if one.kind == "message":
        return gettext("Menunggu: %(what)s", what=what)
    if one.kind == "timer":
        return gettext("Menunggu: %(what)s, %(at)s", what=what, at=formats.datetime_text(one.due_at))
    who = one.assignee or roles_of(one.groups)
    said = gettext("Tugas “%(what)s” untuk %(roles)s", what=what, roles=who) if who else what
    return gettext("%(said)s, tenggat %(at)s", said=said, at=formats.due(one.due_at)) if one.due_at else said
