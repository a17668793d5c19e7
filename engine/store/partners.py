"""Partners (PSKS and providers): services, whom they take, free places."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, bigint_pk, created_at, text_list


class Partner(Base):
    """A provider or agency. `services`: rehab kinds or programmes it takes; ages inclusive, None for any."""

    __tablename__ = "partner"

    id: Mapped[bigint_pk]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    services: Mapped[text_list]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    rank: Mapped[int] = mapped_column(default=50)
    capacity: Mapped[int] = mapped_column(default=0)
    free_places: Mapped[int] = mapped_column(default=0)
    sex: Mapped[str | None]
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[created_at]
    __table_args__ = (Index(None, "region_code"),)
