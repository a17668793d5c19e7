"""Operation `find-providers`: which partners could take the client."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework.work import JobContext
from engine.store.partners import Partner
from engine.store.regions import prefixes


def run(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Active partners that offer `rehab_kind` in the client's region for its sex and age, best rank first.

    `provider_kinds`: kinds with a free place that have not refused (`excluded`: partner codes or kinds).
    """
    region = str(inputs.get("region") or context.region_code)
    excluded = [str(code) for code in inputs.get("excluded") or []]
    query = select(Partner).where(
        Partner.is_active,
        Partner.services.contains([str(inputs["rehab_kind"])]),
        Partner.region_code.in_(prefixes(region)),
    )
    fitting = [
        partner
        for partner in session.scalars(query.order_by(Partner.rank, Partner.id))
        if _takes(partner, inputs.get("sex"), inputs.get("client_age"))
        and partner.code not in excluded
        and partner.kind not in excluded
    ]
    free = [partner.kind for partner in fitting if partner.free_places > 0]
    return {
        "providers": [{"code": p.code, "kind": p.kind, "free_places": p.free_places} for p in fitting],
        "provider_kinds": list(dict.fromkeys(free)),
        "excluded": excluded,
    }


def _takes(partner: Partner, sex: str | None, age: Decimal | int | None) -> bool:
    if partner.sex and sex and partner.sex != sex:
        return False
    if age is None:
        return True
    old_enough = partner.min_age is None or age >= partner.min_age
    return old_enough and (partner.max_age is None or age <= partner.max_age)
