"""Commands on the office: rule values with effective dates, own holidays and working days."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import SYSTEM, Actor
from engine.casework import record, rules
from engine.errors import InvalidForm, NotFound
from engine.permissions import Area
from engine.store.office import CalendarDay, OfficeSetting

SETTINGS_FILE = "settings.yaml"
_WORDS = re.compile(r"[^\s\[\],.]+")


def load_defaults(session: Session, folder: Path) -> None:
    """Put the shipped default of every setting (workflows/settings.yaml) in force; the office's own values stay."""
    path = folder / SETTINGS_FILE
    if not path.exists():
        return
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
        statement = insert(OfficeSetting).values(
            name=entry["name"],
            value=entry["default"],
            effective_from=date.fromisoformat(str(entry["effective_from"])),
            unit=str(entry.get("unit") or ""),
            source=str(entry.get("source") or ""),
            created_at=clock.now(),
        )
        session.execute(statement.on_conflict_do_nothing(index_elements=["name", "effective_from"]))
    rules.forget(session)


def set_value(session: Session, actor: Actor, name: str, value: Any, effective_from: date) -> OfficeSetting:
    """A rule value from a date on. Raises NotFound for an unknown name, InvalidForm for another kind of value."""
    _check(actor)
    known = session.scalar(
        select(OfficeSetting).where(OfficeSetting.name == name).order_by(OfficeSetting.effective_from.desc()).limit(1)
    )
    if known is None:
        raise NotFound(f"No setting {name}.")
    value = _listed(value) if isinstance(known.value, list) else value
    if isinstance(value, bool) != isinstance(known.value, bool) or isinstance(value, str) != isinstance(
        known.value, str
    ):
        raise InvalidForm({"value": ["wrong_kind"]})
    row = session.scalar(
        select(OfficeSetting).where(OfficeSetting.name == name, OfficeSetting.effective_from == effective_from)
    )
    if row is None:
        row = OfficeSetting(name=name, effective_from=effective_from, unit=known.unit, created_at=clock.now())
        session.add(row)
    row.value, row.changed_by, row.source = value, actor.id, known.source
    record.note(session, actor, "setting.changed", detail={"name": name, "from": effective_from.isoformat()})
    session.flush()
    rules.forget(session)
    return row


def _listed(value: Any) -> list[Any]:
    """A list as it was typed: 16, "16, 17" or [16]."""
    if isinstance(value, list):
        return value
    return [int(word) if word.isdigit() else word for word in _WORDS.findall(str(value))]


def set_calendar_day(session: Session, actor: Actor, on: date, *, is_off: bool, name: str) -> None:
    """Call a day off, or work on a national holiday."""
    _check(actor)
    if not name.strip():
        raise InvalidForm({"name": ["required"]})
    session.merge(CalendarDay(on=on, is_off=is_off, name=name.strip()))
    record.note(session, actor, "calendar.changed", detail={"on": on.isoformat(), "off": is_off})
    session.flush()
    rules.forget(session)


def drop_calendar_day(session: Session, actor: Actor, on: date) -> None:
    """Forget the office's own word on a day."""
    _check(actor)
    row = session.get(CalendarDay, on)
    if row is not None:
        session.delete(row)
        record.note(session, actor, "calendar.changed", detail={"on": on.isoformat()})
    session.flush()
    rules.forget(session)


def _check(actor: Actor) -> None:
    if actor is not SYSTEM:
        permissions.check_may_enter(actor, Area.ADMINISTRATION)
