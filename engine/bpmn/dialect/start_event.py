"""bpmn:startEvent of a process or subprocess: where its first token is put."""

from engine.bpmn.dialect.base import Element


class StartEvent(Element):
    """What starts it (nothing, a message) was decided before; variables are there already."""
