"""Hit policies, defaults, allowed values and traces of decision tables (DMN 1.5, chapter 8)."""

from typing import Any

import pytest

from engine import decisions, feel
from tests.decisions.models import answer, data, decision, model, table
from tests.feel.evaluating import environment

ROWS = ['< 10 | "low"', '[5..20] | "mid"', '> 15 | "high"']
GRADES = 'grade: "high", "mid", "low"'


def _one(hit: str, rows: list[str], n: Any, output: str = "grade") -> str:
    xml = model(data("n") + decision("d", table(hit, ["n"], [output], rows), ["#n"]))
    return answer(xml, "d", {"n": n})


@pytest.mark.parametrize(
    ("hit", "output", "n", "expected"),
    [
        ("UNIQUE", "grade", 3, "low"),
        ("UNIQUE", "grade", 12, "mid"),
        ("UNIQUE", "grade", 30, "high"),
        ("FIRST", "grade", 7, "low"),
        ("FIRST", "grade", 17, "mid"),
        ("PRIORITY", GRADES, 7, "mid"),
        ("PRIORITY", GRADES, 17, "high"),
        ("RULE ORDER", "grade", 7, '["low", "mid"]'),
        ("OUTPUT ORDER", GRADES, 7, '["mid", "low"]'),
        ("COLLECT", "grade", 7, '["low", "mid"]'),
        ("COLLECT COUNT", "grade", 7, "2"),
        ("COLLECT MIN", "grade", 7, "low"),
        ("COLLECT MAX", "grade", 7, "mid"),
    ],
)
def test_hit_policies(hit: str, output: str, n: int, expected: str) -> None:
    assert _one(hit, ROWS, n, output) == expected


NUMBERS = ["< 10 | 1", "< 5 | 2.5", "> 100 | 7"]


@pytest.mark.parametrize(
    ("hit", "n", "expected"),
    [
        ("COLLECT SUM", 3, "3.5"),
        ("COLLECT SUM", 7, "1"),
        ("COLLECT MIN", 3, "1"),
        ("COLLECT MAX", 3, "2.5"),
        ("COLLECT COUNT", 50, "0"),
        ("COLLECT SUM", 50, "null"),
        ("COLLECT", 50, "[]"),
        ("RULE ORDER", 50, "[]"),
        ("UNIQUE", 50, "null"),
        ("ANY", 50, "null"),
        ("FIRST", 50, "null"),
    ],
)
def test_aggregation_and_no_match(hit: str, n: int, expected: str) -> None:
    assert _one(hit, NUMBERS, n) == expected


@pytest.mark.parametrize(("n", "expected"), [(3, "1"), (50, "9")])
def test_default_output(n: int, expected: str) -> None:
    assert _one("UNIQUE", ["< 10 | 1"], n, "out = 9") == expected


def test_any_with_equal_outputs() -> None:
    assert _one("ANY", ['< 10 | "x"', '< 20 | "x"'], 5) == "x"


@pytest.mark.parametrize(
    ("hit", "rows", "reason", "rules"),
    [
        ("UNIQUE", ROWS, "several_rules", (1, 2)),
        ("ANY", ROWS, "different_outputs", (1, 2)),
        ("PRIORITY", ROWS, "no_priority", ()),
        ("COLLECT SUM", ROWS, "not_numbers", ()),
    ],
)
def test_no_lawful_result_is_an_error_never_a_pick(
    hit: str, rows: list[str], reason: str, rules: tuple[int, ...]
) -> None:
    with pytest.raises(decisions.DecisionError) as problem:
        _one(hit, rows, 7)
    assert problem.value.reason == reason
    assert problem.value.rules == rules
    assert problem.value.code == "decision_failed"


def test_lenient_gives_null_as_the_standard_has_it() -> None:
    xml = model(data("n") + decision("d", table("UNIQUE", ["n"], ["o"], ROWS), ["#n"]))
    env = environment()
    evaluation = decisions.parse(xml).evaluate("d", feel.from_python({"n": 7}), env, lenient=True)
    assert evaluation.value is None
    assert any("several_rules" in warning for warning in env.warnings)


def test_several_outputs_are_a_context() -> None:
    rows = ['"a" | 1 | "x"', '- | 2 | "y"']
    xml = model(data("k") + decision("d", table("FIRST", ["k"], ["size", "tag"], rows), ["#k"]))
    assert answer(xml, "d", {"k": "a"}) == '{size: 1, tag: "x"}'
    assert answer(xml, "d", {"k": "z"}) == '{size: 2, tag: "y"}'


def test_priority_over_several_outputs_goes_column_by_column() -> None:
    outputs = ['a: "x", "y"', 'b: "p", "q"']
    rows = ['- | "y" | "p"', '- | "x" | "q"', '- | "x" | "p"']
    xml = model(data("k") + decision("d", table("OUTPUT ORDER", ["k"], outputs, rows), ["#k"]))
    expected = '[{a: "x", b: "p"}, {a: "x", b: "q"}, {a: "y", b: "p"}]'
    assert answer(xml, "d", {"k": 1}) == expected


def test_input_outside_of_its_values_is_an_error() -> None:
    xml = model(data("k") + decision("d", table("UNIQUE", ['k: "a", "b"'], ["o"], ['"a" | 1', "- | 2"]), ["#k"]))
    with pytest.raises(decisions.DecisionError) as problem:
        answer(xml, "d", {"k": "c"})
    assert problem.value.reason == "input_not_allowed"


def test_null_input_matches_only_what_takes_null() -> None:
    xml = model(data("k") + decision("d", table("FIRST", ["k"], ["o"], ["< 5 | 1", "null | 2", "- | 3"]), ["#k"]))
    assert answer(xml, "d", {"k": None}) == "2"
    assert answer(xml, "d") == "2"


def test_a_table_without_requirements_sees_the_callers_variables() -> None:
    xml = model(decision("d", table("UNIQUE", ["amount * 2"], ["o"], ["> 10 | amount", "<= 10 | 0"])))
    assert answer(xml, "d", {"amount": 6}) == "6"


def test_the_trace_says_why() -> None:
    xml = model(
        data("n") + decision("d", table("COLLECT", ["n", "n + 1"], ["o"], ["< 10 | - | 1", "- | > 5 | 2"]), ["#n"])
    )
    evaluation = decisions.parse(xml).evaluate("d", feel.from_python({"n": 7}), environment())
    (trace,) = evaluation.traces
    assert trace.as_json() == {
        "decision": "d",
        "name": "d",
        "tables": [
            {
                "table": "d",
                "name": "d",
                "hit_policy": "C",
                "inputs": [
                    {"label": "n", "expression": "n", "value": 7},
                    {"label": "n + 1", "expression": "n + 1", "value": 8},
                ],
                "rules": [{"number": 1, "id": "r1"}, {"number": 2, "id": "r2"}],
                "output": [1, 2],
            }
        ],
        "output": [1, 2],
    }
