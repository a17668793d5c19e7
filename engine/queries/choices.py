"""Lists that the office provides for forms: villages, workers of a role, providers. Named by the property `options`."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine.actors import Actor
from engine.store import regions
from engine.store.partners import Partner
from engine.store.regions import Level, Region
from engine.store.workers import Worker, WorkerRegion, WorkerRole

Choices = dict[str, list[tuple[str, str]]]


def choices_for(session: Session, actor: Actor, form: forms.Form, region_code: str = "") -> Choices:
    """Every list that `form` asks for, as (value, label); `region_code`: the case's, for workers and providers."""
    return {name: _list(session, actor, name, region_code) for name in sorted(_asked(form.components))}


def _asked(components: tuple[forms.Component, ...]) -> set[str]:
    found: set[str] = set()
    for component in components:
        name = component.properties.get("options") or ("villages" if component.format == "village" else "")
        found |= {name} if name else set()
        found |= _asked(component.children)
    return found


def _list(session: Session, actor: Actor, name: str, region_code: str) -> list[tuple[str, str]]:
    kind, _, detail = name.partition(":")
    if kind == "villages":
        return villages(session, actor)
    if kind == "workers":
        return workers(session, detail.split("+"), region_code)
    if kind in ("providers", "partners"):
        return providers(session, detail, region_code)
    return []


def villages(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """The villages of the actor's regions, with their kecamatan where there are several."""
    rows = session.execute(
        select(Region.code, Region.name, Region.level, Region.parent_code)
        .where(Region.level >= Level.KECAMATAN, Region.code.in_(regions.below(actor.regions)))
        .order_by(Region.name)
    ).all()
    parents = {code: name for code, name, level, _ in rows if level == Level.KECAMATAN}
    several = len({parent for _, _, level, parent in rows if level == Level.VILLAGE}) > 1
    return [
        (code, f"{name}, {parents[parent]}" if several and parent in parents else name)
        for code, name, level, parent in rows
        if level == Level.VILLAGE
    ]


def workers(session: Session, roles: Iterable[str], region_code: str) -> list[tuple[str, str]]:
    """Active workers with one of the roles who work in the region."""
    query = (
        select(Worker.username, Worker.name)
        .where(
            Worker.is_active,
            Worker.id.in_(select(WorkerRole.worker_id).where(WorkerRole.role.in_(list(roles)))),
            Worker.id.in_(
                select(WorkerRegion.worker_id).where(WorkerRegion.region_code.in_(regions.prefixes(region_code)))
            ),
        )
        .order_by(Worker.name)
    )
    return [(username, name) for username, name in session.execute(query)]


def providers(session: Session, service: str, region_code: str) -> list[tuple[str, str]]:
    """Active partners, those that give `service` when it is named; nearer ones first."""
    query = select(Partner).where(Partner.is_active).order_by(Partner.rank, Partner.name)
    if service:
        query = query.where(Partner.services.contains([service]))
    found = list(session.scalars(query))
    found.sort(key=lambda partner: not region_code.startswith(partner.region_code))
    return [(partner.code, partner.name) for partner in found]
