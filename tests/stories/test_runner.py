"""What the teller of stories refuses: words it does not know, and stories that do not go as told."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from engine.stories import Story, StoryError, read, tell

HEAD = "title: Uji\nnow: 2026-10-05T08:00+07:00\n"
BEGIN = """steps:
- message: laporan_bpbd
  facts: {village_code: 99.01.01.2001, hazard: banjir, event_kind: alam, event_time: "2026-10-05T05:00"}
"""


def story(folder: Path, text: str) -> Story:
    path = folder / "tagana" / "stories" / "trial.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("steps: []\nwho: tksk01\n", "tagana/trial: unknown who."),
        ("steps: later\n", "a map with title, now and steps"),
        ("steps:\n- task: FirstReport\n  answer: {}\n", "tagana/trial, step 1: unknown answer."),
        ("steps:\n- FirstReport\n", "step 1: a step is a map"),
        ("steps:\n- task: A\n  wait: P1D\n", "step 1: one of register, start"),
        ("steps:\n- wait: P1D\n- expect: {opens: []}\n", "step 2, expect: unknown opens."),
        ("steps: [\n", "tagana/trial: "),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(StoryError) as refused:
        story(tmp_path, text)
    assert why in str(refused.value)


def test_a_moment_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "family" / "stories" / "trial.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("title: Uji\nnow: tomorrow\nsteps: []\n", encoding="utf-8")
    with pytest.raises(StoryError, match="family/trial: a date and time is needed"):
        read(path)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("- expect: {open: [RapidAssess]}", "expected ['RapidAssess'], found ['FirstReport']"),
        ("- expect: {due: {FirstReport: 2026-10-05T10:00}}", "FirstReport due: expected"),
        ("- expect: {facts: {event_kind: sosial}}", "event_kind: expected 'sosial', found 'alam'"),
        ("- expect: {sent: {tagana_over: 1}}", "messages tagana_over: expected 1, found 0"),
        ("- expect: {waits: [status_ended]}", "nobody waits for: expected set(), found {'status_ended'}"),
        ("- expect: {ended: {tagana: completed}}", "tagana ended: expected {'completed'}, found {None}"),
        ("- expect: {never: [FirstReport]}", "elements reached"),
        ("- expect: {case: {status: closed}}", "The story has no case."),
        ("- task: RapidAssess\n  by: tksk01", "RapidAssess is not open. Open are: FirstReport."),
        ("- task: FirstReport\n  by: nobody01", "there is no worker nobody01"),
        ("- task: FirstReport\n  by: bo01", "[forbidden]"),
        ("- task: FirstReport\n  by: tksk01\n  answers: {hazard: banjir}", "'event_time': ['required']"),
        ("- task: FirstReport\n  by: tksk01\n  answers: {cause: x}", "FirstReport does not ask for cause"),
        ("- refuse: FirstReport\n  by: bo01\n  because: four_eyes", "was refused because of forbidden"),
        ("- refuse: FirstReport\n  claim: true\n  by: tksk01\n  because: forbidden", "FirstReport was not refused"),
        ("- message: status_ended\n  facts: {status_ended_on: 2026-10-05}", "Nothing waits for the message"),
        ("- until: 2026-10-04T08:00", "has passed already"),
        ("- task: FirstReport\n  case: ibu\n  by: tksk01", "There is no case ibu"),
    ],
)
def test_a_story_that_goes_otherwise_says_where(tmp_path: Path, stage_session: Session, step: str, why: str) -> None:
    with pytest.raises(StoryError) as failed:
        tell(stage_session, story(tmp_path, f"{BEGIN}{step}\n"))
    assert str(failed.value).startswith("tagana/trial, step 2 (")
    assert why in str(failed.value)


def test_the_trace_names_what_workers_read(tmp_path: Path, stage_session: Session) -> None:
    told = tell(stage_session, story(tmp_path, BEGIN))
    assert told.lines == [
        "  1  2026-10-05 08:00  message laporan_bpbd",
        "         → Laporan BPBD (ReportedByBpbd)",
        "         → Daftarkan kejadian (RegisterEvent)",
        "         → Laporan kejadian awal (FirstReport)",
        "         ☐ Laporan kejadian awal: tagana, tksk, due 2026-10-05 09:00",
    ]
    assert ("tagana", "Flow_RegisterEvent_FirstReport") in told.flows
