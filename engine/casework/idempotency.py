"""Commands from browsers and other systems happen once: a repeat under the same key gets the first answer."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.errors import IdempotencyMismatch
from engine.store.commands import Command


def digest(*parts: object) -> str:
    """A digest of what a command was asked to do."""
    return hashlib.sha256(orjson.dumps(parts, default=str, option=orjson.OPT_NON_STR_KEYS)).hexdigest()


def first_answer(session: Session, actor: Actor, key: str | None, sha256: str) -> dict[str, Any] | None:
    """The answer already given under `key`, or None. Raises IdempotencyMismatch if it was for something else."""
    if not key or actor.id is None:
        return None
    row = session.scalar(select(Command).where(Command.actor_id == actor.id, Command.idempotency_key == key))
    return None if row is None else same(row.body_sha256, row.answer, sha256)


def is_answered(session: Session, actor: Actor, key: str | None) -> bool:
    """Whether a command under `key` was answered before."""
    query = select(Command.id).where(Command.actor_id == actor.id, Command.idempotency_key == key)
    return bool(key) and session.scalar(query) is not None


def same(first_sha256: str, answer: dict[str, Any], sha256: str) -> dict[str, Any]:
    """The kept answer, if the command is the same. Raises IdempotencyMismatch."""
    if first_sha256 != sha256:
        raise IdempotencyMismatch("This key was used for another command.")
    return answer


def keep(session: Session, actor: Actor, key: str | None, name: str, sha256: str, answer: Mapping[str, Any]) -> None:
    """Keep the answer in the transaction of its effect."""
    if key and actor.id is not None:
        session.add(
            Command(
                actor_id=actor.id,
                idempotency_key=key,
                name=name,
                body_sha256=sha256,
                answer=dict(answer),
                created_at=clock.now(),
            )
        )
        session.flush()
