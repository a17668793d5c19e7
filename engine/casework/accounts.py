"""Accounts: signing in and out, passwords, own profile. Passwords are argon2id; failures are throttled."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import LargeBinary, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor, Role
from engine.casework import record, rules
from engine.errors import EngineError, Forbidden, InvalidForm, NotFound, TooManyAttempts
from engine.store import crypto, office, workers
from engine.store.straight import Straight
from engine.store.workers import SignIn, SignInFailure, Worker, WorkerRegion, WorkerRole

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
WINDOW = timedelta(minutes=15)
MOST_FAILURES = 10
SHORTEST_PASSWORD = 12
LONGEST_NAME = 80
TOUCH = timedelta(minutes=1)

# OWASP's argon2id setting: 46 MiB, one pass, one lane (about 60 ms of one core).
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
# Verified against when the user name is unknown, so that both answers take the same time. Nobody kept its word.
_NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$BIcd6TRP9bR1mj39JYBdFw$o4PYtQZcZovxFV/6YCzQP5JLPM27HEja5xS8jBN0rJ0"


class SignInRefused(EngineError):
    """User name and password do not fit, or the account is closed. Never says which."""

    code = "sign_in_refused"


class WeakPassword(EngineError):
    """`reason`: too_short | same_as_username | common."""

    code = "weak_password"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a page needs of a signed-in browser."""

    actor: Actor
    csrf_token: str
    time_zone: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One row of "where am I signed in". `reference` names it for signing out."""

    reference: str
    device: str
    created_at: datetime
    seen_at: datetime
    is_current: bool


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def authenticate(session: Session, username: str, password: str, address: str) -> Worker:
    """The worker who may sign in. Raises SignInRefused, or TooManyAttempts after too many failures.

    The caller commits also when this raises: the failure must count.
    """
    subjects = [_subject("account", username.strip().lower()), _subject("address", address)]
    _throttle(session, subjects)
    worker = workers.by_username(session, username)
    good = _verify(worker.password_hash if worker else _NOBODY, password)
    if worker is None or not good or not worker.is_active:
        session.add_all([SignInFailure(subject=subject) for subject in subjects])
        session.flush()
        raise SignInRefused("The user name or the password is wrong.")
    session.execute(delete(SignInFailure).where(SignInFailure.subject == subjects[0]))
    if _hasher.check_needs_rehash(worker.password_hash):
        worker.password_hash = hash_password(password)
    return worker


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _subject(kind: str, value: str) -> bytes:
    return crypto.ring().blind_index(f"sign_in.{kind}", value)


def _throttle(session: Session, subjects: list[bytes]) -> None:
    since = clock.now() - WINDOW
    rows = session.execute(
        select(SignInFailure.subject, func.count(), func.min(SignInFailure.at))
        .where(SignInFailure.subject.in_(subjects), SignInFailure.at > since)
        .group_by(SignInFailure.subject)
    )
    for _, count, first in rows:
        if count >= MOST_FAILURES:
            raise TooManyAttempts(max(1, int((first + WINDOW - clock.now()).total_seconds())))


def open_session(session: Session, worker: Worker, device: str) -> str:
    """A new signed-in browser; returns the cookie's token (kept only as a hash)."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        SignIn(
            token_sha256=_hash(token),
            worker_id=worker.id,
            csrf_token=secrets.token_urlsafe(24),
            created_at=now,
            seen_at=now,
            expires_at=now + ABSOLUTE,
            device=device[:200],
        )
    )
    session.flush()
    return token


# Asked on every request, so only for what an actor is made of, and straight.
_ROLES = select(WorkerRole.role).where(WorkerRole.worker_id == Worker.id).scalar_subquery()
_REGIONS = select(WorkerRegion.region_code).where(WorkerRegion.worker_id == Worker.id).scalar_subquery()
_SIGNED_IN = Straight(
    select(
        SignIn.seen_at,
        SignIn.expires_at,
        SignIn.csrf_token,
        Worker.time_zone,
        Worker.id,
        Worker.username,
        Worker.name,
        Worker.unit,
        Worker.restricted_duty,
        Worker.language,
        func.array(_ROLES),
        func.array(_REGIONS),
        office.MARK,
    )
    .join(Worker, Worker.id == SignIn.worker_id)
    .where(SignIn.token_sha256 == bindparam("token", type_=LargeBinary), Worker.is_active),
    reads=True,
)


