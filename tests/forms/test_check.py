"""From what was typed to answers, or to problems; nothing typed is lost."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

import forms
from tests.forms.builders import check, codes, component, form, situation

YES_NO = [{"label": "Ya", "value": True}, {"label": "Tidak", "value": False}]
DESIL = [{"label": str(n), "value": n} for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("made", "typed", "answer"),
    [
        (component("textfield", "x"), ["  Siti   Contoh "], "Siti Contoh"),
        (component("textarea", "x"), ["satu\r\ndua"], "satu\ndua"),
        (component("number", "x"), ["1.234,5"], Decimal("1234.5")),
        (component("number", "x", properties={"format": "rupiah"}), ["Rp 350.000"], Decimal(350000)),
        (component("number", "x"), 12.5, Decimal("12.5")),
        (component("select", "x"), ["one"], "one"),
        (component("radio", "x", values=YES_NO), ["true"], True),
        (component("radio", "x", values=YES_NO), False, False),
        (component("select", "x", values=DESIL), ["2"], Decimal(2)),
        (component("select", "x", values=DESIL), 2, Decimal(2)),
        (component("checklist", "x"), ["two", "one"], ["one", "two"]),
        (component("checkbox", "x"), ["", "true"], True),
        (component("checkbox", "x"), None, False),
        (component("datetime", "x"), ["12-03-2026"], date(2026, 3, 12)),
        (component("datetime", "x"), ["2026-03-12"], date(2026, 3, 12)),
        (
            component("datetime", "x", subtype="datetime"),
            ["2026-03-12T08:15"],
            datetime(2026, 3, 12, 1, 15, tzinfo=UTC),
        ),
        (component("filepicker", "x", multiple=True), ["d1", "", "d2"], ["d1", "d2"]),
        (component("textfield", "x", properties={"format": "phone"}), ["0812 3456 7890"], "+6281234567890"),
        (component("textfield", "x", properties={"format": "village"}), ["9901012001"], "99.01.01.2001"),
    ],
)
def test_each_type_reads_what_people_type(made: dict[str, Any], typed: Any, answer: object) -> None:
    result = check(form(made), {} if typed is None else {"x": typed})
    assert result.ok
    assert result.answers["x"] == answer


@pytest.mark.parametrize(
    ("made", "typed", "code"),
    [
        (component("textfield", "x", validate={"required": True}), ["  "], "required"),
        (component("checkbox", "x", validate={"required": True}), [""], "required"),
        (component("checkbox", "x", validate={"required": True}), ["false"], "required"),
        (component("textfield", "x", validate={"minLength": 3}), ["ab"], "too_short"),
        (component("textfield", "x", validate={"maxLength": 3}), ["abcd"], "too_long"),
        (component("textfield", "x"), ["a" * 501], "too_long"),
        (component("textfield", "x", validate={"pattern": "^[A-Z]+$"}), ["abc"], "pattern"),
        (component("number", "x", validate={"min": 1}), ["0"], "too_small"),
        (component("number", "x", validate={"max": 10}), ["11"], "too_big"),
        (component("number", "x", decimalDigits=0), ["1,5"], "not_whole"),
        (component("number", "x", decimalDigits=1), ["1,55"], "too_many_decimals"),
        (component("number", "x"), ["banyak"], "not_a_number"),
        (component("number", "x"), True, "not_a_number"),
        (component("select", "x"), ["three"], "not_a_choice"),
        (component("checklist", "x", validate={"minLength": 2}), ["one"], "too_few"),
        (component("datetime", "x"), ["31-02-2026"], "no_such_date"),
        (component("datetime", "x"), ["01-01-1026"], "year_unlikely"),
        (component("datetime", "x", subtype="time"), ["pagi"], "not_a_time"),
        (component("filepicker", "x"), ["d1", "d2"], "too_many_files"),
        (component("textfield", "x", properties={"format": "nik"}), ["123"], "nik_not_16_digits"),
    ],
)
def test_each_problem_has_a_code(made: dict[str, Any], typed: Any, code: str) -> None:
    result = check(form(made), {"x": typed})
    assert codes(result) == {"x": [code]}
    assert result.raw == {"x": typed}, "what was typed is kept for showing it again"


def test_html_fields_and_json_answers_give_the_same() -> None:
    made = form(
        component("textfield", "name"),
        component("checklist", "needs"),
        component("dynamiclist", "members", components=[component("textfield", "who"), component("number", "age")]),
    )
    html = MultiDict(
        [
            ("name", "Keluarga K-1"),
            ("needs", "two"),
            ("needs", "one"),
            ("members-3-who", "Anak"),
            ("members-3-age", "7"),
            ("members-0-who", "Ibu"),
            ("members-0-age", "31"),
            ("members-1-who", " "),
            ("csrf_token", "x"),
        ]
    )
    json = {
        "name": "Keluarga K-1",
        "needs": ["one", "two"],
        "members": [{"who": "Ibu", "age": 31}, {"who": "Anak", "age": 7}],
    }
    assert check(made, html).answers == check(made, json).answers
    assert check(made, html).answers["members"] == [{"who": "Ibu", "age": 31}, {"who": "Anak", "age": 7}]


def test_rows_report_their_own_problems_by_path() -> None:
    made = form(
        component(
            "dynamiclist",
            "members",
            validate={"required": True},
            components=[component("textfield", "who", validate={"required": True}), component("number", "age")],
        )
    )
    result = check(made, {"members": [{"who": "Ibu", "age": "31"}, {"age": "tua"}]})
    assert codes(result) == {"members-1-who": ["required"], "members-1-age": ["not_a_number"]}
    assert codes(check(made, {})) == {"members": ["required"]}


def test_a_hidden_field_is_dropped_and_asks_nothing() -> None:
    made = form(
        component("radio", "child", values=YES_NO),
        component("textfield", "guardian", validate={"required": True}, conditional={"hide": "=child != true"}),
        component(
            "group",
            label="Sekolah",
            conditional={"hide": "=child != true"},
            components=[component("textfield", "school", validate={"required": True})],
        ),
    )
    assert check(made, {"child": ["false"], "guardian": ["Siti"]}).answers == {"child": False}
    shown = check(made, {"child": ["true"]})
    assert codes(shown) == {"guardian": ["required"], "school": ["required"]}


def test_a_hidden_answer_counts_as_null_for_others() -> None:
    made = form(
        component("radio", "a", values=YES_NO),
        component("radio", "b", values=YES_NO, conditional={"hide": "=a != true"}),
        component("textfield", "c", conditional={"hide": "=b != true"}),
    )
    assert check(made, {"a": False, "b": True, "c": "x"}).visibility.hidden == {"b", "c"}
    assert check(made, {"a": True, "b": True, "c": "x"}).answers["c"] == "x"


def test_conditions_see_facts_and_a_row_sees_itself() -> None:
    made = form(
        component("textfield", "danger", conditional={"hide": '=priority != "P1"'}),
        component(
            "dynamiclist",
            "members",
            components=[
                component("number", "age"),
                component("textfield", "school", validate={"required": True}, conditional={"hide": "=age > 18"}),
            ],
        ),
    )
    result = check(made, {"members": [{"age": 7}, {"age": 40, "school": "x"}]}, facts={"priority": "P3"})
    assert result.visibility.hidden == {"danger", "members-1-school"}
    assert codes(result) == {"members-0-school": ["required"]}
    assert "school" not in result.answers["members"][1]


def test_require_and_check_are_feel() -> None:
    made = form(
        component("select", "decision"),
        component("textarea", "reason", properties={"require": '=decision = "two"'}),
        component("datetime", "visit", properties={"check": "=visit <= today()"}),
    )
    assert codes(check(made, {"decision": "two", "visit": "2026-11-22"})) == {
        "reason": ["required"],
        "visit": ["check"],
    }
    assert check(made, {"decision": "one", "visit": "2026-11-21"}).ok


def test_options_of_the_office_are_checked_when_known() -> None:
    made = form(component("select", "companion", values=None, properties={"options": "workers:pendamping_pkh"}))
    assert check(made, {"companion": "w1"}).ok
    known = {"workers:pendamping_pkh": frozenset({"w2"})}
    assert codes(check(made, {"companion": "w1"}, options=known)) == {"companion": ["not_a_choice"]}


def test_a_nik_that_differs_asks_for_a_reason() -> None:
    made = form(
        component("textfield", "nik", properties={"format": "nik", "record": "person.nik"}),
        component("radio", "sex", values=[{"label": "L", "value": "L"}, {"label": "P", "value": "P"}]),
        component("datetime", "birth_date", properties={"memorable": "true"}),
    )
    typed: dict[str, Any] = {
        "nik": "9901 0152 0395 0001",
        "sex": "P",
        "birth_date-day": "13",
        "birth_date-month": "3",
        "birth_date-year": "1995",
    }
    first = check(made, typed)
    assert codes(first) == {"nik_reason": ["nik_reason_required"]}
    assert [problem.code for problem in first.warnings["nik"]] == ["nik_birth_date_differs"]
    second = check(made, {**typed, "nik_reason": "Akta menyebut tanggal 13"})
    assert second.ok
    assert second.answers["nik"] == "9901015203950001"
    assert second.answers["nik_reason"] == "Akta menyebut tanggal 13"
    assert "nik_reason" in forms.personal_keys(made)


def test_answers_go_to_json_and_back() -> None:
    made = form(
        component("number", "income"),
        component("number", "ratio"),
        component("datetime", "visit"),
        component("datetime", "at", subtype="datetime"),
        component("select", "desil", values=DESIL),
        component("checkbox", "ok"),
        component("dynamiclist", "rows", components=[component("datetime", "day"), component("number", "n")]),
    )
    answers = check(
        made,
        {
            "income": "Rp 350.000",
            "ratio": "0,85",
            "visit": "12-03-2026",
            "at": "2026-03-12T08:15",
            "desil": "1",
            "ok": "on",
            "rows": [{"day": "1-2-2026", "n": "2"}],
        },
    ).answers
    stored = forms.dump(made, answers, situation())
    assert stored["income"] == 350000
    assert stored["visit"] == "2026-03-12"
    assert forms.load(made, stored, situation()) == answers


def test_errors_travel_as_codes() -> None:
    problem = forms.Problem("too_small", limit=3)
    assert (problem, problem.code, problem.params) == ("too_small", "too_small", {"limit": 3})


def test_blank_rows_stand_last_and_show_what_they_would_need() -> None:
    made = form(
        component(
            "dynamiclist",
            "members",
            components=[
                component("textfield", "who", validate={"required": True}),
                component("textfield", "school", conditional={"hide": '=who != "Anak"'}),
            ],
        ),
        component("textfield", "alone", conditional={"hide": "=count(members) > 0"}),
    )
    typed = {"members-0-who": [""], "members-1-who": ["Anak"]}
    found = forms.visibility_of(made, typed, situation())
    assert found.required == {"members-0-who", "members-1-who"}
    assert found.hidden == {"members-1-school", "alone"}
    assert "alone" not in forms.visibility_of(made, {}, situation()).hidden, "a blank row is no member"
    assert check(made, typed).answers["members"] == [{"who": "Anak"}]
