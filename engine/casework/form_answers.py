"""A form's answers: what they are checked against, which of them are facts, and how they are kept."""

from collections.abc import Mapping, Set
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import clock
from engine.actors import Actor
from engine.casework import definitions, running, unseen
from engine.casework.rules import office_rules
from engine.errors import InvalidForm, NotAskedYet
from engine.store import crypto
from engine.store.tasks import Task, TaskRow

ANSWER_CONTEXT = b"answer.body"


def situation(session: Session, facts: Mapping[str, Any]) -> forms.Situation:
    """What a form is checked against: now, the office, the case's facts."""
    rules = office_rules(session)
    return forms.Situation(
        now=clock.now(),
        timezone=rules.zone,
        facts=facts,
        functions=rules.functions(),
        test_regions=rules.find("test_regions") is True,
    )


def read(
    session: Session,
    actor: Actor,
    loaded: running.Loaded,
    task: Task | TaskRow,
    typed: Mapping[str, Any],
    *,
    shown: Set[str] | None = None,
) -> tuple[dict[str, Any], dict[str, Any], bytes | None]:
    """The checked answers, the facts among them, and the sealed answers to store.

    `shown`: paths of the questions on the page that was sent, if it told. Raises NotAskedYet, InvalidForm.
    """
    if task.form_id is None:
        return {}, {}, None
    form = definitions.form(session, loaded.definition_id, task.form_id, loaded.sha256)
    around = situation(session, loaded.instance.seen_by(task.wait_id))
    result = forms.check(form, typed, around)
    if shown is not None and (missing := forms.not_asked(form, typed, around, result.visibility, shown)):
        raise NotAskedYet(missing)
    if not result.ok:
        raise InvalidForm(result.errors)
    stored = forms.dump(form, result.answers, around)
    facts = unseen.kept(session, actor, form, forms.facts_of(form, result.answers), around.facts)
    return dict(result.answers), facts, seal(stored)


def seal(stored: Mapping[str, Any]) -> bytes:
    """Answers as they are stored: JSON under the key ring."""
    return crypto.seal_json(stored, ANSWER_CONTEXT)
