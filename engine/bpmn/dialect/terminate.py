"""bpmn:terminateEventDefinition: ends the process or subprocess it stands in, whatever still runs there."""

from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.tokens import Token


class Terminate(Trigger):
    """A called process or subprocess that is terminated goes on behind it as usual."""

    kind = "terminate"

    def throw(self, token: Token) -> None:
        """Cancel the other tokens of the frame."""
        frame, top = token.workflow, token.top
        if frame is top:
            top.outcome = "terminated"
        frame.clear(keep=token)
