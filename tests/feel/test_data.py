"""Lists, contexts, paths, filters, functions, types, names and literals."""

import pytest

from engine import feel
from tests.feel.evaluating import text_of

FILTERS = [
    ("[10, 20, 30][1]", "10"),
    ("[10, 20, 30][-1]", "30"),
    ("[10, 20, 30][0]", "null"),
    ("[10, 20, 30][4]", "null"),
    ("[10, 20, 30][1.5]", "null"),
    ("[10, 20, 30][item > 10]", "[20, 30]"),
    ("[10, 20, 30][false]", "[]"),
    ("[10, 20, 30][null]", "[]"),
    ("[][1]", "null"),
    ("[][item > 1]", "[]"),
    ("5[1]", "5"),
    ("5[true]", "[5]"),
    ("5[2]", "null"),
    ("null[1]", "null"),
    ("{a: 1}[a = 1]", "[{a: 1}]"),
    ("[{a: 1}, {a: 2}][a = 2]", "[{a: 2}]"),
    ("[{a: 1}, {a: 2}][item.a = 2].a", "[2]"),
    ("[{a: 1}, {b: 2}][a = 1]", "[{a: 1}]"),
    ("[{item: 1}, {item: 2}][item > 1]", "[{item: 2}]"),
    ("[1, 2, 3, 4][item > 1][item < 4]", "[2, 3]"),
    ("[[1, 2], [3, 4]][2][1]", "3"),
    ("[1, 2, 3][count([1, 2])]", "2"),
    ("[{a: {b: 1}}, {a: {b: 2}}].a.b", "[1, 2]"),
    ("[{a: 1}, {b: 1}].a", "[1, null]"),
]

CONTEXTS = [
    ("{a: 1, b: a + 1}.b", "2"),
    ('{"a b": 1}.a b', "1"),
    ("{first name: 1, last name: first name + 1}.last name", "2"),
    ("{a+b: 1}.a+b", "1"),
    ("{a: {b: {c: 3}}}.a.b.c", "3"),
    ("{a: 1}.b", "null"),
    ("null.a", "null"),
    ("{a: 1, a: 2}", "null"),
    ("{}", "{}"),
    ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(10)}.r", "3628800"),
    ("{f: function(a: number, b: number) a - b, r: f(b: 1, a: 5)}.r", "4"),
    ("(function(x) x + 1)(2)", "3"),
    ("(function(x) function(y) x * y)(2)(5)", "10"),
    ('(function(x: number) x)("a")', "null"),
    ("(function(x: number) x)([7])", "7"),
    ("(function(x: list<number>) x)(7)", "[7]"),
    ("(function(x) x)(1, 2)", "null"),
    ("(function(x) x)(y: 1)", "null"),
    ("nothing(1)", "null"),
    ('"abs"(1)', "null"),
    ('@"2026-03-02T08:30:05.5@Asia/Jakarta".time offset', "PT7H"),
    ('@"2026-03-02T08:30:05.5@Asia/Jakarta".timezone', "Asia/Jakarta"),
    ('@"2026-03-02T08:30:05.5".time offset', "null"),
    ('@"2026-03-02".weekday', "1"),
    ('@"2026-03-02T08:30:05".hour', "8"),
    ('@"2026-03-02T08:30:05".month', "3"),
    ('@"08:30:05.9".second', "5"),
    ('@"08:30:05".day', "null"),
    ('@"P2DT3H4M5S".days', "2"),
    ('@"-P2DT3H4M5S".hours', "-3"),
    ('@"P2DT3H4M5S".years', "null"),
    ('@"P2Y3M".months', "3"),
    ('@"P2Y3M".years', "2"),
    ("[1..5).end", "5"),
    ("[1..5).end included", "false"),
    ("(1..5).start included", "false"),
    ("(> 5).start", "5"),
    ("(> 5).end", "null"),
]

TYPES = [
    ("1 instance of number", "true"),
    ("-1 instance of number", "true"),
    ('"a" instance of string', "true"),
    ("true instance of number", "false"),
    ("null instance of Any", "false"),
    ("null instance of Null", "true"),
    ("[1, 2] instance of list<number>", "true"),
    ('[1, "a"] instance of list<number>', "false"),
    ("[1] instance of list", "true"),
    ("{a: 1} instance of context", "true"),
    ("{a: 1, b: 2} instance of context<a: number>", "true"),
    ("{b: 2} instance of context<a: number>", "false"),
    ("[1..2] instance of range<number>", "true"),
    ("[1..2] instance of range<string>", "false"),
    ("abs instance of function<number> -> number", "true"),
    ("(function(a, b) a) instance of function<Any> -> Any", "false"),
    ('@"2026-01-01" instance of date', "true"),
    ('@"2026-01-01" instance of date and time', "false"),
    ('@"P1D" instance of days and time duration', "true"),
    ('@"P1M" instance of years and months duration', "true"),
    ("1 instance of unheard", "null"),
    ("1 instance of number and true", "true"),
]

LITERALS = [
    ('"a\\nb"', "a\nb"),
    ('"\\u0041"', "A"),
    ('"\\U01F40E"', "🐎"),
    ('"\\uD83D\\uDC0E"', "🐎"),
    ('"\\"q\\""', '"q"'),
    ('"\\\\"', "\\"),
    ("// a comment\n1 /* and\nanother */ + 2", "3"),
    ('@"nonsense"', "null"),
    ("[1, 2,\n3]", "[1, 2, 3]"),
    ("{ a : 1 }", "{a: 1}"),
    ("[ 1 .. 3 ]", "[1..3]"),
    ("]1..3[", "(1..3)"),
    ("[1..3[", "[1..3)"),
    ("(>= 5)", "(>= 5)"),
    ('["b".."a"]', '["b".."a"]'),
    ('[1.."a"]', "null"),
    ("(1)", "1"),
]


@pytest.mark.parametrize(("text", "expected"), FILTERS + CONTEXTS + TYPES + LITERALS)
def test_data(text: str, expected: str) -> None:
    assert text_of(text) == expected


NAMES = {
    "first name": "Ani",
    "a-b": 5,
    "Applicant's age": 40,
    "date of birth": "x",
    "rate/month": 2,
    "is eligible?": True,
    "🐎": 1,
    "total": {"net amount": 9, "x-y": 3},
    "and more": 4,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("first name", "Ani"),
        ('first  name = "Ani"', "true"),
        ("a-b", "5"),
        ("a-b - 1", "4"),
        ("Applicant's age + 1", "41"),
        ("date of birth", "x"),
        ("rate/month * 2", "4"),
        ("is eligible? and true", "true"),
        ("🐎 + 1", "2"),
        ("total.net amount", "9"),
        ("total . net amount + a-b", "14"),
        ("and more + 1", "5"),
        ("if is eligible? then first name else null", "Ani"),
        ("[first name, a-b]", '["Ani", 5]'),
    ],
)
def test_names_with_spaces_and_operators(text: str, expected: str) -> None:
    assert text_of(text, NAMES) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "(1", "[1, 2", "{a: }", "{a 1}", "if 1 then 2", "for x return 1", "1 2", '"open', "1..2",
     "some x satisfies 1", "f(1,", "f(a: 1, 2)", "x instance number", "[1..2", "# no", "@1", "function(", "a.1b(", ")"],
)  # fmt: skip
def test_what_is_no_feel_says_where(text: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as problem:
        feel.compile(text)
    assert 0 <= problem.value.position <= len(text)
    assert problem.value.code == "feel_syntax"
