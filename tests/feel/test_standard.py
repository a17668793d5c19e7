"""Expressions with the values that the text of DMN 1.5, chapter 10, gives them: tests/data/feel/standard.txt.

A line is `expression => value as FEEL writes it`; strings are unquoted at the outermost level.
"""

from pathlib import Path

import pytest

from tests.feel.evaluating import text_of

LINES = [
    line
    for line in (Path(__file__).parents[1] / "data" / "feel" / "standard.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES)
def test_as_the_standard_says(line: str) -> None:
    expression, _, wanted = line.partition(" => ")
    assert text_of(expression) == wanted