def find_session(session: Session, token: str) -> BrowserSession | None:
    """The signed-in browser behind a cookie, or None if unknown, idle too long, expired or closed."""
    row = _SIGNED_IN.first(session, {"token": _hash(token)})
    if row is None:
        return None
    now = clock.now()
    seen_at, expires_at, csrf_token, time_zone, *about, roles, regions, mark = row
    if expires_at <= now or seen_at + IDLE <= now:
        return None
    if now - seen_at > TOUCH:
        session.execute(update(SignIn).where(SignIn.token_sha256 == _hash(token)).values(seen_at=now))
    rules.know(session, mark)
    worker_id, username, name, unit, duty, language = about
    actor = Actor(
        id=worker_id,
        username=username,
        name=name,
        roles=frozenset(map(Role, roles)),
        unit=unit,
        regions=frozenset(regions),
        restricted_duty=duty,
        language=language,
    )
    return BrowserSession(actor, csrf_token, time_zone, expires_at)


def close_session(session: Session, token: str) -> None:
    """Sign this browser out."""
    session.execute(delete(SignIn).where(SignIn.token_sha256 == _hash(token)))


def own_sessions(session: Session, actor: Actor, token: str) -> list[OwnSession]:
    """Where the actor is signed in, newest first."""
    rows = session.scalars(select(SignIn).where(SignIn.worker_id == actor.id).order_by(SignIn.seen_at.desc()))
    mine = _hash(token)
    return [
        OwnSession(
            reference=row.token_sha256.hex()[:24],
            device=row.device,
            created_at=row.created_at,
            seen_at=row.seen_at,
            is_current=row.token_sha256 == mine,
        )
        for row in rows
        if row.expires_at > clock.now() and row.seen_at + IDLE > clock.now()
    ]


def close_own_session(session: Session, actor: Actor, reference: str) -> None:
    """Sign another browser of the actor out. Raises NotFound."""
    for row in session.scalars(select(SignIn).where(SignIn.worker_id == actor.id)):
        if row.token_sha256.hex().startswith(reference) and len(reference) == 24:
            session.delete(row)
            return
    raise NotFound("No such sign-in.")


def change_password(session: Session, actor: Actor, current: str, new: str, keep_token: str) -> None:
    """Set a new password and sign out every other browser. Raises Forbidden, WeakPassword."""
    worker = session.get_one(Worker, actor.id)
    if not _verify(worker.password_hash, current):
        raise Forbidden("The present password is wrong.")
    check_password(worker.username, new)
    worker.password_hash = hash_password(new)
    session.execute(delete(SignIn).where(SignIn.worker_id == worker.id, SignIn.token_sha256 != _hash(keep_token)))


def check_password(username: str, password: str) -> None:
    """At least 12 characters, not the user name, not one of the common ones. Raises WeakPassword."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword("too_short")
    folded = password.casefold()
    if username.casefold() in folded and len(folded) < len(username) + 8:
        raise WeakPassword("same_as_username")
    if len(set(folded)) < 5 or folded in _COMMON:
        raise WeakPassword("common")


# The common passwords of twelve letters and more; shorter ones fall to the length rule.
_COMMON = frozenset(
    [
        "123456789012",
        "1234567890123",
        "qwertyuiop123",
        "password1234",
        "password12345",
        "passwordpassword",
        "administrator",
        "iloveyou1234",
        "indonesia1234",
        "bismillah123",
        "bismillahirrahmanirrahim",
        "qwerty123456",
        "1q2w3e4r5t6y",
        "adminadmin123",
        "welcome12345",
        "letmein12345",
        "rahasia12345",
        "sayangsayang",
        "sayangkamu123",
        "jakarta12345",
    ]
)


def rename(session: Session, actor: Actor, name: str) -> None:
    """Write the own name as it should read; the history keeps that it changed. Raises InvalidForm."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidForm({"name": ["required" if not name else "too_long"]})
    if name != actor.name:
        session.execute(update(Worker).where(Worker.id == actor.id).values(name=name))
        record.note(session, actor, "worker.renamed", detail={"worker": actor.id})


def set_language(session: Session, actor: Actor, language: str | None) -> None:
    """'id', 'en' or None (the browser decides)."""
    session.execute(update(Worker).where(Worker.id == actor.id).values(language=language))


def set_time_zone(session: Session, actor: Actor, time_zone: str) -> None:
    """Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)."""
    session.execute(update(Worker).where(Worker.id == actor.id).values(time_zone=time_zone))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
