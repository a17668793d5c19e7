"""Workers (the people who sign in), their roles and regions, sign-in sessions and throttling."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from engine.actors import Actor, Role
from engine.store.base import Base, bigint_pk, created_at, worker_ref


class Worker(Base):
    """A person who works with cases. `restricted_duty`: named to handle restricted cases."""

    __tablename__ = "worker"

    id: Mapped[bigint_pk]
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    unit: Mapped[str | None]
    language: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(default="Asia/Jakarta")
    is_active: Mapped[bool] = mapped_column(default=True)
    restricted_duty: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[created_at]
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"))
    roles: Mapped[list["WorkerRole"]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    regions: Mapped[list["WorkerRegion"]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    def actor(self) -> Actor:
        """The value that commands and queries take."""
        return Actor(
            id=self.id,
            username=self.username,
            name=self.name,
            roles=frozenset(Role(row.role) for row in self.roles),
            unit=self.unit,
            regions=frozenset(row.region_code for row in self.regions),
            restricted_duty=self.restricted_duty,
            language=self.language,
        )


class WorkerRole(Base):
    """One role of one worker."""

    __tablename__ = "worker_role"

    worker_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("worker.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class WorkerRegion(Base):
    """One region of one worker (n:m)."""

    __tablename__ = "worker_region"

    worker_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("worker.id"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True)


class SignIn(Base):
    """A signed-in browser. `token_sha256`: hash of the cookie's random token."""

    __tablename__ = "sign_in"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    worker_id: Mapped[worker_ref]
    csrf_token: Mapped[str]
    created_at: Mapped[created_at]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index(None, "worker_id"),)


class SignInFailure(Base):
    """A failed sign-in, for throttling; `subject` is a keyed hash of the user name or of the address."""

    __tablename__ = "sign_in_failure"

    id: Mapped[bigint_pk]
    subject: Mapped[bytes]
    at: Mapped[created_at]
    __table_args__ = (Index(None, "subject", "at"),)


def by_username(session: Session, username: str) -> Worker | None:
    """The worker with this user name (any case), active or not."""
    return session.scalar(select(Worker).where(func.lower(Worker.username) == username.strip().lower()))
