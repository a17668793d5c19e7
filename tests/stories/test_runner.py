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
        "         ☐ Laporan kejadian awal: tagana, tksk, tenggat 2026-10-05 09:00",
    ]
    assert ("tagana", "Flow_RegisterEvent_FirstReport") in told.flows


def test_the_trace_is_told_in_english_too(tmp_path: Path, stage_session: Session) -> None:
    text = f"{BEGIN}- {{note: Sesudahnya., 'note:en': Afterwards., wait: PT5M}}\n"
    told = tell(stage_session, story(tmp_path, text), language="en")
    assert "     # Afterwards." in told.lines
    assert "         ☐ First report: tagana, tksk, due 2026-10-05 09:00" in told.lines


def test_a_story_goes_on_from_another(tmp_path: Path, stage_session: Session) -> None:
    story(tmp_path, f"{BEGIN}- expect: {{open: [RapidAssess]}}\n")
    second = tmp_path / "tagana" / "stories" / "second.yaml"
    begins = "begins_as: {story: tagana/trial, through: laporan_bpbd}"
    second.write_text(f"title: Lanjutan\n{begins}\nsteps:\n- expect: {{open: [FirstReport]}}\n", encoding="utf-8")
    found = read(second)
    assert [(step.number, step.kind) for step in found.steps] == [(1, "message"), (2, "expect")]
    assert tell(stage_session, found).lines


@pytest.mark.parametrize(
    ("begins", "why"),
    [
        ("tagana/trial", "begins_as names a story"),
        ("{story: tagana/nowhere, through: A}", "there is no story tagana/nowhere"),
        ("{story: tagana/trial, through: Nowhere}", "tagana/trial has no step about Nowhere"),
        ("{story: tagana/trial, until: A}", "begins_as: unknown until"),
    ],
)
def test_a_beginning_that_does_not_exist_is_refused(tmp_path: Path, begins: str, why: str) -> None:
    story(tmp_path, BEGIN)
    second = tmp_path / "tagana" / "stories" / "second.yaml"
    second.write_text(f"title: Lanjutan\nbegins_as: {begins}\nsteps: []\n", encoding="utf-8")
    with pytest.raises(StoryError, match=why):
        read(second)
