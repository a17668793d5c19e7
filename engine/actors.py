"""Who is asking: a value that every command and query takes, so that none reads a web session."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a worker is; domain/processes.md lanes. Groups of a worker are its roles and `role:unit`."""

    TKSK = "tksk"
    PSM = "psm"
    PKH_COMPANION = "pendamping_pkh"
    TAGANA = "tagana"
    SOCIAL_WORKER = "peksos"
    FRONT_OFFICE = "fo"
    BACK_OFFICE = "bo"
    DIVISION_HEAD = "kabid"
    OFFICE_HEAD = "kadis"
    CAMAT = "camat"
    ANALYST = "analyst"
    OPERATOR = "operator"
    ADMIN = "admin"
    DPO = "dpo"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in worker, or the system itself (`id` None).

    `regions`: codes at any level; each covers what lies below it.
    `restricted_duty`: named by an admin to handle restricted cases in those regions.
    """

    id: int | None
    username: str
    name: str
    roles: frozenset[Role]
    unit: str | None = None
    regions: frozenset[str] = frozenset()
    restricted_duty: bool = False
    language: str | None = None
    groups: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        by_unit = {f"{role}:{self.unit}" for role in self.roles} if self.unit else set()
        object.__setattr__(self, "groups", frozenset(self.roles) | by_unit)

    def has(self, *roles: Role) -> bool:
        """Whether the actor has one of the roles."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(id=None, username="system", name="Pilar", roles=frozenset())
