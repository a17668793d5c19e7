"""Referrals, consents and unmet needs of a case."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at, text_list


class Referral(Base):
    """One path of a case. `status` is the HL7 Gravity set: draft, requested, accepted, rejected, in-progress, …"""

    __tablename__ = "referral"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    referral_no: Mapped[str] = mapped_column(unique=True)
    process_id: Mapped[str]
    path: Mapped[str]
    partner_code: Mapped[str | None]
    group_code: Mapped[str | None]  # the P2K2 group that a PKH family belongs to
    status: Mapped[str] = mapped_column(default="draft")
    opened_at: Mapped[created_at]
    sent_at: Mapped[datetime | None]
    reply_due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    __table_args__ = (
        Index(None, "case_id"),
        Index(None, "status"),
        Index(None, "group_code", postgresql_where=text("group_code IS NOT NULL")),
    )


class Consent(Base):
    """A client's (or guardian's) consent: purposes, channel, legal basis, expiry; withdrawn, never deleted."""

    __tablename__ = "consent"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    given: Mapped[bool]
    purposes: Mapped[text_list]
    legal_basis: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    text_version: Mapped[str] = mapped_column(default="1")
    guardian_relation: Mapped[str | None]
    expires_on: Mapped[date | None]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    recorded_at: Mapped[created_at]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (Index(None, "case_id"),)


class UnmetNeed(Base):
    """A need that no programme or provider could meet, counted and reported."""

    __tablename__ = "unmet_need"

    id: Mapped[bigint_pk]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    path: Mapped[str]
    reason: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    created_at: Mapped[created_at]
    __table_args__ = (Index(None, "region_code", "created_at"), Index(None, "case_id"))
