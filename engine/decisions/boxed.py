"""Boxed expressions of DMN XML as FEEL nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.decisions import model as m
from engine.decisions.items import allowed_text
from engine.decisions.xml import Element, child, children, local, text_of
from engine.feel import nodes as n
from engine.feel.errors import FeelSyntaxError
from engine.feel.parser import parse, parse_unary
from engine.feel.walk import walk

Types = Callable[[str | None], n.TypeNode | None]
_BOXED = frozenset(
    (
        "literalExpression",
        "decisionTable",
        "context",
        "list",
        "relation",
        "functionDefinition",
        "invocation",
        "conditional",
        "for",
        "every",
        "some",
        "filter",
    )
)
_HITS = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
_RANKED = ("PRIORITY", "OUTPUT ORDER")
_AGGREGATIONS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}


class BoxedReader:
    """Turns elements into nodes; texts that do not parse become `Broken` and a problem."""

    def __init__(self, names: Iterable[str], types: Types) -> None:
        self.names = frozenset(names)
        self.type_node = types
        self.problems: list[str] = []
        self.owner = ("", "")

    def in_element(self, element: Element) -> n.Node | None:
        """The boxed expression among the children, None when there is none."""
        found = next((each for each in children(element) if local(each) in _BOXED), None)
        return None if found is None else self.read(found)

    def _inner(self, element: Element | None) -> n.Node:
        found = None if element is None else self.in_element(element)
        return n.Literal(None) if found is None else found

    def read(self, element: Element) -> n.Node:
        """The node of a boxed expression, checked against its own typeRef."""
        node: n.Node = getattr(self, "_" + local(element).lower())(element)
        wanted = self.type_node(element.get("typeRef"))
        return node if wanted is None else m.Typed(node, wanted)

    def feel(self, text: str | None, unary: bool = False) -> n.Node:
        """The node of a text, with its types looked up."""
        if not text:
            return n.UnaryTests([]) if unary else n.Literal(None)
        try:
            node = parse_unary(text, self.names) if unary else parse(text, self.names)
        except FeelSyntaxError as problem:
            self.problems.append(f"{self.owner[1]} ({self.owner[0]}): {problem}")
            return m.Broken(str(problem))
        for part in walk(node):
            if isinstance(part, n.InstanceOf):
                self._resolve(part.type)
            elif isinstance(part, n.FunctionDefinition):
                for _, wanted in part.params:
                    self._resolve(wanted)
        return node

    def _resolve(self, node: n.TypeNode | None) -> None:
        if node is None:
            return
        if node.kind == "named" and node.name != "Any":
            found = self.type_node(node.name)
            node.resolved = None if found is None else found.resolved
        for part in node.parts:
            self._resolve(part)

    def _literalexpression(self, element: Element) -> n.Node:
        language = element.get("expressionLanguage", "")
        if language and "FEEL" not in language.upper():
            self.problems.append(f"{self.owner[1]} ({self.owner[0]}): the expression language {language} is unknown.")
            return m.Broken("unknown expression language")
        return self.feel(text_of(element))

    def _typed(self, node: n.Node, variable: Element | None) -> n.Node:
        wanted = None if variable is None else self.type_node(variable.get("typeRef"))
        return node if wanted is None else m.Typed(node, wanted)

    def _context(self, element: Element) -> n.Node:
        entries: list[tuple[str, n.Node]] = []
        result: n.Node | None = None
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            node = self._typed(self._inner(entry), variable)
            if variable is None:
                result = node
            else:
                entries.append((variable.get("name", ""), node))
        return m.BoxedContext(entries, result)

    def _list(self, element: Element) -> n.Node:
        return n.ListLiteral([self.read(each) for each in children(element) if local(each) in _BOXED])

    def _relation(self, element: Element) -> n.Node:
        columns = list(children(element, "column"))
        rows: list[n.Node] = []
        for row in children(element, "row"):
            cells = [self.read(each) for each in children(row) if local(each) in _BOXED]
            pairs = [
                (column.get("name", ""), self._typed(cell, column))
                for column, cell in zip(columns, cells, strict=False)
            ]
            rows.append(m.BoxedContext(pairs, None))
        return n.ListLiteral(rows)

    def parameters(self, element: Element) -> list[tuple[str, n.TypeNode | None]]:
        """The formal parameters of a function."""
        found = children(element, "formalParameter")
        return [(each.get("name", ""), self.type_node(each.get("typeRef"))) for each in found]

    def _functiondefinition(self, element: Element) -> n.Node:
        external = element.get("kind", "FEEL") not in {"FEEL", "F"}
        body = self._inner(element)
        if external:
            body = n.ContextLiteral([("java" if element.get("kind") in {"Java", "J"} else "pmml", body)])
        return n.FunctionDefinition(list(self.parameters(element)), body, external)

    def _invocation(self, element: Element) -> n.Node:
        names, args = [], []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            names.append("" if parameter is None else parameter.get("name", ""))
            args.append(self._typed(self._inner(binding), parameter))
        return n.Call(self._inner(element), args, names or None)

    def _conditional(self, element: Element) -> n.Node:
        yes, no = self._inner(child(element, "then")), self._inner(child(element, "else"))
        return n.If(self._inner(child(element, "if")), yes, no)

    def _iterator(self, element: Element) -> list[n.Iterator]:
        name, domain = element.get("iteratorVariable", ""), child(element, "in")
        text = text_of(None if domain is None else child(domain, "literalExpression")) or ""
        if ".." in text and text[:1] not in "[](":  # `1..10`, as after the `in` of a textual `for`
            loop = self.feel(f"for each in {text} return each")
            if isinstance(loop, n.For) and len(loop.iterators) == 1:
                return [n.Iterator(name, loop.iterators[0].source, loop.iterators[0].end)]
        return [n.Iterator(name, self._inner(domain), None)]

    def _for(self, element: Element) -> n.Node:
        return n.For(self._iterator(element), self._inner(child(element, "return")))

    def _every(self, element: Element) -> n.Node:
        return n.Quantified(True, self._iterator(element), self._inner(child(element, "satisfies")))

    def _some(self, element: Element) -> n.Node:
        return n.Quantified(False, self._iterator(element), self._inner(child(element, "satisfies")))

    def _filter(self, element: Element) -> n.Node:
        return n.Filter(self._inner(child(element, "in")), self._inner(child(element, "match")))

    def _decisiontable(self, element: Element) -> n.Node:
        hit = element.get("hitPolicy", "UNIQUE")
        aggregation = element.get("aggregation", "")
        if hit not in _HITS or (aggregation and aggregation not in _AGGREGATIONS):
            self.problems.append(f"{self.owner[1]} ({self.owner[0]}): the hit policy {hit} {aggregation} is unknown.")
        inputs = [self._input(each) for each in children(element, "input")]
        outputs = [self._output(each, hit in _RANKED) for each in children(element, "output")]
        rules = [self._rule(each, len(inputs), len(outputs)) for each in children(element, "rule")]
        return m.Table(*self.owner, _HITS.get(hit, "U"), _AGGREGATIONS.get(aggregation, ""), inputs, outputs, rules)

    def _input(self, element: Element) -> m.Input:
        expression = child(element, "inputExpression")
        text = text_of(expression) or ""
        type_ref = "" if expression is None else expression.get("typeRef", "")
        wanted = self.type_node(type_ref)
        node = self.feel(text)
        allowed = text_of(child(element, "inputValues")) or ""
        test = self.feel(allowed, unary=True) if allowed else None
        typed = node if wanted is None else m.Typed(node, wanted)
        return m.Input(element.get("label") or text, typed, test, text, type_ref, allowed)

    def _output(self, element: Element, ranked: bool) -> m.Output:
        wanted = self.type_node(element.get("typeRef"))
        allowed = text_of(child(element, "outputValues")) or ""
        if ranked and not allowed:
            allowed = allowed_text(wanted and wanted.resolved)
        values = self.feel(f"[{allowed}]") if allowed else None
        default = child(element, "defaultOutputEntry")
        fallback = None if default is None else self.feel(text_of(default))
        return m.Output(element.get("name", ""), wanted, values, fallback, allowed)

    def _rule(self, element: Element, inputs: int, outputs: int) -> m.Rule:
        texts = [text_of(each) or "-" for each in children(element, "inputEntry")]
        results = [text_of(each) or "" for each in children(element, "outputEntry")]
        if len(texts) != inputs or len(results) != outputs:
            self.problems.append(f"{self.owner[1]} ({self.owner[0]}): rule {element.get('id')} has the wrong width.")
        tests = [self.feel(text, unary=True) for text in texts]
        return m.Rule(element.get("id", ""), tests, [self.feel(text) for text in results], texts, results)
