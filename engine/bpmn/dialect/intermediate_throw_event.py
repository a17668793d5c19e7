"""bpmn:intermediateThrowEvent: none, message, signal, escalation; a link becomes a flow in the build."""

from engine.bpmn.dialect.events import ThrowingEvent


class IntermediateThrowEvent(ThrowingEvent):
    """Sends and goes on."""
