"""Boxed expressions, requirement graphs, knowledge models, services, item definitions, imports; unsafe files."""

from typing import Any

import pytest

from engine import decisions
from engine.errors import InvalidDefinition, NotFound
from tests.decisions.models import answer, data, decision, literal, model
from tests.feel.evaluating import environment

CONTEXT = (
    "<context>"
    f'<contextEntry><variable name="net pay"/>{literal("n * 2")}</contextEntry>'
    f'<contextEntry><variable name="more"/>{literal("net pay + 1")}</contextEntry>'
    "%s</context>"
)
BOXED: list[tuple[str, str]] = [
    (CONTEXT % "", "{net pay: 6, more: 7}"),
    (CONTEXT % f"<contextEntry>{literal('net pay + more')}</contextEntry>", "13"),
    (f"<list>{literal('n')}{literal('n + 1')}</list>", "[3, 4]"),
    (
        f'<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("n")}</row></relation>',
        "[{a: 1, b: 3}]",
    ),
    (
        f"<conditional><if>{literal('n > 2')}</if><then>{literal('n')}</then><else>{literal('0')}</else></conditional>",
        "3",
    ),
    (f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("i * n")}</return></for>', "[3, 6]"),
    (f'<for iteratorVariable="i"><in>{literal("1..n")}</in><return>{literal("i")}</return></for>', "[1, 2, 3]"),
    (
        f'<some iteratorVariable="i"><in>{literal("[1, 5]")}</in><satisfies>{literal("i > n")}</satisfies></some>',
        "true",
    ),
    (
        f'<every iteratorVariable="i"><in>{literal("[1, 5]")}</in><satisfies>{literal("i > n")}</satisfies></every>',
        "false",
    ),
    (f"<filter><in>{literal('[1, 5]')}</in><match>{literal('item > n')}</match></filter>", "[5]"),
    (
        f'<functionDefinition><formalParameter name="x"/>{literal("x")}</functionDefinition>',
        "function(x)",
    ),
    (
        f'<invocation>{literal("decimal")}<binding><parameter name="n"/>{literal("10 / n")}</binding>'
        f'<binding><parameter name="scale"/>{literal("2")}</binding></invocation>',
        "3.33",
    ),
    (literal("n + 1", attributes='typeRef="string"'), "null"),
    (literal("[n]", attributes='typeRef="number"'), "3"),
]


@pytest.mark.parametrize(("logic", "expected"), BOXED)
def test_boxed_expressions(logic: str, expected: str) -> None:
    assert answer(model(data("n") + decision("d", logic, ["#n"])), "d", {"n": 3}) == expected


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_format(namespace: str) -> None:
    assert answer(model(decision("d", literal("1 + 1")), namespace=namespace), "d") == "2"


def test_a_decision_asks_its_requirements_once_and_in_order() -> None:
    body = data("n") + decision("a", literal("n + 1"), ["#n"]) + decision("b", literal("a * 2"), ["#a"])
    body += decision("c", literal("a + b"), ["#a", "#b"])
    evaluation = decisions.parse(model(body)).evaluate("c", {"n": 1}, environment())
    assert str(evaluation.value) == "6"
    assert [trace.decision_id for trace in evaluation.traces] == ["a", "b", "c"]


def test_a_decision_sees_declared_data_only_when_it_requires_it() -> None:
    body = data("n") + decision("a", literal("n"), ["#n"]) + decision("b", literal("n")) + decision("c", literal("m"))
    assert [answer(model(body), each, {"n": 1, "m": 2}) for each in "abc"] == ["1", "null", "2"]


def test_a_long_chain_of_decisions() -> None:
    body = decision("d0", literal("1"))
    body += "".join(decision(f"d{i}", literal(f"d{i - 1} + 1"), [f"#d{i - 1}"]) for i in range(1, 40))
    assert answer(model(body), "d39") == "40"


