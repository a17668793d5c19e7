"""Regions: province, kabupaten/kota, kecamatan, desa/kelurahan by Kemendagri code, with their closure."""

from enum import IntEnum

from sqlalchemy import ForeignKey, Select, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.errors import NotFound
from engine.store.base import Base


class Level(IntEnum):
    """Depth of a region code: 99 | 99.01 | 99.01.01 | 99.01.01.2001."""

    PROVINCE = 1
    KABUPATEN = 2
    KECAMATAN = 3
    VILLAGE = 4


class Region(Base):
    """One administrative region; `code` is dotted."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[int]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))


class RegionClosure(Base):
    """Every (ancestor, descendant) pair, each region being its own ancestor: scope checks without LIKE."""

    __tablename__ = "region_closure"

    ancestor: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)
    descendant: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True, index=True)


def prefixes(code: str) -> list[str]:
    """'99.01.01.2001' -> ['99', '99.01', '99.01.01', '99.01.01.2001']."""
    parts = code.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def kecamatan_of(code: str) -> str:
    """The kecamatan part of a village's code; a shorter code stays as it is."""
    return ".".join(code.split(".")[: Level.KECAMATAN])


def add(session: Session, rows: list[tuple[str, str]]) -> None:
    """Add regions (code, name), parents before children, with their closure; known ones are renamed."""
    known = set(session.scalars(select(Region.code)))
    fresh = [row for row in rows if row[0] not in known]
    if fresh:
        session.execute(insert(Region), [_row(code, name) for code, name in fresh])
        pairs = [{"ancestor": a, "descendant": code} for code, _ in fresh for a in prefixes(code)]
        session.execute(insert(RegionClosure), pairs)
    for code, name in rows:
        if code in known:
            session.get_one(Region, code).name = name


def outermost(session: Session) -> str:
    """The region that holds all others: where something takes place that belongs to no smaller one."""
    code = session.scalar(select(Region.code).order_by(Region.level, Region.code).limit(1))
    if code is None:
        raise NotFound("There are no regions.")
    return code


def _row(code: str, name: str) -> dict[str, object]:
    parts = prefixes(code)
    return {"code": code, "name": name, "level": len(parts), "parent_code": parts[-2] if len(parts) > 1 else None}


def below(codes: frozenset[str]) -> Select[str]:
    """Codes of all regions inside the given ones, as a subselect."""
    return select(RegionClosure.descendant).where(RegionClosure.ancestor.in_(codes))
