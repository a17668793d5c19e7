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
    """`nik_check` is absent, invalid, warning or valid; `nik_findings` the codes of what was found."""
    case = session.get(Case, context.case_id) if context.case_id else None
    if case is None or not case.client.nik:
        return {"nik_check": "absent", "nik_findings": []}
    rules, client = office_rules(session), case.client
    found = identity.check_nik(
        str(client.nik),
        today=clock.now().astimezone(rules.zone).date(),
        test_regions=rules.find("test_regions") is True,
        birth_date=client.birth_date,
        sex=client.sex or "",
    )
    result = "invalid" if found.errors else "warning" if found.warnings else "valid"
    return {"nik_check": result, "nik_findings": [problem.code for problem in (*found.errors, *found.warnings)]}
