"""Commands on workers: add, roles, regions, unit, restricted duty, password, closing an account."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import SYSTEM, Actor, Role
from engine.casework import record
from engine.casework.accounts import check_password, hash_password
from engine.errors import Conflict, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import regions, workers
from engine.store.workers import SignIn, Worker, WorkerRegion, WorkerRole

UNITS = ("rehsos", "linjamsos", "dayasos", "pfm", "sekretariat")


@dataclass(frozen=True, slots=True)
class Profile:
    """What an admin says of a worker."""

    name: str
    roles: Collection[str]
    regions: Collection[str]
    unit: str | None = None
    restricted_duty: bool = False


def add(
    session: Session, actor: Actor, username: str, profile: Profile, password: str | None = None
) -> tuple[Worker, str]:
    """A new worker and the password to hand over (made up unless given). Raises Conflict, InvalidForm, WeakPassword."""
    _check(actor)
    username = username.strip().lower()
    problems = _problems(session, profile)
    if not username.replace("_", "").replace(".", "").isalnum():
        problems["username"] = ["bad_username"]
    if problems:
        raise InvalidForm(problems)
    if workers.by_username(session, username) is not None:
        raise Conflict(f"{username} exists.")
    password = password or new_password()
    check_password(username, password)
    worker = Worker(username=username, name="", password_hash=hash_password(password), created_at=clock.now())
    _write(worker, profile)
    session.add(worker)
    session.flush()
    record.note(session, actor, "worker.added", detail={"worker": worker.id})
    return worker, password


def change(session: Session, actor: Actor, worker_id: int, profile: Profile) -> Worker:
    """Change name, roles, regions, unit, restricted duty; open sign-ins end, so the change holds at once."""
    _check(actor)
    worker = _get(session, worker_id)
    problems = _problems(session, profile)
    if problems:
        raise InvalidForm(problems)
    _write(worker, profile)
    _sign_out(session, worker)
    record.note(session, actor, "worker.changed", detail={"worker": worker.id})
    session.flush()
    return worker


def set_active(session: Session, actor: Actor, worker_id: int, *, is_active: bool) -> Worker:
    """Close or reopen an account; closing ends its sign-ins."""
    _check(actor)
    worker = _get(session, worker_id)
    if worker.id == actor.id:
        raise Conflict("Nobody closes the own account.")
    worker.is_active = is_active
    _sign_out(session, worker)
    record.note(session, actor, "worker.opened" if is_active else "worker.closed", detail={"worker": worker.id})
    return worker


def reset_password(session: Session, actor: Actor, worker_id: int, password: str | None = None) -> str:
    """A new password to hand over; ends the worker's sign-ins."""
    _check(actor)
    worker = _get(session, worker_id)
    password = password or new_password()
    check_password(worker.username, password)
    worker.password_hash = hash_password(password)
    _sign_out(session, worker)
    record.note(session, actor, "worker.password_reset", detail={"worker": worker.id})
    return password


def new_password() -> str:
    """Four groups that can be read out on the telephone."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _problems(session: Session, profile: Profile) -> dict[str, list[str]]:
    """Each bad part of a profile, all at once."""
    problems: dict[str, list[str]] = {}
    if not profile.name.strip():
        problems["name"] = ["required"]
    if not profile.roles or not set(profile.roles) <= {role.value for role in Role}:
        problems["roles"] = ["unknown_role"]
    known = set(session.scalars(select(regions.Region.code).where(regions.Region.code.in_(profile.regions))))
    if set(profile.regions) - known:
        problems["regions"] = ["unknown_region"]
    if profile.unit and profile.unit not in UNITS:
        problems["unit"] = ["unknown_unit"]
    return problems


def _write(worker: Worker, profile: Profile) -> None:
    worker.name, worker.unit = profile.name.strip(), profile.unit or None
    worker.restricted_duty = profile.restricted_duty
    worker.roles = [WorkerRole(role=role) for role in sorted(set(profile.roles))]
    worker.regions = [WorkerRegion(region_code=code) for code in sorted(set(profile.regions))]


def _get(session: Session, worker_id: int) -> Worker:
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise NotFound(f"No worker {worker_id}.")
    return worker


def _sign_out(session: Session, worker: Worker) -> None:
    session.execute(delete(SignIn).where(SignIn.worker_id == worker.id))


def _check(actor: Actor) -> None:
    if actor is not SYSTEM:
        permissions.check_may_enter(actor, Area.ADMINISTRATION)
