"""What a draft changes, told by name: of diagrams, tables and forms."""

import json

from engine.casework import studio_parts
from engine.casework.studio_diff import Part, changes
from engine.settings import PROJECT

WORKFLOWS = PROJECT / "workflows"


def file(name: str) -> bytes:
    return (WORKFLOWS / name).read_bytes()


def test_nothing_differs_between_the_same_files() -> None:
    assert changes({"case/case.bpmn": file("case/case.bpmn")}, {"case/case.bpmn": file("case/case.bpmn")}) == []


def test_a_renamed_task_is_one_change_and_not_one_of_each_flow() -> None:
    before = file("case/case.bpmn")
    after = before.replace(b'id="RegisterReport" name="Catat laporan"', b'id="RegisterReport" name="Terima laporan"')
    (one,) = changes({"case/case.bpmn": before}, {"case/case.bpmn": after})
    assert (one.kind, one.what, one.id, one.name, one.name_en) == (
        "changed", "userTask", "RegisterReport", "Terima laporan", "Register the report",
    )  # fmt: skip
    assert one.parts == (Part("name", "", "Catat laporan", "Terima laporan"),)


def test_a_flow_without_a_name_is_called_by_its_ends() -> None:
    before = file("case/case.bpmn")
    after = before.replace(b'"RegisterReport" targetRef="Triage"', b'"RegisterReport" targetRef="CheckNik"')
    (one,) = changes({"case/case.bpmn": before}, {"case/case.bpmn": after})
    names = {key: thing.name for key, thing in studio_parts.things("x.bpmn", before).items()}
    assert one.name == f"Catat laporan → {names['CheckNik']}"
    assert one.parts == (Part("targetRef", "", names["Triage"], names["CheckNik"]),)


def test_a_cell_is_told_by_the_number_of_its_rule_and_the_head_of_its_column() -> None:
    before = file("case/triage.dmn")
    after = before.replace(b"PT45M", b"PT30M", 1)
    (one,) = changes({"case/triage.dmn": before}, {"case/triage.dmn": after})
    assert (one.what, one.name) == ("rule", "1")
    assert one.parts == (Part("Tanggapan pertama", "First response", '"PT45M"', '"PT30M"'),)


def test_what_a_rule_says_of_itself_is_told_in_both_languages() -> None:
    before = file("case/triage.dmn")
    after = before.replace(b"Jiwa terancam: tanggapan", b"Nyawa terancam: tanggapan")
    after = after.replace(b"Threat to life: first", b"Life in danger: first")
    (one,) = changes({"case/triage.dmn": before}, {"case/triage.dmn": after})
    assert [(part.what, part.after) for part in one.parts] == [
        ("description", "Nyawa terancam: tanggapan pertama 45 menit [RH15]"),
        ("description:en", "Life in danger: first response within 45 minutes [RH15]"),
    ]


def test_questions_are_added_removed_changed_and_moved() -> None:
    before = json.loads(file("case/FollowUpDelay.form"))
    after = json.loads(file("case/FollowUpDelay.form"))
    moved = after["components"]
    moved.reverse()
    moved[0]["label"] = "Lain sekali"
    removed = moved.pop()
    moved.append({**removed, "key": "fresh", "id": "Field_fresh"})
    found = changes({"case/x.form": json.dumps(before).encode()}, {"case/x.form": json.dumps(after).encode()})
    told = {(one.kind, one.id): [part.what for part in one.parts] for one in found}
    assert told["changed", moved[0]["key"]] == ["label"]
    assert ("removed", removed.get("key") or removed["id"]) in told
    assert ("added", "fresh") in told


def test_a_new_order_is_a_change() -> None:
    before = json.loads(file("case/AskConsent.form"))
    after = {**before, "components": before["components"][::-1]}
    (one,) = changes({"case/x.form": json.dumps(before).encode()}, {"case/x.form": json.dumps(after).encode()})
    assert (one.what, [part.what for part in one.parts]) == ("form", ["order"])


def test_what_only_moves_lines_is_told_as_drawing() -> None:
    before = file("case/case.bpmn")
    (one,) = changes({"case/case.bpmn": before}, {"case/case.bpmn": before + b"\n"})
    assert one.what == "drawing"


def test_files_have_titles_in_both_languages() -> None:
    assert studio_parts.title("case/triage.dmn", file("case/triage.dmn")) == ("Triase laporan", "Triage of the report")
    assert studio_parts.title("case/broken.dmn", b"<a>") == ("", "")
    assert studio_parts.title("case/broken.form", b"{") == ("", "")
