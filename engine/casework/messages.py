"""Messages between instances and with agencies: each delivered to exactly one receiver, once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

import forms
from engine import clock, permissions
from engine.actors import SYSTEM, Actor
from engine.casework import beginnings, definitions, form_answers, running, step
from engine.casework.projection import SIGNAL
from engine.casework.rules import runtime
from engine.errors import Conflict, InvalidForm, NotFound
from engine.feel import from_json, to_json
from engine.store.instances import InstanceState, ProcessInstance
from engine.store.jobs import Job, JobKind
from engine.store.messages import InboundMessage, MessageState, Outbox, OutboxState, Subscription
from forms.model import Form

TIME_TO_LIVE = timedelta(days=30)


def receive(
    session: Session,
    actor: Actor,
    name: str,
    correlation_key: str,
    variables: Mapping[str, Any],
    *,
    source: str,
    message_id: str,
) -> InboundMessage:
    """Take in a message: to the instance that waits for it, else to start a process, else kept until somebody waits.

    A repeat (same source and message_id) changes nothing and returns the first row.
    """
    values = {
        "source": source,
        "message_id": message_id,
        "name": name,
        "correlation_key": correlation_key,
        "variables": to_json(dict(variables)),
        "state": MessageState.BUFFERED,
        "received_by": actor.id,
        "received_at": clock.now(),
        "expires_at": clock.now() + TIME_TO_LIVE,
    }
    # A repeat at the same moment waits here for the first one, and then finds its row.
    new = insert(InboundMessage).values(values).on_conflict_do_nothing().returning(InboundMessage.id)
    is_new = session.scalar(new) is not None
    row = session.scalars(_received(source, message_id)).one()
    if is_new:
        _deliver(session, actor, row)
    return row


def _received(source: str, message_id: str) -> Select[InboundMessage]:
    return select(InboundMessage).where(InboundMessage.source == source, InboundMessage.message_id == message_id)


def is_known(session: Session, source: str, message_id: str) -> bool:
    """Whether this message was received before."""
    return session.scalar(_received(source, message_id)) is not None


def _deliver(session: Session, actor: Actor, message: InboundMessage) -> bool:
    variables = from_json(message.variables)
    instance_id = _hand_to_who_waits(session, actor, message, variables)
    if instance_id is None:
        instance_id = beginnings.start_by_message(session, actor, message.name, message.correlation_key, variables)
    if instance_id is None:
        return False
    message.state, message.instance_id = MessageState.DELIVERED, instance_id
    session.flush()
    return True


def _hand_to_who_waits(
    session: Session, actor: Actor, message: InboundMessage, variables: Mapping[str, Any]
) -> int | None:
    """The instance that took it. Who moves on meanwhile is not it: nothing was written, and who waits is asked anew."""
    for attempt in range(step.ATTEMPTS):
        subscription = waiting_for(session, message.name, message.correlation_key)
        if subscription is None:
            return None
        instance_id = subscription.instance_id
        try:
            hand_to(session, actor, subscription, variables)
        except Conflict:
            if attempt == step.ATTEMPTS - 1:
                raise
        else:
            return instance_id
    return None


def waiting_for(session: Session, name: str, correlation_key: str) -> Subscription | None:
    """The one that has waited longest for this message and runs."""
    return session.scalar(
        select(Subscription)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(
            Subscription.name == name,
            Subscription.correlation_key == correlation_key,
            ProcessInstance.state == InstanceState.ACTIVE,
        )
        .order_by(Subscription.id)
        .limit(1)
    )


def hand_to(session: Session, actor: Actor, subscription: Subscription, variables: Mapping[str, Any]) -> None:
    """Give a message to the instance behind a subscription and advance it."""
    loaded = running.load(session, subscription.instance_id)
    advance = loaded.instance.deliver(subscription.wait_id, dict(variables), runtime(session))
    detail = {"message": subscription.name}
    step.write(session, actor, loaded, advance, "message.received", element_id=subscription.element_id, detail=detail)


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that an instance waits for, and the form that says what it carries."""

    subscription_id: int
    name: str
    correlation_key: str
    element: tuple[str, str]
    form: Form | None


def expected(session: Session, actor: Actor, subscription_id: int) -> Expected:
    """What an operator is about to answer. Raises NotFound (answered meanwhile)."""
    permissions.check_may_enter(actor, permissions.Area.OPERATION)
    row = session.get(Subscription, subscription_id)
    if row is None:
        raise NotFound(f"No instance waits at {subscription_id}.")
    definition_id = session.get_one(ProcessInstance, row.instance_id).definition_id
    names = definitions.element_names(session, definition_id)
    place = (row.process_id, row.element_id)
    form = definitions.message_form(session, definition_id, row.name)
    return Expected(row.id, row.name, row.correlation_key, names.get(place, (row.name, row.name)), form)


