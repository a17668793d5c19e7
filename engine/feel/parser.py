"""FEEL's grammar (DMN 1.5, 10.3.1.2) by precedence climbing: tokens to a syntax tree."""

from __future__ import annotations

from collections.abc import Iterable

from engine.feel.errors import FeelSyntaxError
from engine.feel.nodes import (
    Arithmetic,
    Between,
    Comparison,
    Filter,
    In,
    InstanceOf,
    Literal,
    Logic,
    Negation,
    Node,
    Path,
    UnaryComparison,
    UnaryTests,
)
from engine.feel.parser_primary import COMPARISONS, Primary

OR, AND, COMPARE, ADD, MULTIPLY, POWER, UNARY = range(1, 8)
LEVELS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(COMPARISONS, COMPARE),
    "between": COMPARE,
    "in": COMPARE,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
    "/": MULTIPLY,
    "**": POWER,
}


class Parser(Primary):
    """One text, one tree."""

    def expression(self, level: int = 0) -> Node:
        """An expression whose operators bind tighter than `level`."""
        left = self._operand()
        while True:
            text = self.texts[self.at]
            found = LEVELS.get(text, 0)
            if found <= level or self.kinds[self.at] == "string":
                return left
            self.at += 1
            left = self._binary(left, text, found)

    def _binary(self, left: Node, op: str, level: int) -> Node:
        if level in {OR, AND}:
            return self._chain_logic(left, op, level)
        if op == "between":
            low = self.expression(COMPARE)
            self.expect("and")
            return Between(left, low, self.expression(COMPARE))
        if op == "in":
            return In(left, self._in_tests())
        if level == COMPARE:
            return Comparison(op, left, self.expression(COMPARE))
        return self._chain_arithmetic(left, op, level)

    def _chain_logic(self, left: Node, op: str, level: int) -> Node:
        operands = [left, self.expression(level)]
        while self.accept(op):
            operands.append(self.expression(level))
        return Logic(op, operands)

    def _chain_arithmetic(self, left: Node, op: str, level: int) -> Node:
        rest = [(op, self.expression(level))]
        while LEVELS.get(self.texts[self.at]) == level and self.kinds[self.at] == "op":
            self.at += 1
            rest.append((self.texts[self.at - 1], self.expression(level)))
        return Arithmetic(left, rest)

    def _operand(self) -> Node:
        if self.texts[self.at] == "-" and self.kinds[self.at] == "op":
            self.at += 1
            if self.kinds[self.at] == "number":
                number = self.number()
                return self._postfix(Literal(None if number.value is None else -number.value))
            return Negation(self._operand())
        return self._postfix(self.primary())

    def _postfix(self, node: Node) -> Node:
        while True:
            text = self.texts[self.at]
            if self.kinds[self.at] == "op" and text == ".":
                self.at += 1
                node = Path(node, self.name())
            elif self.kinds[self.at] == "op" and text == "[":
                found = self._filter(node)
                if found is None:
                    return node
                node = found
            elif self.kinds[self.at] == "op" and text == "(":
                node = self.call(node)
            elif self.kinds[self.at] == "name" and text == "instance":
                self.at += 1
                self.expect("of")
                node = InstanceOf(node, self.type())
            else:
                return node

    def _filter(self, base: Node) -> Node | None:
        """`[condition]`; None when the bracket closes an open range such as `]1..x[`."""
        start, nesting, depth = self.at, self.nesting, self.range_depth
        self.at += 1
        try:
            condition = self.expression()
            self.expect("]")
        except FeelSyntaxError:
            if not self.range_depth:
                raise
            self.at, self.nesting, self.range_depth = start, nesting, depth
            return None
        return Filter(base, condition)

    def _in_tests(self) -> list[Node]:
        """One test, or several in parentheses; `(1..2)` is one range."""
        start = self.at
        if self.accept("("):
            tests = [self.positive_test()]
            while self.accept(","):
                tests.append(self.positive_test())
            if self.accept(")"):
                return tests
            self.at = start
        return [self.positive_test(COMPARE)]

    def positive_test(self, level: int = 0) -> Node:
        """A comparison with the input, an interval, or any expression."""
        op = self.texts[self.at]
        if op in COMPARISONS and self.kinds[self.at] == "op":
            self.at += 1
            return UnaryComparison(op, self.expression(COMPARE))
        return self.expression(level)

    def unary_tests(self) -> UnaryTests:
        """A whole table cell."""
        if self.texts == ["-", ""]:
            self.at = 1
            return UnaryTests([])
        if self.texts[:2] == ["not", "("]:
            self.at = 2
            tests = self._tests()
            if self.accept(")") and self.kinds[self.at] == "end":
                return UnaryTests(tests, negated=True)
            self.at = 0
        return UnaryTests(self._tests())

    def _tests(self) -> list[Node]:
        tests = [self.positive_test()]
        while self.accept(","):
            tests.append(self.positive_test())
        return tests

    def finish(self) -> None:
        """Fail unless everything was read."""
        if self.kinds[self.at] != "end":
            raise self.fail("Unexpected text")


def parse(text: str, names: Iterable[str] = ()) -> Node:
    """The tree of an expression. `names`: variables whose names hold spaces or operators."""
    return _guarded(text, names, unary=False)


def parse_unary(text: str, names: Iterable[str] = ()) -> Node:
    """The tree of a table cell (unary tests)."""
    return _guarded(text, names, unary=True)


def _guarded(text: str, names: Iterable[str], unary: bool) -> Node:
    try:
        parser = Parser(text, names)
        node = parser.unary_tests() if unary else parser.expression()
        parser.finish()
    except RecursionError:
        raise FeelSyntaxError("The expression is nested too deeply", text) from None
    return node
