"""Small decision models, each with its answer: types, scopes, functions, services, imports, boxed expressions, tables."""
# ruff: noqa: E501 (a model and what comes of it read best side by side)

from typing import Any

import pytest

from tests.decisions.models import answer, data, decision, literal, model, table
from tests.decisions.test_chapters import call, entry, importing, item, knowledge, part


def bkm(ref: str, logic: str, *params: str) -> str:
    """A knowledge model of numbers whose variable has a type."""
    formal = "".join(f'<formalParameter name="{name}" typeRef="number"/>' for name in params)
    inside = f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>"
    return (
        f'<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="{ref}"/>{inside}</businessKnowledgeModel>'
    )


def service(id: str, outs: list[str], ins: list[str] | None = None, decs: list[str] | None = None,
            enc: list[str] | None = None, ref: str = "Any") -> str:  # fmt: skip
    """A decision service."""
    groups = {"outputDecision": outs, "encapsulatedDecision": enc, "inputDecision": decs, "inputData": ins}
    inside = "".join(f'<{tag} href="#{each}"/>' for tag, hrefs in groups.items() for each in hrefs or [])
    return f'<decisionService id="{id}" name="{id}"><variable name="{id}" typeRef="{ref}"/>{inside}</decisionService>'


FN = '<itemDefinition name="tF"><functionItem outputTypeRef="%s"><parameters name="a" typeRef="number"/></functionItem></itemDefinition>'
BASE = data("n") + decision("a", literal("n + 1"), ["#n"]) + decision("b", literal("a * 2"), ["#a"])
TEXT = '"b"'
TWO_DAYS = '@"2020-01-01"..@"2020-01-02"'

