"""Answers for few roles: who may read what, and what is refused in a form's file."""

import pytest

import forms
from tests.forms.builders import component, form, source

FEW = {"readers": "peksos, kabid:rehsos"}


@pytest.mark.parametrize(
    ("groups", "may"),
    [
        ({"peksos", "peksos:rehsos"}, True),
        ({"kabid", "kabid:rehsos"}, True),
        ({"kabid", "kabid:linjamsos"}, False),
        ({"tksk"}, False),
        (set(), False),
    ],
)
def test_an_answer_is_read_by_the_groups_named(groups: set[str], may: bool) -> None:
    asked = form(component("textarea", "health", properties=FEW), component("textarea", "other"))
    assert forms.readable_by(asked.questions["health"], groups) is may
    assert forms.readable_by(asked.questions["other"], groups)
    answers = {"health": "Rahasia", "other": "Umum"}
    assert forms.readable(asked, answers, groups) == (answers if may else {"other": "Umum"})
    assert answers == {"health": "Rahasia", "other": "Umum"}


def test_groups_and_columns_of_lists_are_looked_into() -> None:
    asked = form(
        component("group", components=[component("checklist", "signs", properties=FEW)]),
        component(
            "dynamiclist",
            "members",
            components=[component("number", "age"), component("textarea", "illness", properties=FEW)],
        ),
    )
    assert forms.withheld_keys(asked, {"tksk"}) == {"signs", "illness"}
    assert forms.withheld_keys(asked, {"peksos"}) == frozenset()
    answers = {"signs": ["one"], "members": [{"age": 3, "illness": "Rahasia"}]}
    assert forms.readable(asked, answers, {"tksk"}) == {"members": [{"age": 3}]}


@pytest.mark.parametrize("value", ["", "peksos kabid", "peksos,", "Peksos"])
def test_readers_that_name_no_groups_are_refused(value: str) -> None:
    with pytest.raises(forms.FormError, match="readers"):
        forms.read(source(component("textarea", "health", properties={"readers": value})))


def test_readers_stand_on_questions_only() -> None:
    with pytest.raises(forms.FormError, match="readers"):
        forms.read(source(component("text", text="Penjelasan", properties=FEW)))
