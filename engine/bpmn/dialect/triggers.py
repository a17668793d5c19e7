"""Event definitions: what an event waits for or sends. With waits instead of polling."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.bpmn.nodes import EventNode, Node
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.model import Wait


class Trigger(EventDefinition):
    """The none event: catches nothing, sends nothing."""

    kind: ClassVar[str] = ""
    waits: ClassVar[bool] = False  # catching it, a token waits for something
    watches: bool = False  # variables change what a token waits for
    reads: frozenset[str] = frozenset()  # these variables

    def __init__(self, node: Node, event: EventNode, build: "Build", *, catching: bool) -> None:
        super().__init__(event.name)

    def arm(self, token: Token) -> None:
        """The token begins to wait."""

    def look(self, token: Token) -> None:
        """One of the variables that it reads has changed."""

    def resume(self, token: Token) -> None:
        """Looking failed, and somebody mended the cause: the token waits again."""

    def wait_of(self, token: Token) -> "Wait | None":
        """What the token waits for from outside."""
        return None

    def again(self, token: Token) -> bool:
        """After a non-interrupting event fired: whether it goes on waiting."""
        return True

    def fired(self, token: Token) -> Mapping[str, Any]:
        """Details for the history."""
        return {}

    def prepare(self, token: Token) -> bool:
        """Before the throwing token leaves: evaluate what is sent. False: not yet, it waits for its effects."""
        return True

    def throw(self, token: Token) -> None:
        """The throwing token has left its event: send."""
