"""Operation `check-nik`: the rules of a NIK over the client's record. The process learns the result, not the number."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import clock
from engine.casework.rules import office_rules
from engine.casework.work import JobContext
from engine.store.cases import Case
from forms import identity


def run(session: Session, context: JobContext, _: Mapping[str, Any]) -> dict[str, Any]:
    """`nik_check` is absent, invalid, warning or valid; `nik_findings` the codes of what was found.

    Somebody without a NIK is known by a temporary number until there is one: help is never blocked.
    """
    case = session.get(Case, context.case_id) if context.case_id else None
    if case is None or not case.client.nik:
        return {"nik_check": "absent", "nik_findings": [], "temp_id": _temporary(session, case)}
    rules, client = office_rules(session), case.client
    found = identity.check_nik(
        str(client.nik),
        today=clock.now().astimezone(rules.zone).date(),
        test_regions=rules.find("test_regions") is True,
        birth_date=client.birth_date,
        sex=client.sex or "",
    )
    result = "invalid" if found.errors else "warning" if found.warnings else "valid"
    findings = [problem.code for problem in (*found.errors, *found.warnings)]
    return {"nik_check": result, "nik_findings": findings, "temp_id": client.temp_id}


def _temporary(session: Session, case: Case | None) -> str | None:
    if case is None:
        return None
    case.client.temp_id = case.client.temp_id or f"T-{case.case_no}"
    session.flush()
    return case.client.temp_id
