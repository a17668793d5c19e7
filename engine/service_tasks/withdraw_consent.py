"""Operation `withdraw-consent`: from this moment the client's consent holds no more; it is kept, with its end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.casework.work import JobContext
from engine.store.referrals import Consent


def run(session: Session, context: JobContext, _: Mapping[str, Any]) -> dict[str, Any]:
    """Mark every consent of the case that still holds as withdrawn now."""
    holds = (Consent.case_id == context.case_id, Consent.given, Consent.withdrawn_at.is_(None))
    for row in session.scalars(select(Consent).where(*holds)):
        row.withdrawn_at = clock.now()
    session.flush()
    return {}