SCENARIOS: dict[str, tuple[str, str, dict[str, Any], list[bytes]]] = {
    "bkm function type": ("3", FN % "number" + bkm("tF", literal("a + 1"), "a") + decision("d", literal("k(2)"), knows=["#k"]), {}, []),
    "bkm function type mismatch": ("null", FN % "string" + bkm("tF", literal("a + 1"), "a") + decision("d", literal("k(2)"), knows=["#k"]), {}, []),
    "bkm result type": ("3", bkm("number", literal("a + 1"), "a") + decision("d", literal("k(2)"), knows=["#k"]), {}, []),
    "bkm result singleton": ("3", bkm("number", literal("[a + 1]"), "a") + decision("d", literal("k(2)"), knows=["#k"]), {}, []),
    "bkm passed on": ("5", bkm("number", literal("a + 1"), "a") + decision("d", literal("(function(f) f(4))(k)"), knows=["#k"]), {}, []),
    "fn decision typed": ("4", FN % "number" + decision("f", literal("function(a: number) a + 1"), type_ref="tF") + decision("d", literal("f(3)"), ["#f"]), {}, []),
    "service positional: data then decisions": ("40", data("m") + data("n") + decision("a", literal("n + 1"), ["#n"]) + decision("b", literal("a * 2 + m"), ["#a", "#m"]) + service("s", ["b"], ["m"], ["a"]) + decision("d", literal("s(20, 10)"), knows=["#s"]), {}, []),
    "service named": ("21", data("m") + decision("a", literal("1")) + decision("b", literal("a * 2 + m"), ["#a", "#m"]) + service("s", ["b"], ["m"], ["a"]) + decision("d", literal("s(a: 10, m: 1)"), knows=["#s"]), {}, []),
    "service type function": ("6", '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="n" typeRef="number"/></functionItem></itemDefinition>' + BASE + service("s", ["b"], ["n"], enc=["a"], ref="tF") + decision("d", literal("s(2)"), knows=["#s"]), {}, []),
    "service two outputs": ("{b: 6, a: 3}", BASE + service("s", ["b", "a"], ["n"]) + decision("d", literal("s(2)"), knows=["#s"]), {}, []),
    "service two outputs member": ("6", BASE + service("s", ["b", "a"], ["n"]) + decision("d", literal("s(2).b"), knows=["#s"]), {}, []),
    "service boxed invocation": ("6", BASE + service("s", ["b"], ["n"]) + decision("d", call("s", n="2"), knows=["#s"]), {}, []),
    "service input decision overrides": ("8", BASE + service("s", ["b"], [], ["a"]) + decision("d", literal("s(4)"), knows=["#s"]), {}, []),
    "priority by type": ("high", item("tG", "string", allowed='"high","low"') + data("n") + decision("d", table("PRIORITY", ["n"], ["o"], ['- | "low"', '- | "high"']).replace('<output name="o">', '<output name="o" typeRef="tG">'), ["#n"]), {"n": 1}, []),
    "output order by type": ('["high", "low"]', item("tG", "string", allowed='"high","low"') + data("n") + decision("d", table("OUTPUT ORDER", ["n"], ["o"], ['- | "low"', '- | "high"']).replace('<output name="o">', '<output name="o" typeRef="tG">'), ["#n"]), {"n": 1}, []),
    "nested component allowed": ("null", '<itemDefinition name="tC"><itemComponent name="x"><typeRef>string</typeRef><allowedValues><text>"a"</text></allowedValues></itemComponent></itemDefinition>' + data("v", type_ref="tC") + decision("d", literal("v"), ["#v"]), {"v": {"x": "b"}}, []),
    "import type": ("2", importing(data("v", type_ref="L.tN") + decision("d", literal("v"), ["#v"]), "L"), {"v": 2}, [model(item("tN", "number"), "L")]),
    "import bkm": ("3", importing(decision("d", literal("L.k(2)"), knows=["urn:test:L#k"]), "L"), {}, [model(bkm("number", literal("a + 1"), "a"), "L")]),
    "import bkm boxed": ("3", importing(decision("d", call("L.k", a="2"), knows=["urn:test:L#k"]), "L"), {}, [model(bkm("number", literal("a + 1"), "a"), "L")]),
    "import service": ("6", importing(decision("d", literal("L.s(2)"), knows=["urn:test:L#s"]), "L"), {}, [model(BASE + service("s", ["b"], ["n"]), "L")]),
    "import decision": ("6", importing(decision("d", literal("L.b"), ["urn:test:L#b"]), "L"), {"L": {"n": 2}}, [model(BASE, "L")]),
    "import decision type check": ("true", importing(decision("d", literal("1 instance of L.tN"), []), "L"), {}, [model(item("tN", "number"), "L")]),
    "instance of own type": ("true", item("tP", parts=part("x", "number")) + decision("d", literal("{x: 1} instance of tP")), {}, []),
    "function param own type": ("{x: 1}", item("tP", parts=part("x", "number")) + decision("d", literal("(function(p: tP) p)({x: 1})")), {}, []),
    "function param own type bad": ("null", item("tP", parts=part("x", "number")) + decision("d", literal('(function(p: tP) p)({x: "1"})')), {}, []),
    "list of own type": ("true", item("tP", parts=part("x", "number")) + decision("d", literal("[{x: 1}] instance of list<tP>")), {}, []),
    "decision name with operators": ("3", '<inputData id="i" name="a-b"><variable name="a-b" typeRef="number"/></inputData>' + decision("d", literal("a-b + 1"), ["#i"]), {"a-b": 2}, []),
    "name with apostrophe": ("3", '<inputData id="i" name="client\'s age"><variable name="client\'s age" typeRef="number"/></inputData>' + decision("d", literal("client's age + 1"), ["#i"]), {"client's age": 2}, []),
    "name with keyword": ("3", '<inputData id="i" name="time and date"><variable name="time and date" typeRef="number"/></inputData>' + decision("d", literal("time and date + 1"), ["#i"]), {"time and date": 2}, []),
    "name with in": ("3", '<inputData id="i" name="in stock"><variable name="in stock" typeRef="number"/></inputData>' + decision("d", literal("in stock + 1"), ["#i"]), {"in stock": 2}, []),
    "name shadowing a builtin": ("3", '<inputData id="i" name="count"><variable name="count" typeRef="number"/></inputData>' + decision("d", literal("count + 1"), ["#i"]), {"count": 2}, []),
    "component names with spaces": ("5", item("tP", parts=part("first part", "number")) + data("p", type_ref="tP") + decision("d", literal("p.first part + 1"), ["#p"]), {"p": {"first part": 4}}, []),
    "dt two outputs default": ("{a: 9, b: null}", data("n") + decision("d", table("UNIQUE", ["n"], ["a = 9", "b"], ["1 | 1 | 2"]), ["#n"]), {"n": 5}, []),
    "dt bool input": ("y", data("n") + decision("d", table("UNIQUE", ["n"], ["a"], ['true | "y"', 'false | "n"']), ["#n"]), {"n": True}, []),
    "dt expression output": ("6", data("n") + decision("d", table("UNIQUE", ["n"], ["a"], ["> 1 | n * 2"]), ["#n"]), {"n": 3}, []),
    "dt list input contains": ("y", data("n") + decision("d", table("FIRST", ["n"], ["a"], ['list contains(?, "x") | "y"', '- | "n"']), ["#n"]), {"n": ["x"]}, []),
    "dt dates": ("y", data("n") + decision("d", table("FIRST", ["date(n)"], ["a"], ['[date("2020-01-01")..date("2020-12-31")] | "y"', '- | "n"']), ["#n"]), {"n": "2020-05-05"}, []),
    "dt negation": ("y", data("n") + decision("d", table("FIRST", ["n"], ["a"], ['not(< 5, [7..9]) | "y"', '- | "n"']), ["#n"]), {"n": 6}, []),
    "dt - with string dash": ("y", data("n") + decision("d", table("FIRST", ["n"], ["a"], ['"-" | "y"', '- | "n"']), ["#n"]), {"n": "-"}, []),
    "dt member of variable list": ("y", data("n") + data("m") + decision("d", table("FIRST", ["n"], ["a"], ['m | "y"', '- | "n"']), ["#n", "#m"]), {"n": "x", "m": ["x", "z"]}, []),
    "dt comparison with var": ("y", data("n") + data("m") + decision("d", table("FIRST", ["n"], ["a"], ['>= m - 1 | "y"', '- | "n"']), ["#n", "#m"]), {"n": 4, "m": 5}, []),
    "dt in bkm": ("y", knowledge(table("FIRST", ["a"], ["o"], ['> 1 | "y"', '- | "n"']), "a:number") + decision("d", literal("k(4)"), knows=["#k"]), {}, []),
    "dt in bkm by hit list": ('["y", "n"]', knowledge(table("RULE ORDER", ["a"], ["o"], ['> 1 | "y"', '- | "n"']), "a:number") + decision("d", literal("k(4)"), knows=["#k"]), {}, []),
    "relation": ("[2, 4]", decision("d", literal("r.b"), ["#r"]) + decision("r", f"""<relation><column name="a"/><column name="b"/><row>{literal("1")}{literal("2")}</row><row>{literal("3")}{literal("4")}</row></relation>"""), {}, []),
    "conditional nested": ("b", decision("d", f"<conditional><if>{literal('false')}</if><then>{literal('1')}</then><else><conditional><if>{literal('true')}</if><then>{literal(TEXT)}</then><else>{literal('2')}</else></conditional></else></conditional>"), {}, []),
    "boxed for over table": ("[{a: 1}, {a: 2}]", decision("d", f"""<for iteratorVariable="i"><in>{literal("[1,2]")}</in><return><context>{entry(literal("i"), "a")}</context></return></for>"""), {}, []),
    "filter by item component": ("[{a: 2}]", decision("d", f"<filter><in>{literal('[{a: 1},{a: 2}]')}</in><match>{literal('item.a > 1')}</match></filter>"), {}, []),
    "every partial null": ("false", decision("d", f"""<every iteratorVariable="i"><in>{literal("[1,0]")}</in><satisfies>{literal("i > 0")}</satisfies></every>"""), {}, []),
    "partial is a copy": ("[[], [[]]]", decision("d", literal("for i in [1,2] return partial")), {}, []),
    "conversion: decision list of one to number": ("5", decision("d", literal("[5]"), type_ref="number"), {}, []),
    "conversion: decision number to list": ("[5]", item("tL", "number", many=True) + decision("d", literal("5"), type_ref="tL"), {}, []),
    "conversion: date to date and time": ("2020-01-01T00:00:00Z", decision("d", literal('date("2020-01-01")'), type_ref="date and time"), {}, []),
    "conversion: two element list to number": ("null", decision("d", literal("[5,6]"), type_ref="number"), {}, []),
    "conversion: wrong type": ("null", decision("d", literal('"5"'), type_ref="number"), {}, []),
    "conversion: bkm param singleton": ("6", knowledge(literal("a + 1"), "a:number") + decision("d", literal("k([5])"), knows=["#k"]), {}, []),
    "conversion: bkm param wrong": ("null", knowledge(literal("1"), "a:number") + decision("d", literal('k("x")'), knows=["#k"]), {}, []),
    "conversion: bkm wrong result": ("null", knowledge(literal('"x"'), "a:number").replace('<variable name="k"/>', '<variable name="k" typeRef="number"/>') + decision("d", literal("k(1)"), knows=["#k"]), {}, []),
    "input data wrong type": ("null", data("n", type_ref="number") + decision("d", literal("n"), ["#n"]), {"n": "x"}, []),
    "input data singleton": ("5", data("n", type_ref="number") + decision("d", literal("n"), ["#n"]), {"n": [5]}, []),
    "input missing": ("null", data("n", type_ref="number") + decision("d", literal("n + 1"), ["#n"]), {}, []),
    "no requirement no view": ("null", data("n") + decision("d", literal("n")), {"n": 1}, []),
    "transitive not visible": ("null", data("n") + decision("a", literal("n"), ["#n"]) + decision("d", literal("n"), ["#a"]), {"n": 1}, []),
    "context entry sees earlier only": ("{a: null, b: 1}", decision("d", f"<context>{entry(literal('b'), 'a')}{entry(literal('1'), 'b')}</context>"), {}, []),
    "boxed fn with default param type mismatch": ("null", decision("f", f"""<functionDefinition><formalParameter name="x" typeRef="number"/>{literal("x + 1")}</functionDefinition>""") + decision("d", literal('f("a")'), ["#f"]), {}, []),
    "boxed fn by name": ("3", decision("f", f"""<functionDefinition><formalParameter name="x" typeRef="number"/>{literal("x + 1")}</functionDefinition>""") + decision("d", literal("f(x: 2)"), ["#f"]), {}, []),
    "closure in bkm": ("15", knowledge(literal("function(x) x + a"), "a:number") + decision("d", literal("k(10)(5)"), knows=["#k"]), {}, []),
    "bkm calls bkm": ("12", knowledge(literal("a * 2"), "a:number", id="k") + knowledge(literal("k(b) + 2"), "b:number", id="k2", knows="k") + decision("d", literal("k2(5)"), knows=["#k2"]), {}, []),
    "invocation of a built-in by name with null": ("null", decision("d", call("sqrt", number="null")), {}, []),
    "every boxed null list": ("null", decision("d", f"""<every iteratorVariable="i"><in>{literal("null")}</in><satisfies>{literal("true")}</satisfies></every>"""), {}, []),
    "some boxed": ("true", decision("d", f"""<some iteratorVariable="i"><in>{literal("[1,2]")}</in><satisfies>{literal("i = 2")}</satisfies></some>"""), {}, []),
    "for boxed over range": ("[2, 3]", decision("d", f"""<for iteratorVariable="i"><in>{literal("[1..2]")}</in><return>{literal("i + 1")}</return></for>"""), {}, []),
    "for boxed over dates": ("[1, 2]", decision("d", f"""<for iteratorVariable="i"><in>{literal(TWO_DAYS)}</in><return>{literal("i.day")}</return></for>"""), {}, []),
    "nested boxed for": ("[[1, 2], [2, 4]]", decision("d", f"""<for iteratorVariable="i"><in>{literal("1..2")}</in><return><for iteratorVariable="j"><in>{literal("1..2")}</in><return>{literal("i * j")}</return></for></return></for>"""), {}, []),
    "filter boxed not boolean": ("[]", decision("d", f"<filter><in>{literal('[1,2]')}</in><match>{literal('null')}</match></filter>"), {}, []),
    "filter boxed null list": ("null", decision("d", f"<filter><in>{literal('null')}</in><match>{literal('true')}</match></filter>"), {}, []),
    "conditional null": ("2", decision("d", f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>"), {}, []),
    "boxed list typed": ("null", item("tL", "string", many=True) + decision("d", f"""<list typeRef="tL">{literal("1")}</list>"""), {}, []),
    "relation cells by expression": ("[{a: 3}]", decision("d", f"""<relation><column name="a"/><row>{literal("1 + 2")}</row></relation>"""), {}, []),
    "collect min of dates": ("2020-01-01", data("n") + decision("d", table("COLLECT MIN", ["n"], ["o"], ['- | date("2020-01-01")', '- | date("2021-01-01")']), ["#n"]), {"n": 1}, []),
    "collect sum one": ("5", data("n") + decision("d", table("COLLECT SUM", ["n"], ["o"], ["- | 5"]), ["#n"]), {"n": 1}, []),
    "collect count distinct? counts all": ("2", data("n") + decision("d", table("COLLECT COUNT", ["n"], ["o"], ["- | 5", "- | 5"]), ["#n"]), {"n": 1}, []),
    "rule order": ('["b", "a"]', data("n") + decision("d", table("RULE ORDER", ["n"], ["o"], ['- | "b"', '- | "a"']), ["#n"]), {"n": 1}, []),
    "output order two columns": ('[{a: "h", b: 1}, {a: "l", b: 2}]', data("n") + decision("d", table("OUTPUT ORDER", ["n"], ['a: "h", "l"', "b"], ['- | "l" | 2', '- | "h" | 1']), ["#n"]), {"n": 1}, []),
    "first two columns": ("{a: 1, b: 2}", data("n") + decision("d", table("FIRST", ["n"], ["a", "b"], ["- | 1 | 2", "- | 3 | 4"]), ["#n"]), {"n": 1}, []),
    "any equal two columns": ("{a: 1, b: 2}", data("n") + decision("d", table("ANY", ["n"], ["a", "b"], ["- | 1 | 2", "> 0 | 1 | 2"]), ["#n"]), {"n": 1}, []),
    "empty output cell": ("null", data("n") + decision("d", table("FIRST", ["n"], ["o"], ["- | "]), ["#n"]), {"n": 1}, []),
    "input expression of a path": ("y", data("p") + decision("d", table("FIRST", ["p.age"], ["o"], ['>= 18 | "y"', '- | "n"']), ["#p"]), {"p": {"age": 20}}, []),
    "null input with dash": ("y", data("p") + decision("d", table("FIRST", ["p"], ["o"], ['- | "y"']), ["#p"]), {}, []),
    "recursive item": (
        "{v: 1, next: {v: 2, next: null}}",
        '<itemDefinition name="tN"><itemComponent name="v"><typeRef>number</typeRef></itemComponent><itemComponent name="next"><typeRef>tN</typeRef></itemComponent></itemDefinition>' + data("n", type_ref="tN") + decision("d", literal("n"), ["#n"]),
        {"n": {"v": 1, "next": {"v": 2, "next": None}}},
        [],
    ),
    "allowed on component list": ("null", '<itemDefinition name="tC"><itemComponent name="xs" isCollection="true"><typeRef>number</typeRef><allowedValues><text>[0..5]</text></allowedValues></itemComponent></itemDefinition>' + data("v", type_ref="tC") + decision("d", literal("v"), ["#v"]), {"v": {"xs": [1, 9]}}, []),
    "type constraint with ?": ("null", item("tC", "string", constraint='matches(?, "^[A-Z]+$")') + data("v", type_ref="tC") + decision("d", literal("v"), ["#v"]), {"v": "ab"}, []),
    "context typed missing entry": ("null", item("tP", parts=part("x", "number") + part("y", "number")) + decision("d", literal("{x: 1}"), type_ref="tP"), {}, []),
    "context typed extra entry": ("{x: 1, z: 2}", item("tP", parts=part("x", "number")) + decision("d", literal("{x: 1, z: 2}"), type_ref="tP"), {}, []),
    "import two levels": ("1", importing(decision("d", literal("B.e"), ["urn:test:B#e"]), "B"), {}, [model(importing(decision("e", literal("C.f"), ["urn:test:C#f"]), "C"), "B"), model(decision("f", literal("1")), "C")]),
    "import same names both": ("3", importing(decision("x", literal("1")) + decision("d", literal("x + C.x"), ["#x", "urn:test:C#x"]), "C"), {}, [model(decision("x", literal("2")), "C")]),
    "import bkm that uses its own bkm": ("5", importing(decision("d", literal("C.k2(2)"), knows=["urn:test:C#k2"]), "C"), {}, [model(knowledge(literal("a + 1"), "a:number", id="k") + knowledge(literal("k(b) + 2"), "b:number", id="k2", knows="k"), "C")]),
    "imported item in context entry": ("null", importing(decision("d", f"<context>{entry(literal(TEXT), 'a', 'C.tN')}{entry(literal('a'))}</context>"), "C"), {}, [model(item("tN", "number"), "C")]),
    "nested list of contexts type": ("[{x: 1}]", item("tP", parts=part("x", "number")) + item("tPs", "tP", many=True) + decision("d", literal("[{x: 1}]"), type_ref="tPs"), {}, []),
    "nested list bad": ("null", item("tP", parts=part("x", "number")) + item("tPs", "tP", many=True) + decision("d", literal('[{x: "1"}]'), type_ref="tPs"), {}, []),
    "boolean decision null if wrong": ("null", decision("d", literal("1"), type_ref="boolean"), {}, []),
    "string type not coerced": ("null", decision("d", literal("1"), type_ref="string"), {}, []),
    "Any": ("1", decision("d", literal("1"), type_ref="Any"), {}, []),
    "service hides": ("null", data("n") + data("q") + decision("a", literal("q"), ["#n"]) + '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#a"/><inputData href="#n"/></decisionService>' + decision("d", literal("s(1)"), knows=["#s"]), {"q": 7, "n": 1}, []),
    "service missing arg": ("null", data("n", type_ref="number") + decision("a", literal("n"), ["#n"]) + '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#a"/><inputData href="#n"/></decisionService>' + decision("d", literal("s()"), knows=["#s"]), {}, []),
    "service wrong type": ("null", data("n", type_ref="number") + decision("a", literal("5"), ["#n"]) + '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#a"/><inputData href="#n"/></decisionService>' + decision("d", literal('s("x")'), knows=["#s"]), {}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str) -> None:
    wanted, body, given, library = SCENARIOS[name]
    assert answer(model(body), "d", given, library) == wanted
