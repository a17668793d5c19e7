"""The phase of a case: by its main process; nothing at the side makes it jump ahead."""

import pytest

from engine.bpmn import Definition
from engine.queries.phases import ORDER, Stage, Way, phase_of, phases_done, way_of
from tests.bpmn import diagrams as d
from web.words import PHASES


def done(phase: str, way: Way = Way.MAIN) -> Stage:
    return Stage(phase, way, is_open=False)


def opened(phase: str, way: Way = Way.MAIN) -> Stage:
    return Stage(phase, way, is_open=True)


PLANNED = [done("laporan"), done("verifikasi"), done("asesmen"), done("rencana")]
SERVED = [*PLANNED, done("rujukan", Way.CALLED), done("pendampingan", Way.CALLED)]


@pytest.mark.parametrize(
    ("stages", "phase"),
    [
        ([], ""),
        ([opened("laporan")], "laporan"),
        ([*PLANNED[:2], opened("persetujuan")], "persetujuan"),
        # what goes on beside (an identity asked for) holds nothing back, a late question (a court's) pulls nothing
        ([*PLANNED[:2], opened("verifikasi"), opened("asesmen")], "verifikasi"),
        ([*PLANNED[:2], done("persetujuan"), opened("verifikasi"), opened("asesmen")], "asesmen"),
        ([done("laporan"), opened("verifikasi"), opened("pendampingan")], "verifikasi"),
        ([done("laporan"), done("pendampingan"), opened("verifikasi")], "verifikasi"),
        # called processes: their phase while they work, but never the end of the case
        ([*PLANNED, opened("rujukan", Way.CALLED)], "rujukan"),
        ([*PLANNED, opened("verifikasi", Way.CALLED)], "rencana"),
        ([*SERVED, opened("penutupan", Way.CALLED)], "pendampingan"),
        ([*SERVED, done("penutupan", Way.CALLED)], "pendampingan"),
        ([*SERVED, done("penutupan", Way.CALLED), opened("pendampingan")], "pendampingan"),
        # events beside the main way
        ([*PLANNED[:2], opened("pendampingan", Way.BESIDE), opened("persetujuan")], "persetujuan"),
        ([*PLANNED[:2], opened("penutupan", Way.BESIDE)], "verifikasi"),
        # planned anew
        ([*SERVED, opened("rencana")], "rencana"),
        ([*SERVED, done("rencana")], "rencana"),
        ([*SERVED, done("penutupan")], "penutupan"),
        ([done("laporan"), done("anything")], "laporan"),
    ],
)
def test_the_phase(stages: list[Stage], phase: str) -> None:
    assert phase_of(stages) == phase


def test_a_closed_case_is_at_the_end() -> None:
    assert phase_of([done("laporan")], is_closed=True) == "penutupan"


def test_what_was_done_is_told_up_to_the_present_phase() -> None:
    stages = [*SERVED, done("penutupan", Way.CALLED), done("verifikasi", Way.BESIDE), opened("rencana")]
    assert phases_done(stages, "rencana") == ["laporan", "verifikasi", "asesmen", "rencana"]
    assert phases_done([*SERVED, opened("pendampingan")], "pendampingan")[-1] == "pendampingan"


def test_the_pages_have_a_word_for_each_phase() -> None:
    assert list(PHASES) == list(ORDER)


def test_where_a_step_stands() -> None:
    inner = d.sub("inner", d.start("i"), d.user("deep"), d.end("ie"), d.chain("i", "deep", "ie"))
    moved = d.start("moved", d.event("message", messageRef="m"))
    beside = d.sub("Moved", moved, inner, d.end("me"), d.chain("moved", "inner", "me"), event_driven=True)
    part = d.sub("part", d.start("ps"), d.user("within"), d.end("pe"), d.chain("ps", "within", "pe"))
    call = d.element("callActivity", "call", zeebe=d.z("calledElement", processId="side"))
    way = d.chain("start", "first", "part", "call", "end")
    main = d.process(
        d.start(), d.user("first"), part, call, d.end(), beside, way, id="case", roots=d.message("m", key='="k"')
    )
    side = d.process(d.start(), d.user("first"), d.end(), d.chain("start", "first", "end"), id="side")
    files = {"case.bpmn": main, "side.bpmn": side}
    compiled = Definition.compile(files)
    found = [way_of(compiled, "case", *place) for place in (("case", "first"), ("case", "within"), ("side", "first"))]
    assert found == [Way.MAIN, Way.MAIN, Way.CALLED]
    assert way_of(compiled, "case", "case", "deep") is Way.BESIDE
    assert way_of(compiled, "case", "gone", "first") is Way.BESIDE
