"""The referrals of a case: to whom, how they stand, and how they ended, in the words of the programme's own forms."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.casework import definitions
from engine.store.definitions import Definition
from engine.store.instances import ProcessInstance
from engine.store.partners import Partner
from engine.store.referrals import Referral
from forms.model import walk

Words = dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral with its partner's name. `outcome`: its code in the words of the programme's own forms, if any."""

    row: Referral
    partner: str
    outcome: tuple[str, str] = ("", "")


def referrals_of(session: Session, case_id: int) -> list[Referred]:
    """The referrals, newest first; one statement, and one more once one of them has ended. The caller has checked."""
    query = (
        select(Referral, Partner.name)
        .outerjoin(Partner, Partner.code == Referral.partner_code)
        .where(Referral.case_id == case_id)
        .order_by(Referral.id.desc())
    )
    rows = session.execute(query).all()
    words = _outcome_words(session, case_id) if any(row.outcome for row, _ in rows) else {}
    return [
        Referred(row, partner or "", words.get((row.process_id, row.outcome or ""), ("", ""))) for row, partner in rows
    ]


def _outcome_words(session: Session, case_id: int) -> Words:
    """(process, code) -> what the forms beside the process's diagram call the answer, reasons before other answers."""
    query = (
        select(Definition)
        .join(ProcessInstance, ProcessInstance.definition_id == Definition.id)
        .where(ProcessInstance.case_id == case_id)
        .order_by(ProcessInstance.id)
        .limit(1)
    )
    row = session.scalar(query)
    if row is None:
        return {}
    compiled = definitions.compiled(session, row.id)
    found: Words = {}
    for process_id in compiled.processes:
        folder = compiled.file_of(process_id).rpartition("/")[0]
        names = [name.rpartition("/")[2] for name in row.manifest if name.startswith(f"{folder}/")]
        forms = (definitions.form(session, row.id, name[:-5]) for name in names if name.endswith(".form"))
        questions = sorted(
            (question for form in forms for question in walk(form.components) if question.options),
            key=lambda question: not question.key.endswith("_reason"),
        )
        for question in questions:
            for option in question.options:
                found.setdefault((process_id, option.value), (option.label, option.label_en))
    return found
