"""What starts a process besides people, calls and messages: its timer and signal start events."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine.bpmn import cycles
from engine.bpmn.cycles import Firing
from engine.bpmn.dialect.timer import Rule
from engine.bpmn.turn import Runtime, Turn

if TYPE_CHECKING:
    from engine.bpmn.definition import Definition


@dataclass(frozen=True, slots=True)
class TimerStart:
    """A timer start event of a process. It belongs to no instance: its expression sees no variables.

    `region`: the place that the analyst named for new instances ("" if none).
    """

    process_id: str
    element_id: str
    region: str
    rule: Rule

    def text(self, runtime: Runtime, definition: "Definition") -> str:
        """The timer as a text; it stays the same until an office setting or the diagram changes. Raises Fault."""
        return self.rule.text({}, Turn(runtime, definition))

    def first(self, text: str, runtime: Runtime) -> Firing | None:
        """When it fires first if it is published now; None: never. Raises Fault."""
        return self.rule.first(text, runtime.now, runtime.place)

    def following(self, text: str, fired: Firing, runtime: Runtime) -> tuple[Firing | None, int]:
        """The firing after `fired` (None: it was the last), and how many more were due meanwhile. Raises Fault."""
        if not self.rule.repeats:
            return None, 0
        now: datetime = max(runtime.now, fired.due)
        return cycles.following(cycles.parse_cycle(text), fired, now, runtime.place)
