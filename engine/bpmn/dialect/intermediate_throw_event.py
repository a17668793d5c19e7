"""bpmn:intermediateThrowEvent: none, message, signal, escalation, compensation; a link is drawn as a flow by the build."""

from engine.bpmn.dialect.events import ThrowingEvent


class IntermediateThrowEvent(ThrowingEvent):
    """Sends and goes on."""
