"""bpmn:startEvent of a process or subprocess: where its first token is put."""

from typing import TYPE_CHECKING

from engine.bpmn.dialect.base import Element
from engine.bpmn.dialect.triggers import Trigger
from engine.bpmn.nodes import Node

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec


class StartEvent(Element):
    """What starts it (nothing, a message, a timer, a signal) was decided before; variables are there already."""

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", trigger: Trigger) -> None:
        super().__init__(spec, node, build)
        self.trigger = trigger
