"""Who may be meant by a number, a name or an address: a few candidates, read from indexes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, literal_column, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from engine import permissions
from engine.actors import Actor
from engine.queries import queue
from engine.store import folding
from engine.store.people import Person

FEW = 100
# As the index has it, word for word: every word of a person with the kabupaten and with the kecamatan.
_WORDS = literal_column("person_words(person.name_words, person.address_index, person.village_code)", ARRAY(Text))


def candidates(session: Session, actor: Actor, wanted: Mapping[str, Any], enough: int) -> list[Person]:
    """People whom the actor may know of: by number, by all words of the name, then (if few) by any word or address."""
    name = folding.words(str(wanted.get("name") or ""))
    address = [part.hex() for part in folding.address_index(str(wanted.get("address") or ""))]
    among = queue.places(session, actor)
    first = _exactly(actor, wanted, name)
    if name:
        first += _in_places(actor, among, name, _has_all)
    found = _read(session, first)
    if len(found) < enough and (len(name) > 1 or address):
        known = {row.id for row in found}
        found += [
            row for row in _read(session, _in_places(actor, among, name + address, _has_any)) if row.id not in known
        ]
    return found


def nearly(session: Session, actor: Actor, meant: Sequence[Iterable[str]]) -> list[Person]:
    """People whom the actor may know of, by words that may be mistyped: for each, as it may be meant. All must fit."""
    return _read(
        session,
        [
            _at(village, *(_has_any([f"{word}@{place}" for word in words]) for words in meant))
            for place, village in queue.places(session, actor)
        ],
    )


def _exactly(actor: Actor, wanted: Mapping[str, Any], name: Sequence[str]) -> list[Select[int]]:
    """By number; and by the whole name, wherever they live, for those known through a case."""
    sees = permissions.sees_person(actor)
    found: list[Select[int]] = []
    if wanted.get("nik"):
        found.append(select(Person.id).where(Person.nik_index == folding.nik_index(str(wanted["nik"])), sees))
    if name:
        anywhere = select(Person.id).where(Person.name_words.contains(cast(list(name), ARRAY(Text)))).limit(FEW)
        found.append(select(Person.id).where(Person.id.in_(anywhere), sees))
    return found


def _has_all(words: list[str]) -> ColumnElement[bool]:
    fits: ColumnElement[bool] = _WORDS.contains(cast(words, ARRAY(Text)))
    return fits


def _has_any(words: list[str]) -> ColumnElement[bool]:
    fits: ColumnElement[bool] = _WORDS.overlap(cast(words, ARRAY(Text)))
    return fits


def _in_places(actor: Actor, among: Sequence[tuple[str, str]], words: Sequence[str], fits: Any) -> list[Select[int]]:
    """By words with a place: one read of an index for each kecamatan or kabupaten of the actor."""
    return [_at(village, fits([f"{word}@{place}" for word in words])) for place, village in among]


def _at(village: str, *fits: ColumnElement[bool]) -> Select[int]:
    """A few people of a place whom everybody there may know of."""
    query = select(Person.id).where(*fits, Person.restricted.is_(False), Person.merged_into_id.is_(None))
    if village:
        query = query.where(Person.village_code == village)
    return select(query.limit(FEW).subquery().c.id)


def _read(session: Session, parts: Sequence[Select[int]]) -> list[Person]:
    if not parts:
        return []
    ids = union(*parts).subquery("found")
    query = select(Person).join(ids, ids.c.id == Person.id).where(Person.merged_into_id.is_(None))
    return list(session.scalars(query.order_by(Person.id.desc())))
