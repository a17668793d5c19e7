"""A form as HTML: labels, hints, errors and what was typed, without JavaScript."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template_string

import forms
from tests.forms.builders import check, component, form, situation
from web.form_view import Drawing, FormView, change_rows, draw

PAGE = (
    """{% import "macros/form.html" as parts with context %}{{ parts.summary(view) }}{{ parts.fields(view.fields) }}"""
)
Draw = Callable[..., str]


@pytest.fixture
def drawn(app: Flask) -> Draw:
    def draw_it(
        made: forms.Form, typed: Mapping[str, Any], *, checked: bool = False, language: str = "id", **extra: Any
    ) -> str:
        with app.test_request_context(headers={"Accept-Language": language}):
            return re.sub(
                r"\s+", " ", render_template_string(PAGE, view=view_of(made, typed, checked=checked, **extra))
            )

    return draw_it


def view_of(made: forms.Form, typed: Mapping[str, Any], *, checked: bool = False, **extra: Any) -> FormView:
    if checked:
        result = check(made, typed)
        return draw(made, Drawing(typed, result.visibility, result.errors, result.warnings, **extra))
    return draw(made, Drawing(typed, forms.visibility_of(made, typed, situation()), **extra))


def test_a_field_has_its_label_hint_and_value(drawn: Draw) -> None:
    made = form(component("number", "income", "Penghasilan", description="Perkiraan.", properties={"format": "rupiah"}))
    html = drawn(made, {"income": Decimal(350000)})
    assert '<label class="govuk-label app-label" for="income">Penghasilan' in html
    assert 'id="income-hint">Perkiraan.' in html
    assert 'name="income" type="text" value="350.000" inputmode="decimal"' in html
    assert 'aria-describedby="income-hint"' in html
    assert '<div class="govuk-input__prefix" aria-hidden="true">Rp</div>' in html


def test_a_hint_names_facts_of_the_case_and_is_left_out_without_them(drawn: Draw) -> None:
    made = form(component("number", "done", "Tercapai", description="Dari {{goals_count}} tujuan."))
    assert 'id="done-hint">Dari 3 tujuan.' in drawn(made, {}, facts={"goals_count": Decimal(3)})
    for facts in ({}, {"goals_count": None}):
        assert "done-hint" not in drawn(made, {}, facts=facts)
    assert "Dari {{goals_count}} tujuan." in drawn(made, {}), "where forms are looked at there is no case"


def test_errors_stand_in_a_summary_that_leads_to_the_field(drawn: Draw) -> None:
    wish = {"error": "Tuliskan harapan klien dengan kata-katanya sendiri", "error:en": "Write the client's wish"}
    made = form(
        component("textarea", "wish", "Harapan klien", validate={"required": True}, properties=wish),
        component("number", "income", "Penghasilan"),
    )
    html = drawn(made, {"income": ["banyak"]}, checked=True)
    assert '<a href="#wish">Tuliskan harapan klien dengan kata-katanya sendiri</a>' in html
    assert '<a href="#income">Tulis Penghasilan dengan angka, misalnya 350.000</a>' in html
    assert 'aria-describedby="wish-error" aria-invalid="true"' in html
    assert 'value="banyak"' in html, "what was typed stays"
    assert "Write the client&#39;s wish" in drawn(made, {}, checked=True, language="en")


@pytest.mark.parametrize("kind", ["select", "radio", "checklist"])
def test_choices_keep_what_was_chosen(drawn: Draw, kind: str) -> None:
    html = drawn(form(component(kind, "x")), {"x": ["one"]})
    assert re.search(r'value="one" ?(selected|checked)', html)
    assert not re.search(r'value="two" ?(selected|checked)', html)


def test_dates_in_boxes_and_dates_that_are_no_dates(drawn: Draw) -> None:
    made = form(component("datetime", "born", properties={"memorable": "true"}), component("datetime", "visit"))
    html = drawn(made, {"born": date(1995, 3, 12), "visit": ["besok"]})
    assert 'name="born-day" type="text" inputmode="numeric" autocomplete="off" value="12"' in html
    assert 'name="born-year"' in html
    assert 'name="visit" type="text" value="besok"' in html
    assert 'type="date" value="2026-03-12"' in drawn(made, {"visit": date(2026, 3, 12)})


def test_rows_can_be_added_and_taken_away_without_javascript(drawn: Draw) -> None:
    made = form(component("dynamiclist", "members", "Anggota", components=[component("textfield", "who", "Nama")]))
    typed = {"members-0-who": ["Ibu"], "members-1-who": ["Anak"]}
    html = drawn(made, change_rows(made, typed, "add:members"))
    assert [f'name="members-{row}-who"' in html for row in range(4)] == [True, True, True, False]
    assert 'value="remove:members:1"' in html
    html = drawn(made, change_rows(made, typed, "remove:members:0"))
    assert 'name="members-0-who" type="text" value="Anak"' in html
    assert "members-1-who" not in html


def test_hidden_questions_are_not_drawn_and_deciding_ones_are_marked(drawn: Draw) -> None:
    made = form(component("radio", "a"), component("textfield", "b", "Wali", conditional={"hide": '=a != "one"'}))
    assert "Wali" not in drawn(made, {})
    html = drawn(made, {"a": ["one"]})
    assert "Wali" in html
    assert "data-decides" in html


def test_a_nik_that_differs_shows_the_warning_and_asks_why(drawn: Draw) -> None:
    made = form(
        component("textfield", "nik", "NIK", properties={"format": "nik"}),
        component("radio", "sex", values=[{"label": "L", "value": "L"}, {"label": "P", "value": "P"}]),
    )
    html = drawn(made, {"nik": ["9901015203950001"], "sex": ["L"]}, checked=True)
    assert "Jenis kelamin menurut NIK berbeda" in html
    assert 'name="nik_reason"' in html
    assert '<a href="#nik_reason">' in html


def test_text_and_labels_cannot_carry_markup(drawn: Draw) -> None:
    made = form(
        component(
            "text",
            text="**Penting** <script>x</script>\n\n- satu\n- [dua](javascript:x) [tiga](https://contoh.example)",
        ),
        component("textfield", "x", "<b>"),
    )
    html = drawn(made, {"x": ['"><script>']})
    assert "<strong>Penting</strong> &lt;script&gt;" in html
    assert '<a class="govuk-link" href="https://contoh.example">tiga</a>' in html
    assert "javascript:x)" in html
    assert 'href="javascript' not in html
    assert "&lt;b&gt;" in html
    assert "<script>" not in html


def test_uploads_take_the_camera_and_keep_what_was_sent(drawn: Draw) -> None:
    made = form(component("filepicker", "photo", "Foto", multiple=True, properties={"capture": "camera"}))
    html = drawn(made, {"photo": ["7"]})
    assert 'name="photo-upload" type="file" accept="image/*" capture="environment" multiple' in html
    assert re.search(r'name="photo" value="7" id="photo-keep-1" checked', html)


def test_lists_of_the_office_become_selects(drawn: Draw) -> None:
    made = form(component("textfield", "village", properties={"format": "village"}))
    html = drawn(made, {"village": ["99.01.01.2001"]}, choices={"villages": [("99.01.01.2001", "Contoh Jaya")]})
    assert '<option value="99.01.01.2001" selected>Contoh Jaya</option>' in html


def test_what_was_not_asked_yet_is_what_the_page_would_draw_and_did_not(app: Flask) -> None:
    when_yes = {"conditional": {"hide": '=more != "one"'}}
    made = form(
        component("text", text="Penjelasan"),
        component("radio", "more"),
        {"type": "group", "id": "g", "label": "Bagian", "components": [component("textfield", "why", **when_yes)]},
        component(
            "dynamiclist", "members", components=[component("textfield", "who"), component("number", "age", **when_yes)]
        ),
    )
    with app.test_request_context():
        for typed in ({}, {"more": "one"}, {"more": "one", "members-0-who": "Rukmini", "members-1-who": "Sari"}):
            drawn = frozenset(view_of(made, typed).shown.split())
            around, visibility = situation(), check(made, typed).visibility
            assert forms.not_asked(made, typed, around, visibility, drawn) == frozenset()
            assert forms.not_asked(made, typed, around, visibility, frozenset()) == drawn
            assert forms.not_asked(made, typed, around, visibility, drawn - {"more"}) == {"more"}
