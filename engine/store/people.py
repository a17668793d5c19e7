"""People and households. Identity numbers, telephone and address are ciphertext; exact search goes by blind index."""

from datetime import date

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.store.base import Base, bigint_pk, created_at, text_list
from engine.store.crypto import EncryptedText


class Person(Base):
    """A person known to the office. Without a NIK there is a `temp_id`; help is never blocked by it.

    `name_words`: the name's words folded for search; `address_index`: blind indexes of the address's words.
    """

    __tablename__ = "person"

    id: Mapped[bigint_pk]
    name: Mapped[str]
    name_words: Mapped[text_list]
    nik: Mapped[str | None] = mapped_column(EncryptedText("person.nik"))
    nik_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    nik_status: Mapped[str] = mapped_column(default="unknown")
    temp_id: Mapped[str | None]
    sex: Mapped[str | None]
    birth_date: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(EncryptedText("person.phone"))
    address: Mapped[str | None] = mapped_column(EncryptedText("person.address"))
    address_index: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), default=list)
    village_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    restricted: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    died_on: Mapped[date | None]
    created_at: Mapped[created_at]
    __table_args__ = (
        Index(None, "nik_index"),
        Index("ix_person_name_words", "name_words", postgresql_using="gin"),
        Index("ix_person_address_index", "address_index", postgresql_using="gin"),
        Index(
            "ix_person_words",
            text("person_words(name_words, address_index, village_code)"),
            postgresql_using="gin",
        ),
        Index(None, "village_code"),
        Index(None, "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )


class Household(Base):
    """A family card's household."""

    __tablename__ = "household"

    id: Mapped[bigint_pk]
    kk_no: Mapped[str | None] = mapped_column(EncryptedText("household.kk_no"))
    kk_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    village_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    desil: Mapped[int | None]
    desil_on: Mapped[date | None]
    created_at: Mapped[created_at]
    members: Mapped[list["HouseholdMember"]] = relationship(order_by="HouseholdMember.id")
    __table_args__ = (Index(None, "kk_index"),)


class HouseholdMember(Base):
    """A person in a household, with dates; `relation`: head, spouse, child, parent, other."""

    __tablename__ = "household_member"

    id: Mapped[bigint_pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    relation: Mapped[str] = mapped_column(default="other")
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    person: Mapped[Person] = relationship()
    __table_args__ = (Index(None, "household_id"), Index(None, "person_id"))