KNOWLEDGE = (
    '<businessKnowledgeModel id="k" name="k"><variable name="k"/><encapsulatedLogic>'
    '<formalParameter name="n" typeRef="number"/>%s</encapsulatedLogic></businessKnowledgeModel>'
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [("k(5)", "120"), ("k(n: 3)", "6"), ('k("a")', "null"), ("k()", "null"), ("k([4])", "24"), ("k(1, 2)", "null")],
)
def test_knowledge_model_is_a_function_that_may_call_itself(call: str, expected: str) -> None:
    body = KNOWLEDGE % literal("if n < 2 then 1 else n * k(n - 1)") + decision("d", literal(call), knows=["#k"])
    assert answer(model(body), "d") == expected


def test_knowledge_model_asked_directly() -> None:
    assert answer(model(KNOWLEDGE % literal("n * 2")), "k", {"n": 4, "other": 1}) == "8"
    assert answer(model(KNOWLEDGE % literal("n * 2")), "k") == "null"


SERVICE = (
    '<decisionService id="s" name="s"><variable name="s"/>%s<inputDecision href="#i"/><inputData href="#n"/>'
    "</decisionService>"
)
INNER = data("n", type_ref="number") + decision("i", literal("100")) + decision("o", literal("n + i"), ["#n", "#i"])


@pytest.mark.parametrize(
    ("call", "expected"), [("s(1, 2)", "3"), ("s(n: 5, i: 6)", "11"), ("s(1)", "null"), ('s("x", 1)', "null")]
)
def test_decision_service_is_a_function(call: str, expected: str) -> None:
    body = SERVICE % '<outputDecision href="#o"/>' + INNER + decision("d", literal(call), knows=["#s"])
    assert answer(model(body), "d", {"n": 50}) == expected


def test_decision_service_asked_directly() -> None:
    two = SERVICE % '<outputDecision href="#o"/><outputDecision href="#p"/>'
    xml = model(two + INNER + decision("p", literal("n - i"), ["#n", "#i"]))
    assert answer(xml, "s", {"n": 5, "i": 2}) == "{o: 7, p: 3}"
    assert answer(xml, "o", {"n": 5}) == "105"


ITEMS = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"a", "b"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>'
    '<itemDefinition name="tPerson"><itemComponent name="first name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tSmall"><typeRef>number</typeRef><typeConstraint><text>[0..9]</text></typeConstraint>'
    "</itemDefinition>"
)


@pytest.mark.parametrize(
    ("type_ref", "value", "expected"),
    [
        ("tGrade", "a", "a"),
        ("tGrade", "c", "null"),
        ("tGrade", 1, "null"),
        ("tGrade", ["b"], "b"),
        ("tGrades", ["a", "b"], '["a", "b"]'),
        ("tGrades", "a", '["a"]'),
        ("tGrades", ["a", "x"], "null"),
        ("tPerson", {"first name": "Ani", "grade": "a"}, '{first name: "Ani", grade: "a"}'),
        ("tPerson", {"first name": "Ani"}, "null"),
        ("tPerson", {"first name": "Ani", "grade": "z"}, "null"),
        ("tSmall", 9, "9"),
        ("tSmall", 10, "null"),
    ],
)
def test_item_definitions(type_ref: str, value: Any, expected: str) -> None:
    xml = model(ITEMS + data("v", type_ref=type_ref) + decision("d", literal("v"), ["#v"]))
    assert answer(xml, "d", {"v": value}) == expected


def test_result_is_converted_to_the_decisions_type() -> None:
    assert (
        answer(model(decision("d", literal('@"2026-01-01"'), type_ref="date and time")), "d") == "2026-01-01T00:00:00Z"
    )
    assert answer(model(decision("d", literal('"a"'), type_ref="number")), "d") == "null"
    assert answer(model(ITEMS + decision("d", literal('"a" instance of tGrade'))), "d") == "true"


