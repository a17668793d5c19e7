"""Each element and variant: a small diagram, deeds, and the order of events, straight and reloaded at every step."""

from typing import Any

import pytest

from tests.bpmn.cases import Case
from tests.bpmn.cases_conditions import CONDITIONS
from tests.bpmn.cases_flow import CASES
from tests.bpmn.cases_handlers import EVENT_SUB, UNDO
from tests.bpmn.cases_scopes import SCOPES
from tests.bpmn.diagrams import process
from tests.bpmn.walk import Walk, begin


def play(walk: Walk, deeds: list[Any]) -> None:
    for deed in deeds:
        if callable(deed):
            deed(walk)
        elif isinstance(deed, str):
            walk.do(deed)
        else:
            walk.do(deed[0], **deed[1])


@pytest.mark.parametrize("reload", [False, True], ids=["straight", "reloaded"])
@pytest.mark.parametrize("case", CASES + SCOPES + EVENT_SUB + UNDO + CONDITIONS, ids=lambda case: case.name)
def test_case(case: Case, reload: bool) -> None:
    walk = begin(process(case.parts, roots=case.roots), case.given, reload=reload)
    play(walk, case.deeds)
    assert " ".join(walk.trace) == case.trace
    assert walk.ended == case.ended
    assert walk.incidents == case.incidents
    if case.variables is not None:
        assert walk.variables == case.variables
    if walk.ended:
        assert walk.open() == []
        assert walk.instance.active_elements() == []
