"""All cases of the matrix, and the files of each."""

from tests.bpmn.cases import Case
from tests.bpmn.cases_conditions import CONDITIONS
from tests.bpmn.cases_flow import CASES
from tests.bpmn.cases_handlers import EVENT_SUB, UNDO
from tests.bpmn.cases_many import MANY
from tests.bpmn.cases_mixed import MIXED
from tests.bpmn.cases_nested import NESTED
from tests.bpmn.cases_rest import REST
from tests.bpmn.cases_scopes import SCOPES
from tests.bpmn.diagrams import process

PLAIN: list[Case] = [*CASES, *SCOPES, *EVENT_SUB, *UNDO, *CONDITIONS, *MANY, *REST]
MATRIX: list[Case] = [*PLAIN, *NESTED, *MIXED]


def files_of(case: Case) -> dict[str, bytes]:
    """The diagram of a case and what it calls."""
    return {"p.bpmn": process(case.parts, roots=case.roots), **case.files}