LIBRARY = model(
    ITEMS + data("rate") + KNOWLEDGE % literal("n * 2") + decision("twice", literal("rate * 2"), ["#rate"]), "lib"
)
USES = ["urn:test:lib#twice"]


@pytest.mark.parametrize(("name", "prefix"), [("lib", "lib."), ("other lib", "other lib."), ("", "")])
def test_imports(name: str, prefix: str) -> None:
    body = f'<import name="{name}" namespace="urn:test:lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    logic = literal(f'{{a: {prefix}twice, b: {prefix}k(4), c: "a" instance of {prefix}tGrade}}')
    xml = model(body + decision("d", logic, USES, knows=["urn:test:lib#k"]))
    assert answer(xml, "d", {"rate": 5}, [LIBRARY]) == "{a: 10, b: 8, c: true}"
    if name:
        assert answer(xml, "d", {"rate": 5, name: {"rate": 7}}, [LIBRARY]) == "{a: 14, b: 8, c: true}"


@pytest.mark.parametrize(
    ("xml", "part"),
    [
        (b"", "no XML"),
        (b"<a", "no XML"),
        (b"\xff\xfe\x00", "no XML"),
        (b"<definitions/>", "no DMN"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions/>', "document type"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions/>', "document type"),
        (b" " * (9 * 1024 * 1024), "8 MB"),
        (model("<a>" * 100 + "</a>" * 100), "nested"),
        (model("<a/>" * 200_001), "too many"),
        (model(decision("d", literal("1 +"))), "character"),
        (model(decision("d", literal("1"), ["#gone"])), "nowhere"),
        (model(decision("d", literal("1"), ["urn:gone#x"])), "nowhere"),
        (model(decision("a", literal("1"), ["#b"]) + decision("b", literal("1"), ["#a"])), "circle"),
        (model(decision("d", literal("1")) + decision("d", literal("2"))), "twice"),
        (model(decision("d", literal("1"), type_ref="tGone")), "no type"),
        (model('<import name="x" namespace="urn:gone" importType="DMN"/>'), "missing"),
        (model(decision("d", literal("1", attributes='expressionLanguage="python"'))), "language"),
    ],
)
def test_unsafe_or_broken_files_are_refused_with_a_sentence(xml: bytes, part: str) -> None:
    with pytest.raises(InvalidDefinition, match=part):
        decisions.parse(xml)


def test_lenient_reading_names_the_problems_and_gives_null() -> None:
    broken = decisions.parse(model(decision("d", literal("1 +")) + decision("e", literal("2"))), strict=False)
    assert broken.problems
    assert broken.evaluate("d", {}, environment()).value is None
    assert str(broken.evaluate("e", {}, environment()).value) == "2"


def test_unknown_decision() -> None:
    with pytest.raises(NotFound):
        decisions.parse(model(decision("d", literal("1")))).evaluate("x", {}, environment())


def test_a_decision_that_never_ends_is_ended() -> None:
    body = KNOWLEDGE % literal("k(n + 1)") + decision("d", literal("k(1)"), knows=["#k"])
    with pytest.raises(decisions_budget()):
        answer(model(body), "d")


def decisions_budget() -> type[Exception]:
    """The error of a used-up budget."""
    from engine.feel import FeelBudgetError

    return FeelBudgetError


def test_external_functions_reach_only_known_arithmetic() -> None:
    def asked(class_name: str, signature: str, call: str) -> str:
        mapping = f'function(a) external {{java: {{class: "{class_name}", method signature: "{signature}"}}}}'
        return answer(model(decision("d", literal(f"{{f: {mapping}, r: f({call})}}.r"))), "d")

    assert asked("java.lang.Math", "abs(double)", "-5") == "5"
    assert asked("java.lang.Integer", "valueOf(java.lang.String)", '"12"') == "12"
    assert asked("java.lang.Runtime", "exec(java.lang.String)", '"id"') == "null"
    assert asked("java.lang.System", "getenv(java.lang.String)", '"HOME"') == "null"
