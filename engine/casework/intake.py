"""Reports from agencies (letter, telephone, hotline) that begin a process: a disaster, a case to register."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import clock, permissions
from engine.actors import Actor
from engine.casework import definitions, form_answers, messages
from engine.errors import InvalidForm, NotFound
from engine.permissions import Area
from engine.store.messages import InboundMessage
from forms.model import Form


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report that begins a process, with the form that says what it carries."""

    name: str
    process_id: str
    form: Form


def kinds(session: Session, actor: Actor) -> list[ReportKind]:
    """The kinds of report that can be taken in: messages that start a process and have a form."""
    permissions.check_may_enter(actor, Area.INTAKE)
    found = []
    for name, row, process_id in definitions.message_starts(session):
        form = definitions.message_form(session, row.id, name)
        if form is not None:
            found.append(ReportKind(name, process_id, form))
    return found


def kind(session: Session, actor: Actor, name: str) -> ReportKind:
    """One kind of report. Raises NotFound."""
    for found in kinds(session, actor):
        if found.name == name:
            return found
    raise NotFound(f"No report {name}.")


def take_in(session: Session, actor: Actor, name: str, typed: Mapping[str, Any], message_id: str) -> InboundMessage:
    """Begin what a report begins. A repeat under the same `message_id` begins nothing anew.

    Raises NotFound, InvalidForm (also for a village outside the actor's regions).
    """
    found = kind(session, actor, name)
    result = forms.check(found.form, typed, form_answers.situation(session, {}))
    if not result.ok:
        raise InvalidForm(result.errors)
    facts = forms.facts_of(found.form, result.answers)
    if not permissions.in_regions(actor, str(facts.get("village_code") or "")):
        raise InvalidForm({"village_code": ["outside_your_region"]})
    key = f"{clock.now():%Y%m%d}-{hashlib.sha256(message_id.encode()).hexdigest()[:6]}"
    return messages.receive(session, actor, name, key, facts, source=f"worker:{actor.id}", message_id=message_id)
