"""What the engine is given for one operation: the clock, the office's calendar and settings, FEEL functions."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine import clock
from engine.bpmn import Runtime
from engine.calendar import OfficeCalendar, calendar_functions
from engine.errors import NotFound
from engine.store import office

_CACHE = "pilar.office"
_MARK = "pilar.office_mark"
_MOST_KEPT = 64
# What this process has read, by the mark under which it holds (see store.office.OfficeMark).
_kept_settings: dict[tuple[str, date], dict[str, Any]] = {}
_kept_calendars: dict[tuple[str, ZoneInfo], OfficeCalendar] = {}


K = TypeVar("K")
V = TypeVar("V")


class _Zone:
    of_office = ZoneInfo("Asia/Jakarta")


def configure(zone: ZoneInfo) -> None:
    """Set the office's time zone (WIB, WITA, WIT), once at start-up."""
    _Zone.of_office = zone


class _LazyCalendar:
    """The office's calendar, read from the database only when an expression asks for a working day."""

    def __init__(self, rules: "OfficeRules") -> None:
        self._rules = rules

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules.calendar, name)


class OfficeRules:
    """Calendar and settings of the office, read when first asked for and kept for this session's life.

    `mark`: the state they are in, if something told; what this process has read in that state is not read anew.
    """

    def __init__(self, session: Session, mark: str = "") -> None:
        self._session = session
        self._mark = mark
        self._calendar: OfficeCalendar | None = None
        self._settings: dict[date, dict[str, Any]] = {}
        self.zone = _Zone.of_office

    @property
    def calendar(self) -> OfficeCalendar:
        """The office's calendar: national holidays and joint leave, with the office's own changes."""
        if self._calendar is None:
            self._calendar = _kept_calendars.get((self._mark, self.zone)) or self._read_calendar()
        return self._calendar

    def _read_calendar(self) -> OfficeCalendar:
        mark, days = office.calendar_days(self._session)
        calendar = OfficeCalendar(
            timezone=self.zone,
            extra_holidays=frozenset(day for day, is_off in days.items() if is_off),
            working_holidays=frozenset(day for day, is_off in days.items() if not is_off),
        )
        _keep(_kept_calendars, (mark, self.zone), calendar)
        return calendar

    def find(self, name: str) -> Any:
        """The setting's value today, None if there is none."""
        today = clock.now().date()
        if today not in self._settings:
            kept = _kept_settings.get((self._mark, today))
            self._settings[today] = self._read_settings(today) if kept is None else kept
        return self._settings[today].get(name)

    def _read_settings(self, today: date) -> dict[str, Any]:
        mark, settings = office.effective(self._session, today)
        _keep(_kept_settings, (mark, today), settings)
        return settings

    def setting(self, name: str) -> Any:
        """The setting's value today. Raises NotFound: a rule without its value must not guess."""
        value = self.find(name)
        if value is None:
            raise NotFound(f"The office has no setting {name} that is in force.")
        return value

    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Pilar's own FEEL functions over this office."""
        return calendar_functions(cast(OfficeCalendar, _LazyCalendar(self)), self.setting)


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = value


def know(session: Session, mark: str) -> None:
    """The office's rules are in this state now: a statement that was sent anyway has told."""
    if session.info.get(_MARK) != mark:
        forget(session)
        session.info[_MARK] = mark


def office_rules(session: Session) -> OfficeRules:
    """The office's rules, one object per session."""
    if _CACHE not in session.info:
        session.info[_CACHE] = OfficeRules(session, session.info.get(_MARK, ""))
    rules: OfficeRules = session.info[_CACHE]
    return rules


def forget(session: Session) -> None:
    """Read the office's rules anew: after a setting or a calendar day changed."""
    session.info.pop(_CACHE, None)
    session.info.pop(_MARK, None)


def runtime(session: Session, due: datetime | None = None) -> Runtime:
    """What an operation on an instance needs from its surroundings.

    `due`: what is done was due then by the database's clock; ours, which follows it, may be behind by a moment.
    """
    rules, now = office_rules(session), clock.now()
    return Runtime(now=max(now, due or now), timezone=rules.zone, functions=rules.functions())
