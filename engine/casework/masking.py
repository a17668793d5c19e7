"""Takes out of a case's data whatever may name or describe somebody; codes, facts and words of the diagram stay."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.casework import facts
from engine.store.cases import Case
from engine.store.people import HouseholdMember, Person

MASKED = "•••"
# What machines write: all in small letters or all in capitals. A name that people write is neither.
_CODE = re.compile(r"[a-z0-9_.:/+@-]{1,80}|[A-Z0-9_.:/+@-]{1,40}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_DIGITS = 9


class Masking:
    """`known`: words and dates of the case's people; `model`: text of the version's files; `secret`: names of facts
    and codes that the reader must not know."""

    def __init__(self, known: Iterable[str], model: str, secret: frozenset[str]) -> None:
        self._known = frozenset(known)
        self._model = model
        self._secret = secret

    def value(self, value: Any) -> Any:
        """The same, plain data, with everything masked that may be somebody's."""
        if isinstance(value, dict):
            return {self.text(str(key)): self._entry(str(key), item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return MASKED if len(str(value).lstrip("-")) > _MOST_DIGITS else value
        return value

    def _entry(self, key: str, item: Any) -> Any:
        return MASKED if key in self._secret and item not in (None, []) else self.value(item)

    def text(self, text: str) -> str:
        """The text if it is a code or stands in the diagram, and speaks of nobody."""
        if not text or facts.is_case_number(text):
            return text
        words = {word.casefold() for word in _WORD.findall(text)}
        is_somebodys = text in self._secret or any(one in text for one in self._dates()) or words & self._known
        if is_somebodys or facts.has_long_number(text):
            return MASKED
        return text if _CODE.fullmatch(text) or _is_moment(text) or text in self._model else MASKED

    def _dates(self) -> Iterable[str]:
        return (one for one in self._known if one[:1].isdigit())


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?(@[\w/]+)?|P[\dYMWDTHS.]+")


def _is_moment(text: str) -> bool:
    return _MOMENT.fullmatch(text) is not None


def known_words(session: Session, case_id: int | None) -> set[str]:
    """What the people of a case are called, folded, with their dates of birth: client, household, who reported."""
    case = session.get(Case, case_id) if case_id is not None else None
    if case is None:
        return set()
    home = select(HouseholdMember.person_id).where(HouseholdMember.household_id == case.household_id)
    people = session.scalars(select(Person).where(or_(Person.id == case.client_id, Person.id.in_(home))))
    texts, found = [case.reporter_name or ""], set[str]()
    for person in people:
        texts += [person.name, person.address or ""]
        found |= {day.isoformat() for day in (person.birth_date,) if day is not None}
    return found | {word.casefold() for text in texts for word in _WORD.findall(text)}
