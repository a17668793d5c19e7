"""What DMN 1.5, chapters 6, 7 and 10.2, say of item definitions, scopes, invocations, boxed expressions and tables."""
# ruff: noqa: E501 (a model and what comes of it read best side by side)

from html import escape
from typing import Any

import pytest

from tests.decisions.models import answer, data, decision, literal, model, table


def item(
    name: str, ref: str = "", *, many: bool = False, allowed: str = "", constraint: str = "", parts: str = ""
) -> str:
    inside = f"<typeRef>{ref}</typeRef>" if ref else ""
    inside += f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    inside += f"<typeConstraint><text>{escape(constraint)}</text></typeConstraint>" if constraint else ""
    return f'<itemDefinition name="{name}" isCollection="{str(many).lower()}">{inside}{parts}</itemDefinition>'


def part(name: str, ref: str, *, many: bool = False) -> str:
    return f'<itemComponent name="{name}" isCollection="{str(many).lower()}"><typeRef>{ref}</typeRef></itemComponent>'


CODES = item("tC", "string", many=True, allowed='"a","b"')
SEVERAL = item("tC", "number", many=True, constraint="count(?) > 1")
REFERRED = item("tN", "number", allowed="[0..10]") + item("tC", "tN", many=True)
LONG = item("tC", "string", constraint="string length(?) > 2")
DERIVED = item("tC", "tBase", constraint="< 5") + item("tBase", "number", allowed="> 0")
PERSON = item("tC", parts=part("x", "number") + part("ys", "string", many=True))

ITEMS: list[tuple[str, Any, str]] = [
    (CODES, ["a", "b"], '["a", "b"]'),
    (CODES, ["a", "x"], "null"),
    (CODES, [], "[]"),
    (SEVERAL, [1, 2], "[1, 2]"),
    (SEVERAL, [1], "null"),
    (REFERRED, [1, 10], "[1, 10]"),
    (REFERRED, [1, 11], "null"),
    (LONG, "abc", "abc"),
    (LONG, "ab", "null"),
    (DERIVED, 3, "3"),
    (DERIVED, -3, "null"),
    (DERIVED, 7, "null"),
    (PERSON, {"x": 1, "ys": ["a"]}, '{x: 1, ys: ["a"]}'),
    (PERSON, {"x": "1", "ys": ["a"]}, "null"),
    (PERSON, {"x": None, "ys": None}, "{x: null, ys: null}"),
    (PERSON, {"x": 1, "ys": [], "z": 2}, "{x: 1, ys: [], z: 2}"),
    (PERSON, [{"x": 1, "ys": []}], "{x: 1, ys: []}"),
]


@pytest.mark.parametrize(("items", "value", "wanted"), ITEMS)
def test_values_of_item_definitions(items: str, value: Any, wanted: str) -> None:
    xml = model(items + data("v", type_ref="tC") + decision("d", literal("v"), ["#v"]))
    assert answer(xml, "d", {"v": value}) == wanted


def knowledge(logic: str, *params: str, id: str = "k", knows: str = "") -> str:
    formal = "".join(
        f'<formalParameter name="{name}" typeRef="{kind or "Any"}"/>'
        for name, _, kind in (p.partition(":") for p in params)
    )
    link = f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    return (
        f'<businessKnowledgeModel id="{id}" name="{id}"><variable name="{id}"/>'
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{link}</businessKnowledgeModel>"
    )


def call(function: str, **bindings: str) -> str:
    bound = "".join(f'<binding><parameter name="{k}"/>{literal(v)}</binding>' for k, v in bindings.items())
    return f"<invocation>{literal(function)}{bound}</invocation>"


