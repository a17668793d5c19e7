"""bpmn:endEvent: none, message, signal, error, escalation, compensation, terminate."""

from engine.bpmn.dialect.events import ThrowingEvent


class EndEvent(ThrowingEvent):
    """The token ends here; the process ends when it was the last."""
