"""What parallel and inclusive joins share: tokens wait at their incoming flow until the join may go on."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.base import Element
from engine.bpmn.errors import Fault
from engine.bpmn.tokens import WAITING, Token

if TYPE_CHECKING:
    from engine.bpmn.spec import ProcessSpec
    from engine.bpmn.workflow import Frame


class Join(Element):
    """A gateway with more than one incoming flow keeps tokens; one of each flow goes on as one token."""

    def enter(self, token: Token) -> bool:
        """A single way in needs no join."""
        if len(self.arriving) <= 1:
            return True
        token.wait()
        return self.arrived(token)

    def arrived(self, token: Token) -> bool:
        """Whether the join can go on at once with this token."""
        return False

    def waiting(self, frame: "Frame") -> dict[str, Token]:
        """The first token that waits at each incoming flow."""
        found: dict[str, Token] = {}
        for token in frame.tasks.values():
            if token.task_spec is self and token._state == WAITING:
                found.setdefault(token.internal_data.get("f", ""), token)
        return found

    def merge(self, token: Token, frame: "Frame") -> None:
        """Take one token from each flow; `token` goes on for all of them."""
        for other in self.waiting(frame).values():
            if other is not token and other.internal_data.get("f") != token.internal_data.get("f"):
                frame.task_tree._children.remove(other.id)
                frame.forget(other)

    def coming(self, frame: "Frame") -> list[frozenset[str]]:
        """For each token elsewhere in the frame: the incoming flows that it can still reach."""
        reach = frame.spec.reach(self)
        return [
            reach[token.task_spec.name]
            for token in frame.live()
            if token.task_spec is not self and token.task_spec.name in reach
        ]

    def decide(self, token: Token, frame: "Frame") -> bool:
        """Nothing else runs now. True: `token` was made to go on."""
        raise NotImplementedError

    def stuck(self, token: Token) -> None:
        """What the join waits for can never come."""
        self.fail(token, Fault("deadlock", "The join waits for a way that was not taken."), "enter")

    def register(self, spec: "ProcessSpec") -> None:
        """Only a real join is asked when nothing else runs."""
        if len(self.arriving) > 1:
            spec.joins.append(self)