MINUS = knowledge(literal("a - b"), "a:number", "b:number")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('<decision id="d" name="d"><variable name="d"/></decision>', "null"),
        (knowledge(literal("n")) + data("n") + decision("d", literal("k()"), ["#n"], knows=["#k"]), "null"),
        (
            knowledge(literal("2"))
            + knowledge(literal("k() + a"), "a", id="k2", knows="k")
            + decision("d", literal("k2(1)"), knows=["#k2"]),
            "3",
        ),
        (knowledge(literal("2")) + decision("d", literal("k()")), "null"),
        (knowledge(literal('a + "x"'), "a:string") + decision("d", literal("k(1)"), knows=["#k"]), "null"),
        (MINUS + decision("d", call("k", b="2", a="3"), knows=["#k"]), "1"),
        (MINUS + decision("d", call("k", a="3"), knows=["#k"]), "null"),
        (MINUS + decision("d", call("k", a="3", b="2", c="1"), knows=["#k"]), "null"),
        (MINUS + decision("d", call("k", a='"3"', b="2"), knows=["#k"]), "null"),
        (decision("d", call("nothing", a="3")), "null"),
        (decision("d", call("upper case", string='"abc"')), "ABC"),
    ],
)
def test_who_sees_and_calls_what(body: str, wanted: str) -> None:
    assert answer(model(body), "d", {"n": 1}) == wanted


def entry(logic: str, name: str = "", kind: str = "") -> str:
    variable = f'<variable name="{name}" typeRef="{kind or "Any"}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


FUNCTION = (
    '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/>'
    "</functionItem></itemDefinition>"
)


def service(output: str, *inputs: str, ref: str = "") -> str:
    given = "".join(f'<inputData href="#{each}"/>' for each in inputs)
    variable = f'<variable name="s" typeRef="{ref or "Any"}"/>'
    return f'<decisionService id="s" name="s">{variable}<outputDecision href="#{output}"/>{given}</decisionService>'


@pytest.mark.parametrize(("answer_of", "wanted"), [("a + 1", "3"), ("[a + 1]", "3"), ('"x"', "null")])
def test_what_is_called_may_be_declared_as_a_function(answer_of: str, wanted: str) -> None:
    known = knowledge(literal(answer_of), "a:number").replace(
        '<variable name="k"/>', '<variable name="k" typeRef="tF"/>'
    )
    assert answer(model(FUNCTION + known + decision("d", literal("k(2)"), knows=["#k"])), "d") == wanted
    asked = data("a") + decision("b", literal(answer_of), ["#a"]) + service("b", "a", ref="tF")
    assert answer(model(FUNCTION + asked + decision("d", literal("s(2)"), knows=["#s"])), "d") == wanted


@pytest.mark.parametrize(("hit", "wanted"), [("PRIORITY", "high"), ("OUTPUT ORDER", '["high", "low"]')])
def test_the_allowed_values_of_the_outputs_type_give_its_order(hit: str, wanted: str) -> None:
    logic = table(hit, ["n"], ["o"], ['- | "low"', '- | "high"']).replace('name="o"', 'name="o" typeRef="tG"')
    grades = item("tG", "tBase") + item("tBase", "string", allowed='"high", "low"')
    assert answer(model(grades + data("n") + decision("d", logic, ["#n"])), "d", {"n": 1}) == wanted


INNER = f"<context>{entry(literal('a + 10'), 'a')}{entry(literal('a * 2'))}</context>"
COLUMNS = '<column name="a" typeRef="number"/><column name="b"/>'


