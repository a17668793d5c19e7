"""bpmn:linkEventDefinition: a flow drawn in two halves; the build joins them."""

from engine.bpmn.dialect.triggers import Trigger


class Link(Trigger):
    """Both halves only pass the token on."""

    kind = "link"
