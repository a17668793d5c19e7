"""Facts as operators may see and mend them: no long numbers, and none that was decided with a second pair of eyes."""

import re

from sqlalchemy.orm import Session

import forms
from engine.bpmn.repair import elements_with, written_by
from engine.casework import definitions
from engine.errors import NotFound

# Ten digits and more: numbers of people, families and telephones have as many; dates, amounts and villages have not.
_LONG_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){9,}|\d(?:[ .-]?\d){13,}")
_CASE_NUMBER = re.compile(r"^\d{2}\.\d{2}\.\d{2}-\d{4}-\d{6}$")
HIDDEN = "••••"


def unnumbered(text: str) -> str:
    """The text with every long number hidden, but for a case number that stands alone."""
    return text if is_case_number(text) else _LONG_NUMBER.sub(HIDDEN, text)


def is_case_number(text: str) -> bool:
    """Whether the text is the number of a case and nothing else."""
    return _CASE_NUMBER.match(text) is not None


def has_long_number(text: str) -> bool:
    """Whether the text holds a number that may be somebody's."""
    return unnumbered(text) != text


def approvals(session: Session, definition_id: int) -> frozenset[str]:
    """Ids of the elements of a version that ask for a second pair of eyes."""
    return elements_with(definitions.compiled(session, definition_id), "fourEyes", "true")


def decided_names(session: Session, definition_id: int) -> frozenset[str]:
    """Names of the facts that such elements write: no operator changes what somebody approved."""
    found: set[str] = set()
    compiled = definitions.compiled(session, definition_id)
    for form_id, names in written_by(compiled, approvals(session, definition_id)):
        found.update(names)
        if form_id is not None:
            found |= _asked(session, definition_id, form_id)
    return frozenset(found)


def _asked(session: Session, definition_id: int, form_id: str) -> frozenset[str]:
    try:
        return forms.fact_keys(definitions.form(session, definition_id, form_id))
    except NotFound:
        return frozenset()