@pytest.mark.parametrize(
    ("logic", "wanted"),
    [
        (f"<context>{entry(literal('1'), 'a')}{entry(INNER, 'b')}{entry(literal('[a, b]'))}</context>", "[1, 22]"),
        (f"<context>{entry(literal(chr(34) + 'x' + chr(34)), 'a', 'number')}{entry(literal('1'), 'b')}</context>", "{a: null, b: 1}"),
        (f"<relation>{COLUMNS}<row>{literal('1')}{literal('true')}</row><row>{literal('true')}{literal('2')}</row></relation>",
         "[{a: 1, b: true}, {a: null, b: 2}]"),
        (f'<for iteratorVariable="i"><in>{literal("1..3")}</in><return>{literal("if i = 1 then 1 else partial[-1] * 2")}</return></for>', "[1, 2, 4]"),
        (f'<for iteratorVariable="i"><in>{literal("null")}</in><return>{literal("i")}</return></for>', "null"),
        (f'<for typeRef="string" iteratorVariable="i"><in>{literal("1..3")}</in><return>{literal("i")}</return></for>', "null"),
        (f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('2')}</match></filter>", "2"),
        (f"<filter><in>{literal('[{a: 1},{a: 2}]')}</in><match>{literal('a > 1')}</match></filter>", "[{a: 2}]"),
        (f"<filter><in>{literal('5')}</in><match>{literal('item = 5')}</match></filter>", "[5]"),
        (f'<some iteratorVariable="i"><in>{literal("[1]")}</in><satisfies>{literal("i")}</satisfies></some>', "null"),
        (f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", "2"),
        (f"<conditional><if>{literal('5')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>", "null"),
    ],
)  # fmt: skip
def test_boxed(logic: str, wanted: str) -> None:
    assert answer(model(decision("d", logic)), "d") == wanted


@pytest.mark.parametrize(
    ("logic", "given", "wanted"),
    [
        (table("UNIQUE", ["n"], ["o"], ['- | "x"']), {}, "x"),
        (table("FIRST", ["n"], ["o"], ['null | "none"', '- | "x"']), {"n": None}, "none"),
        (table("FIRST", ["n"], ["o"], ['> m | "yes"', '- | "no"']), {"n": 5, "m": 3}, "yes"),
        (table("FIRST", ["n"], ["o"], ['not("a","b") | "yes"', '- | "no"']), {"n": "c"}, "yes"),
        (table("FIRST", ["n"], ["o"], ['contains(?, "c") | "yes"', '- | "no"']), {"n": "abc"}, "yes"),
        (table("FIRST", ["n"], ["o"], ['list contains(?, 2) | "yes"', '- | "no"']), {"n": [1, 2]}, "yes"),
        (table("COLLECT", ["n"], ["o"], ['1 | "yes"']), {"n": 2}, "[]"),
        (table("COLLECT COUNT", ["n"], ["o"], ['1 | "yes"']), {"n": 2}, "0"),
        (table("COLLECT SUM", ["n"], ["o"], ["1 | 5"]), {"n": 2}, "null"),
        (table("UNIQUE", ["n"], ["a", "b"], ["1 | 1 | 2"]), {"n": 1}, "{a: 1, b: 2}"),
        (table("COLLECT", ["n"], ["a", "b"], ["- | 1 | 2", "- | 3 | 4"]), {"n": 1}, "[{a: 1, b: 2}, {a: 3, b: 4}]"),
        (table("UNIQUE", ["n"], ["o = 9"], ["1 | 5"]), {"n": 2}, "9"),
    ],
)
def test_tables(logic: str, given: dict[str, Any], wanted: str) -> None:
    assert answer(model(data("n") + data("m") + decision("d", logic, ["#n", "#m"])), "d", given) == wanted


def test_a_result_of_another_type_is_null() -> None:
    logic = table("UNIQUE", ["n"], ["o"], ["1 | 5"])
    assert answer(model(data("n") + decision("d", logic, ["#n"], type_ref="string")), "d", {"n": 1}) == "null"


def importing(body: str, *namespaces: str) -> str:
    kind = "https://www.omg.org/spec/DMN/20230324/MODEL/"
    return "".join(f'<import name="{n}" namespace="urn:test:{n}" importType="{kind}"/>' for n in namespaces) + body


def test_data_of_a_model_that_is_imported_twice() -> None:
    a = model(data("person", type_ref="string"), "A")
    hello = literal('"Hello " + A.person')
    b1, b2 = (model(importing(decision("hello", hello, ["urn:test:A#person"]), "A"), name) for name in ("B1", "B2"))
    both = decision("d", literal('B1.hello + ", " + B2.hello'), ["urn:test:B1#hello", "urn:test:B2#hello"])
    given = {"B1": {"A": {"person": "Ani"}}, "B2": {"A": {"person": "Budi"}}}
    assert answer(model(importing(both, "B1", "B2")), "d", given, [a, b1, b2]) == "Hello Ani, Hello Budi"
    flat = {"person": "Cici"}
    assert answer(model(importing(both, "B1", "B2")), "d", flat, [a, b1, b2]) == "Hello Cici, Hello Cici"
