"""bpmn:userTask: a person's work, with form, people, dates and priority."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.dialect.activity import Activity
from engine.bpmn.errors import Fault
from engine.bpmn.expressions import Value, as_text
from engine.bpmn.model import UserTaskWait
from engine.bpmn.nodes import Node
from engine.bpmn.timers import add_length, is_duration, parse_length, parse_moment
from engine.bpmn.tokens import Token

if TYPE_CHECKING:
    from engine.bpmn.build import Build
    from engine.bpmn.spec import ProcessSpec

DEFAULT_PRIORITY = 50


class UserTask(Activity):
    """Who, when and how urgent is decided when the task opens and does not change by itself."""

    automatic = False

    def __init__(self, spec: "ProcessSpec", node: Node, build: "Build", name: str | None = None) -> None:
        super().__init__(spec, node, build, name)
        form, people = node.zeebe.get("formDefinition", {}), node.zeebe.get("assignmentDefinition", {})
        dates, priority = node.zeebe.get("taskSchedule", {}), node.zeebe.get("priorityDefinition", {})
        self.form_id = form.get("formId") or None
        self.assignee = build.optional(node, "assignee", people.get("assignee"))
        self.groups = build.optional(node, "candidateGroups", people.get("candidateGroups"))
        self.due = build.optional(node, "dueDate", dates.get("dueDate"))
        self.follow_up = build.optional(node, "followUpDate", dates.get("followUpDate"))
        self.priority = build.optional(node, "priority", priority.get("priority"))
        if self.form_id:
            build.form(node, self.form_id)

    def begin(self, token: Token) -> bool:
        """Open the task."""
        view, env = token.view, token.turn.env
        due, follow_up = self._moment(token, self.due), self._moment(token, self.follow_up, end_of_day=False)
        token.internal_data["u"] = [
            self.assignee.string(view, env) if self.assignee else None,
            list(self.groups.strings(view, env)) if self.groups else [],
            due,
            follow_up,
            self._rank(self.priority.evaluate(view, env)) if self.priority else DEFAULT_PRIORITY,
        ]
        token.wait()
        token.turn.open(self.wait_of(token))
        return False

    def _moment(self, token: Token, value: Value | None, *, end_of_day: bool = True) -> str | None:
        text = as_text(value.evaluate(token.view, token.turn.env)) if value else None
        if not text:
            return None
        turn = token.turn
        if is_duration(text):
            moment = add_length(turn.now, parse_length(text), turn.place)
        else:
            moment = parse_moment(text, turn.timezone, end_of_day=end_of_day)
        return moment.isoformat()

    @staticmethod
    def _rank(value: Any) -> int:
        text = as_text(value) or ""
        try:
            return min(100, max(0, int(float(text))))
        except (ValueError, OverflowError):
            raise Fault("bad_priority", f"The priority is no number: {text[:40]!r}.") from None

    def wait_of(self, token: Token) -> UserTaskWait:
        """The open task."""
        assignee, groups, due, follow_up, priority = token.internal_data["u"]
        scopes = token.top.scopes
        return UserTaskWait(
            token.id,
            self.element_id,
            self.process_id,
            self.bpmn_name,
            self.name_en,
            self.documentation,
            self.form_id,
            tuple(groups),
            assignee,
            datetime.fromisoformat(due) if due else None,
            datetime.fromisoformat(follow_up) if follow_up else None,
            priority,
            self.properties,
            dict(scopes.local(token.id)) if token.id in scopes else {},
        )
