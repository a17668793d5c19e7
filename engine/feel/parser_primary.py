"""The parser's operands: literals, names, lists, ranges, contexts, `if`, `for`, functions, types."""

from __future__ import annotations

from engine.feel import numbers
from engine.feel.cursor import KEYWORDS, Cursor
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import unquote
from engine.feel.nodes import (
    Call,
    ContextLiteral,
    For,
    FunctionDefinition,
    If,
    Iterator,
    ListLiteral,
    Literal,
    Name,
    Node,
    Quantified,
    RangeLiteral,
    TypeNode,
    UnaryComparison,
)
from engine.feel.temporal_text import read_temporal

COMPARISONS = frozenset(("=", "!=", "<", "<=", ">", ">="))
_CONSTANTS = {"true": True, "false": False, "null": None}
_SPACED_TYPES = ("date and time", "days and time duration", "years and months duration")
MAX_NESTING = 60


class Primary(Cursor):
    """Operands; the operators between them live in `Parser`."""

    range_depth = 0
    nesting = 0

    def primary(self) -> Node:
        """The operand that starts here."""
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.fail("The expression is nested too deeply")
        kind, text = self.kinds[self.at], self.texts[self.at]
        if kind == "number":
            node: Node = self.number()
        elif kind == "string":
            self.at += 1
            node = Literal(unquote(text))
        elif kind == "name":
            node = self._word(text)
        elif kind == "op":
            node = self._symbol(text)
        else:
            raise self.fail("The expression ends too early")
        self.nesting -= 1
        return node

    def number(self) -> Literal:
        """A number literal."""
        self.at += 1
        return Literal(numbers.number(self.texts[self.at - 1]))

    def _word(self, text: str) -> Node:
        if text not in KEYWORDS or self._longest(self.known, self.at) or self._builtin_length(self.at):
            return Name(self.name())
        self.at += 1
        if text in _CONSTANTS:
            return Literal(_CONSTANTS[text])
        if text == "if":
            return self._if()
        if text == "for":
            return self._for()
        if text in {"some", "every"}:
            return self._quantified(text == "every")
        if text == "function":
            return self._function()
        self.at -= 1
        raise self.fail(f"“{text}” cannot stand here")

    def _symbol(self, text: str) -> Node:
        if text == "(":
            return self._parenthesis()
        if text == "[":
            return self._bracket()
        if text == "]":
            self.at += 1
            return self._range_end(self.expression_in_range(), start_included=False)
        if text == "{":
            return self._context()
        if text == "@" and self.kinds[self.at + 1] == "string":
            self.at += 2
            return Literal(read_temporal(unquote(self.texts[self.at - 1])))
        if text in COMPARISONS:
            self.at += 1
            return UnaryComparison(text, self.expression(3))
        raise self.fail(f"“{text}” cannot stand here")

    def expression_in_range(self) -> Node:
        """An endpoint; there, `[` after it may close the range instead of opening a filter."""
        self.range_depth += 1
        node = self.expression()
        self.range_depth -= 1
        return node

    def _range_end(self, start: Node, start_included: bool) -> Node:
        self.expect("..")
        end = self.expression_in_range()
        if not self.is_op("]") and not self.is_op(")") and not self.is_op("["):
            raise self.fail("The range is not closed")
        self.at += 1
        return RangeLiteral(start, end, start_included, self.texts[self.at - 1] == "]")

    def _parenthesis(self) -> Node:
        self.at += 1
        node = self.expression()
        if self.is_op(".."):
            return self._range_end(node, start_included=False)
        self.expect(")")
        return node

    def _bracket(self) -> Node:
        self.at += 1
        if self.accept("]"):
            return ListLiteral([])
        node = self.expression()
        if self.is_op(".."):
            return self._range_end(node, start_included=True)
        items = [node]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return ListLiteral(items)

    def _context(self) -> Node:
        self.at += 1
        entries: list[tuple[str, Node]] = []
        if self.accept("}"):
            return ContextLiteral(entries)
        while True:
            key = self._key()
            entries.append((key, self.expression()))
            self.declare(key)
            if self.accept("}"):
                return ContextLiteral(entries)
            self.expect(",")

    def _key(self) -> str:
        if self.kinds[self.at] == "string":
            self.at += 1
            key = unquote(self.texts[self.at - 1])
        else:
            key = self.words_until(":")
        self.expect(":")
        return key

    def _if(self) -> Node:
        condition = self.expression()
        self.expect("then")
        yes = self.expression()
        self.expect("else")
        return If(condition, yes, self.expression())

    def _for(self) -> Node:
        iterators = self._iterators()
        self.expect("return")
        return For(iterators, self.expression())

    def _quantified(self, every: bool) -> Node:
        iterators = self._iterators()
        self.expect("satisfies")
        return Quantified(every, iterators, self.expression())

    def _iterators(self) -> list[Iterator]:
        iterators = [self._iterator()]
        while self.accept(","):
            iterators.append(self._iterator())
        return iterators

    def _iterator(self) -> Iterator:
        name = self.words_until("in")
        self.declare(name)
        self.expect("in")
        source = self.expression()
        end = self.expression() if self.accept("..") else None
        return Iterator(name, source, end)

    def _function(self) -> Node:
        self.expect("(")
        params: list[tuple[str, TypeNode | None]] = []
        while not self.accept(")"):
            if params:
                self.expect(",")
            params.append(self._parameter())
        if self.is_op("external"):
            self.at += 1
            return FunctionDefinition(params, self.expression(), external=True)
        return FunctionDefinition(params, self.expression())

    def _parameter(self) -> tuple[str, TypeNode | None]:
        start = self.at
        while self.kinds[self.at] != "end" and self.texts[self.at] not in {":", ",", ")"}:
            self.at += 1
        if start == self.at or self.kinds[start] != "name":
            raise self.fail("Expected a parameter")
        name = self._spell(start, self.at)
        self.declare(name)
        return name, self.type() if self.accept(":") else None

    def call(self, function: Node) -> Node:
        """The arguments after a function: all by position, or all by name."""
        self.expect("(")
        args: list[Node] = []
        names: list[str] = []
        while not self.accept(")"):
            if args:
                self.expect(",")
            name = self._argument_name()
            if name is not None:
                names.append(name)
            args.append(self.expression())
        if names and len(names) != len(args):
            raise self.fail("Arguments are all named or all unnamed")
        return Call(function, args, names or None)

    def _argument_name(self) -> str | None:
        """`name:` before an argument, if that is what stands here."""
        start = self.at
        if self.kinds[start] != "name" or self.texts[start + 1] in {",", ")", "(", "["}:
            return None
        try:
            name = self.words_until(":")
        except FeelSyntaxError:
            self.at = start
            return None
        self.at += 1
        return name

    def type(self) -> TypeNode:
        """A type: named, `list<T>`, `range<T>`, `context<a: T>` or `function<T> -> T`."""
        for spaced in _SPACED_TYPES:
            parts = spaced.split(" ")
            if self.texts[self.at : self.at + len(parts)] == parts:
                self.at += len(parts)
                return TypeNode("named", spaced)
        if self.kinds[self.at] == "name" and self.texts[self.at] == "function":
            self.at += 1
            return self._function_type() if self.is_op("<") else TypeNode("named", "function")
        name = self.name()
        while self.accept("."):
            name += "." + self.name()
        if self.is_op("<") and name in {"list", "range", "context"}:
            self.at += 1
            return self._context_type() if name == "context" else self._element_type(name)
        return TypeNode("named", name)

    def _element_type(self, kind: str) -> TypeNode:
        element = self.type()
        self.expect(">")
        return TypeNode(kind, parts=(element,))

    def _context_type(self) -> TypeNode:
        names: list[str] = []
        parts: list[TypeNode] = []
        while not self.accept(">"):
            if names:
                self.expect(",")
            names.append(self.words_until(":"))
            self.expect(":")
            parts.append(self.type())
        return TypeNode("context", parts=tuple(parts), names=tuple(names))

    def _function_type(self) -> TypeNode:
        self.expect("<")
        params: list[TypeNode] = []
        while not self.accept(">"):
            if params:
                self.expect(",")
            params.append(self.type())
        self.expect("->")
        return TypeNode("function", parts=(*params, self.type()))
