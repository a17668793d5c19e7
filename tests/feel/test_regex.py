"""Regular expressions of XPath: classes, subtraction, properties, back-references, flags; and none that explode."""

import time

import pytest

from engine.feel import FeelBudgetError
from tests.feel.evaluating import text_of, value_of

MATCHES = [
    ("foobar", "^fo*b", "", "true"),
    ("abc", "b", "", "true"),
    ("abc", "^b", "", "false"),
    ("x\ny", "^y$", "", "false"),
    ("x\ny", "^y$", "m", "true"),
    ("x\ny", "x.y", "", "false"),
    ("x\ny", "x.y", "s", "true"),
    ("HELLO", "hello", "i", "true"),
    ("helloworld", "hello world", "x", "true"),
    ("hello world", "hello[ ]world", "x", "true"),
    ("a.c", "a.c", "q", "true"),
    ("abc", "a.c", "q", "false"),
    ("x", "[A-Z-[OI]]", "i", "true"),
    ("o", "[A-Z-[OI]]", "i", "false"),
    ("b", "[a-z-[aeiou]]", "", "true"),
    ("e", "[a-z-[aeiou]]", "", "false"),
    ("5", "[^a-z-[5]]", "", "false"),
    ("a", r"\p{L}", "", "true"),
    ("1", r"\P{L}", "", "true"),
    ("é", r"\p{Ll}", "", "true"),
    ("é", r"\p{IsBasicLatin}", "", "false"),
    ("ꦗ", r"^\p{IsJavanese}$", "", "true"),
    ("٣", r"\d", "", "true"),
    ("_", r"\w", "", "false"),
    ("a b", r"a\sb", "", "true"),
    ("a:b", r"^\i\c*$", "", "true"),
    ("1a", r"^\i\c*$", "", "false"),
    ("x", r"[\D]", "", "true"),
    ("3", r"[^\D]", "", "true"),
    ("abab", r"^(ab)\1$", "", "true"),
    ("abAB", r"^(ab)\1$", "", "false"),
    ("abAB", r"^(ab)\1$", "i", "true"),
    ("abba", r"^(.)(.)\2\1$", "", "true"),
    ("aXbX", r"(?:a)(X)b\1", "", "true"),
    ("ab1ab1", r"^(ab\d)\1$", "", "true"),
    ("x\nx", r"^(x)$\n^\1$", "m", "true"),
    ("a{2}", r"a\{2\}", "", "true"),
    ("aa", "^a{2}$", "", "true"),
    ("aaa", "^a{2,}$", "", "true"),
    ("aaaa", "^a{1,3}$", "", "false"),
]


@pytest.mark.parametrize(("text", "pattern", "flags", "expected"), MATCHES)
def test_matches(text: str, pattern: str, flags: str, expected: str) -> None:
    assert text_of("matches(text, pattern, flags)", {"text": text, "pattern": pattern, "flags": flags}) == expected


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[", "[]", "a**", "*", "{2}", "a{3,2}", "[z-a]", r"\p{Foo}", r"\p{IsFoo}", r"\p", r"(a)\2", r"(a)[\1]",
     r"\0", "(?=a)", "(?i)a", "(?<n>a)", r"\b", r"\Z", "[a", "[a-[b]", "a{2", "^*", "\\",
     "(" * 60 + ")" * 60, "a" * 1001],
)  # fmt: skip
def test_what_is_no_xpath_expression_gives_null(pattern: str) -> None:
    assert value_of("matches(text, pattern)", {"text": "abc", "pattern": pattern}) is None


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (r'replace("aabbc", "(.)\1", "<$1>")', "<a><b>c"),
        (r'replace("a1b22", "\d+", "#")', "a#b#"),
        ('replace("abc", "(a)(b)?(x)?", "[$1|$2|$3]")', "[a|b|]c"),
        ('replace("abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$1")', "kal"),
        ('replace("ab", "(a)", "$12")', "a2b"),
        ('replace("a", "a", "\\\\\\\\")', "\\"),
        (r'split("a1b22c", "\d+")', '["a", "b", "c"]'),
        (r'split("a--b-c", "(-)\1?")', '["a", "b", "c"]'),
        ('split("abc", "")', '["a", "b", "c"]'),
        ('split("", ",")', '[""]'),
    ],
)
def test_replace_and_split(call: str, expected: str) -> None:
    assert text_of(call) == expected


def test_a_back_reference_that_explodes_is_ended() -> None:
    started = time.thread_time()
    with pytest.raises(FeelBudgetError):
        value_of("matches(text, pattern)", {"text": "a" * 40 + "!", "pattern": r"^(a+)+\1+$"})
    assert time.thread_time() - started < 3
