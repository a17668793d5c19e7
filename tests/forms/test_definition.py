"""Reading a `.form`: what is not understood is refused, with the component named."""

from typing import Any

import pytest

import forms
from tests.forms.builders import component, form, source


def problems(*components: dict[str, Any], **top: Any) -> str:
    with pytest.raises(forms.FormError) as caught:
        forms.read(source(*components, **top))
    return " | ".join(caught.value.problems)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (component("slider", "x"), 'component x: the type "slider" is not known'),
        (component("textfield", ""), 'needs a "key"'),
        (component("textfield", "Bad Key"), 'needs a "key"'),
        (component("textfield", "x", label=""), 'component x: needs a "label"'),
        (component("textfield", "x", colour="red"), 'unknown entry "colour"'),
        (component("textfield", "x", validate={"requird": True}), 'unknown entry "requird" in "validate"'),
        (component("textfield", "x", validate={"pattern": "("}), "not a regular expression"),
        (component("number", "x", validate={"min": "few"}), "must be numbers"),
        (component("textfield", "x", conditional={"show": "=a"}), 'unknown entry "show" in "conditional"'),
        (component("textfield", "x", conditional={"hide": "a = 1"}), 'starts with "="'),
        (component("textfield", "x", conditional={"hide": "=a ="}), '"conditional.hide" is not FEEL'),
        (component("textfield", "x", properties={"facts": "true"}), 'unknown property "facts"'),
        (component("textfield", "x", properties={"personal": True}), '"properties" must be an object of texts'),
        (component("textfield", "x", properties={"format": "rupiah"}), 'format "rupiah" fits number only'),
        (component("select", "x", values=[]), 'needs "values"'),
        (component("select", "x", values=[{"label": "A", "value": "a"}] * 2), "the same value"),
        (component("datetime", "x", subtype="week"), '"subtype" must be'),
        (component("textfield", "x", defaultValue="a"), '"defaultValue" is not supported'),
        (component("dynamiclist", "x", components=[]), "needs at least one question"),
        (component("dynamiclist", "x", components=[component("filepicker", "y")]), "cannot stand inside"),
        (component("group", label="G", path="g", components=[]), 'a "path" on a group'),
    ],
)
def test_a_broken_component_is_named_with_its_reason(broken: dict[str, Any], said: str) -> None:
    assert said in problems(broken)


def test_every_problem_is_told_at_once() -> None:
    told = problems(component("slider", "a"), component("textfield", "b", label=""), surprise=1)
    assert all(part in told for part in ("component a", "component b", 'unknown entry "surprise"'))


def test_keys_are_unique_within_the_form_and_within_a_row() -> None:
    group = component("group", label="G", components=[component("number", "a")])
    assert 'two components have the key "a"' in problems(component("textfield", "a"), group)
    rows = component("dynamiclist", "rows", components=[component("textfield", "a")])
    assert form(component("textfield", "a", id="other"), rows).questions.keys() == {"a", "rows"}


@pytest.mark.parametrize(
    ("properties", "kind", "extra"),
    [
        ({"fact": "true", "personal": "true"}, "select", {}),
        ({"fact": "true", "format": "nik"}, "textfield", {}),
        ({"fact": "true", "record": "person.name"}, "textfield", {"validate": {"pattern": "^x$"}}),
        ({"fact": "true", "record": "reporter.kind"}, "select", {}),
        ({"fact": "true"}, "textarea", {}),
        ({"fact": "true"}, "filepicker", {}),
        ({"fact": "true"}, "textfield", {}),
    ],
)
def test_what_says_who_somebody_is_can_never_be_a_fact(
    properties: dict[str, str], kind: str, extra: dict[str, Any]
) -> None:
    assert "fact" in problems(component(kind, "x", properties=properties, **extra))


def test_codes_may_be_facts() -> None:
    made = form(
        component("textfield", "a", properties={"fact": "true", "format": "code"}),
        component("textfield", "b", properties={"fact": "true"}, validate={"pattern": "^[A-Z]+$"}),
        component("dynamiclist", "c", components=[component("number", "age", properties={"fact": "true"})]),
        component("textfield", "d"),
    )
    assert forms.fact_keys(made) == {"a", "b", "c"}


def test_words_in_both_languages() -> None:
    made = form(
        component("select", "a", "Nama", properties={"label:en": "Name"}),
        properties={"title": "Lapor", "title:en": "Report"},
    )
    assert made.questions["a"].label_in("en") == "Name"
    assert made.questions["a"].label_in("id") == "Nama"
    assert (made.title_in("id"), made.title_in("en")) == ("Lapor", "Report")
    assert forms.untranslated(made) == ["a"], "the second option has no English"


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"type": "default"}'])
def test_what_is_no_form_is_refused(data: bytes) -> None:
    with pytest.raises(forms.FormError):
        forms.read(data)
