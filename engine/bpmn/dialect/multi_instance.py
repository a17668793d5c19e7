"""Multi-instance activities: one token is the body with the collections, its children are the instances."""

from collections import ChainMap
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.dialect.activity import Activity
from engine.bpmn.expressions import Value
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class MultiInstance(Activity):
    """Wraps the activity `inner`. Instances are numbered from 1 (loopCounter)."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", inner: Activity) -> None:
        super().__init__(spec, _bare(node), build)
        loop = node.loop
        assert loop is not None  # noqa: S101 - the build asked
        self.inner = inner
        inner.multi = self
        self.sequential = loop.sequential
        self.items = build.expression(node, "inputCollection", loop.collection, required=True) or Value(
            "[]", always=True
        )
        self.item_name = loop.element
        self.results_name = loop.output_collection
        self.result = build.expression(node, "outputElement", loop.output_element, required=bool(self.results_name))
        self.until = build.expression(node, "completionCondition", loop.completion)

    def begin(self, token: Token) -> bool:
        """Open the body and its instances: all at once, or the first."""
        items = self.items.items(token.view, token.turn.env, "The collection")
        token.own_scope()
        state = token.internal_data["m"] = {"n": len(items), "done": 0, "stopped": 0}
        token._set_state(STARTED)
        if self.results_name:
            state["out"] = [None] * len(items)  # JSON already: a thousand results are not encoded anew at each step
        if not items:
            return True
        if self.sequential:
            state["items"] = feel.to_json(items[:0:-1])  # those to come, the next one last
        for index, item in enumerate(items[:1] if self.sequential else items):
            self._open(token, index, item)
        return False

    def _open(self, token: Token, index: int, item: Any) -> None:
        child = token._add_child(self.inner)
        child.internal_data["i"] = index
        local: dict[str, Any] = {"loopCounter": Decimal(index + 1)}
        if self.item_name:
            local[self.item_name] = item
        if self.result and self.result.text[1:].strip().isidentifier():
            local.setdefault(self.result.text[1:].strip(), None)  # results of this instance stay in it
        token.top.scopes.open(child.id, token.id, local)
        self.inner._update(child)

    def about(self, token: Token) -> dict[str, Any]:
        """Details for the history: this is not one of the instances, but all of them."""
        return {"many": True}

    def collect(self, token: Token) -> None:
        """An instance is done: keep its output, and see whether that was enough."""
        body = token.workflow.tasks[token._parent]
        state = body.internal_data["m"]
        if self.result is not None and self.results_name:
            value = self.result.evaluate(token.view, token.turn.env)
            state["out"][token.internal_data["i"]] = feel.to_json(value)
        if self.until is not None:
            done = state["done"] + 1
            active = 0 if self.sequential else state["n"] - done
            numbers = {
                "numberOfInstances": Decimal(state["n"]),
                "numberOfCompletedInstances": Decimal(done),
                "numberOfActiveInstances": Decimal(active),
                "numberOfTerminatedInstances": Decimal(0),
            }
            view = ChainMap(numbers, token.view)  # type: ignore[arg-type]
            if self.until.boolean(view, token.turn.env, "the completion condition"):
                state["stopped"] = 1

    def instance_done(self, token: Token) -> None:
        """An instance has left: stop, go on with the next item, or wait for the others."""
        state = token.internal_data["m"]
        state["done"] += 1
        if state["stopped"] or state["done"] == state["n"]:
            if token._state == STARTED:
                self.cleanup(token)
                token._ready()
        elif self.sequential:
            index = state["done"]
            self._open(token, index, feel.from_json(state["items"].pop()))

    def cleanup(self, token: Token) -> None:
        """As for every activity, also of the instances that lie frozen."""
        token.top.cold.thaw_body(token.id)
        super().cleanup(token)

    def execute(self, token: Token) -> bool:
        """All is done: the output collection goes to the scope around."""
        if self.results_name:
            results = feel.from_json(token.internal_data["m"]["out"])
            token.top.scopes.write(token.outer, {self.results_name: results})
        return True


def _bare(node: Node) -> Node:
    """The node as its body sees it: mappings belong to the instances."""
    return Node(
        node.id, node.tag, node.name, node.file, node.attributes, node.documentation, node.lane, node.properties
    )