def reply(
    session: Session, actor: Actor, subscription_id: int, typed: Mapping[str, Any], message_id: str
) -> InboundMessage:
    """An operator records an agency's reply to what an instance waits for. Raises NotFound, InvalidForm, Conflict.

    A repeat under the same `message_id` returns the first, also when nobody waits any more.
    """
    permissions.check_may_enter(actor, permissions.Area.OPERATION)
    source = f"operator:{actor.id}"
    known = session.scalar(_received(source, message_id))
    if known is not None:
        return known
    found = expected(session, actor, subscription_id)
    variables: Mapping[str, Any] = {}
    if found.form is not None:
        result = forms.check(found.form, typed, form_answers.situation(session, {}))
        if not result.ok:
            raise InvalidForm(result.errors)
        variables = forms.facts_of(found.form, result.answers)
    row = receive(session, actor, found.name, found.correlation_key, variables, source=source, message_id=message_id)
    if row.state is MessageState.BUFFERED:
        raise Conflict("The instance moved on: nobody waits for this reply any more.")
    return row


def hand_over_outbox(session: Session, effect_key: str) -> None:
    """Hand a sent message to an instance of ours that waits for it; what is for outsiders stays for the operator."""
    row = session.scalar(select(Outbox).where(Outbox.effect_key == effect_key).with_for_update())
    if row is None or row.state is not OutboxState.PENDING:
        return
    inside = waiting_for(session, row.name, row.correlation_key) or definitions.message_start(session, row.name)
    if inside is None:
        return
    receive(
        session,
        SYSTEM,
        row.name,
        row.correlation_key,
        from_json(row.variables),
        source="pilar",
        message_id=effect_key,
    )
    row.state, row.handed_over_at = OutboxState.HANDED_OVER, clock.now()


def mark_handed_over(session: Session, actor: Actor, outbox_id: int) -> None:
    """An operator passed a message on by hand (letter, telephone). Raises NotFound."""
    permissions.check_may_enter(actor, permissions.Area.OPERATION)
    row = session.get(Outbox, outbox_id)
    if row is None:
        raise NotFound(f"No message {outbox_id}.")
    if row.state is OutboxState.PENDING:
        row.state, row.handed_over_at, row.handed_over_by = OutboxState.HANDED_OVER, clock.now(), actor.id


def deliver_kept(session: Session, inbound_id: int) -> None:
    """Give a kept message to an instance that has begun to wait for it."""
    row = session.scalar(select(InboundMessage).where(InboundMessage.id == inbound_id).with_for_update())
    if row is not None and row.state is MessageState.BUFFERED:
        _deliver(session, SYSTEM, row)


def broadcast(session: Session, name: str, variables: Mapping[str, Any], sender: int | None = None) -> int:
    """Give a signal to every instance that waits for it but `sender`, which has heard itself, and start what it
    starts; how many. What the same signal has interrupted meanwhile hears it no more."""
    waiting = session.scalars(
        select(Subscription)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(Subscription.name == name, ProcessInstance.state == InstanceState.ACTIVE, _others(sender))
        .order_by(Subscription.id)
    ).all()
    heard = 0
    for subscription in waiting:
        if session.scalar(select(Subscription.id).where(Subscription.id == subscription.id)) is not None:
            hand_to(session, SYSTEM, subscription, variables)
            heard += 1
    return heard + beginnings.start_by_signal(session, name.removeprefix(SIGNAL), variables)


def _others(sender: int | None) -> ColumnElement[bool]:
    return true() if sender is None else ProcessInstance.id != sender


def expire_buffered(session: Session) -> None:
    """Let go of kept messages that nobody waited for in time."""
    session.execute(
        update(InboundMessage)
        .where(InboundMessage.state == MessageState.BUFFERED, InboundMessage.expires_at <= clock.now())
        .values(state=MessageState.EXPIRED)
    )


def call_kept(session: Session, most: int) -> None:
    """Jobs for kept messages that somebody waits for after all: who was held when they came, or who began to wait at
    the same moment. One job for a message and a receiver, whatever comes of it."""
    wait_id = func.concat("kept-", InboundMessage.id, "-", Subscription.id)
    same = (Subscription.name == InboundMessage.name) & (Subscription.correlation_key == InboundMessage.correlation_key)
    called = exists().where(Job.instance_id == Subscription.instance_id, Job.wait_id == wait_id)
    found = session.execute(
        select(InboundMessage.id, InboundMessage.name, Subscription.instance_id, wait_id)
        .ext(distinct_on(InboundMessage.id))
        .join(Subscription, same)
        .join(ProcessInstance, ProcessInstance.id == Subscription.instance_id)
        .where(InboundMessage.state == MessageState.BUFFERED, InboundMessage.expires_at > clock.now(), ~called)
        .where(ProcessInstance.state == InstanceState.ACTIVE)
        .order_by(InboundMessage.id, Subscription.id)
        .limit(most)
    ).all()
    common = {"kind": JobKind.DELIVER, "element_id": "", "due_at": func.now(), "created_at": func.now()}
    for inbound_id, name, instance_id, kept in found:
        session.add(
            Job(**common, instance_id=instance_id, wait_id=kept, operation=name, inputs={"inbound_id": inbound_id})
        )


def message_id_of(*parts: object) -> str:
    """A stable id for a message that a person records by hand: a double click is one message."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
