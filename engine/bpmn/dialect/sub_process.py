"""bpmn:subProcess (embedded): its own scope of variables, its own tokens; it is done when none of them is left."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.dialect.compensation import remember_inside
from engine.bpmn.nodes import Node
from engine.bpmn.tokens import STARTED, Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Body


class SubProcess(Activity):
    """The token stays in it while a body runs."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        self.inner: ProcessSpec | None = None  # set by the build when the inside is built

    def begin(self, token: Token) -> bool:
        """Start the body."""
        assert self.inner is not None  # noqa: S101 - the build made sure of both
        assert self.inner.none_start is not None  # noqa: S101
        token.own_scope()
        token._set_state(STARTED)
        body = token.top.create_body(token, self.inner, token.id)
        body.begin(self.inner.none_start)
        return False

    def body_ended(self, token: Token, body: "Body") -> None:
        """Every way in the body came to its end."""
        remember_inside(token, body)
        token.top.drop_body(token.id)
        token._ready()
