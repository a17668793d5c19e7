"""What a check may say about a diagram: a catalogue of codes, each with severity, reason and a suggested mend."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `element` is the id (empty for the whole file), `name` what the analyst called it."""

    code: str
    severity: str
    file: str
    element: str
    reason: str
    mend: str
    name: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        where = f"{self.element} ({self.name})" if self.name else self.element
        return f"{self.file}: {where}: {self.reason}" if where else f"{self.file}: {self.reason}"


CATALOGUE: dict[str, tuple[str, str, str]] = {
    # files
    "xml_malformed": (ERROR, "this is no readable XML: {detail}", "Save the file again with a BPMN editor."),
    "xml_too_large": (ERROR, "the file is larger than 8 MB: {detail}", "Split the diagram into called processes."),
    "xml_doctype": (ERROR, "a document type or entity is declared", "Remove the DOCTYPE; a diagram needs none."),
    "xml_too_deep": (ERROR, "elements are nested deeper than {detail}", "Flatten the diagram."),
    "xml_too_many_nodes": (ERROR, "there are more than {detail} XML nodes", "Split the diagram."),
    "not_bpmn": (ERROR, "the root element is not bpmn:definitions", "Export the diagram as BPMN 2.0 XML."),
    "no_process": (ERROR, "there is no executable process", 'Set "executable" on the process.'),
    "too_many_elements": (ERROR, "the process has more than {detail} elements", "Split it into called processes."),
    "too_many_flows": (ERROR, "the process has more than {detail} flows", "Split it into called processes."),
    "duplicate_id": (ERROR, "the id is used twice", "Give each element its own id."),
    "missing_id": (ERROR, "a {tag} has no id", "Give each element an id."),
    "bad_id": (ERROR, "an id may hold no #, / or space", "Give the element a plain id."),
    "not_executable": (
        NOTE,
        "this process is marked as not executable and is left out",
        'Set "executable" on the process if it is to run.',
    ),
    "duplicate_process": (ERROR, "process {detail} is in another file too", "Rename one of the processes."),
    "bad_decision_file": (ERROR, "the decision file cannot be used: {detail}", "Mend the table."),
    "bad_form_file": (ERROR, "the form file cannot be used: {detail}", "Save it again with the form editor."),
    "duplicate_decision": (ERROR, "decision {detail} is in another file too", "Rename one of the decisions."),
    # what is not supported
    "unsupported_element": (ERROR, "{tag} is not supported", "{hint}"),
    "unsupported_event": (ERROR, "a {kind} event is not supported here", "{hint}"),
    "unsupported_attribute": (ERROR, "{detail} is not supported", "{hint}"),
    "script_language": (
        ERROR,
        "scripts in a programming language do not run",
        "Write a FEEL expression (zeebe:script).",
    ),
    "manual_task": (
        WARNING,
        "the engine passes this task without waiting",
        "Make it a user task if somebody must report it.",
    ),
    "no_effect": (
        WARNING,
        "{detail} has no effect here",
        "Say it with form, people, mappings and multi-instance of the element's properties.",
    ),
    "foreign_extension": (
        WARNING,
        "made for another engine, without effect here: {detail}",
        "Remove it, or say it with the element's properties.",
    ),
    "data_ignored": (NOTE, "data objects and associations are pictures only", "Use variables and mappings."),
    # structure
    "no_start": (ERROR, "there is no start event", "Draw one."),
    "many_starts": (ERROR, "there is more than one start event without a trigger", "Keep one."),
    "sub_start": (ERROR, "a subprocess needs exactly one start event without a trigger", "Draw exactly one."),
    "event_sub_start": (ERROR, "an event subprocess needs exactly one start event with a trigger", "Draw one."),
    "event_sub_flow": (ERROR, "an event subprocess has no flows in or out", "Remove the flows."),
    "start_incoming": (ERROR, "a start event has an incoming flow", "Let the flow end elsewhere."),
    "end_outgoing": (ERROR, "an end event has an outgoing flow", "Remove it."),
    "boundary_incoming": (ERROR, "a boundary event has an incoming flow", "Remove it."),
    "boundary_host": (ERROR, "the boundary event is attached to nothing that exists", "Attach it to an activity."),
    "flow_end_missing": (ERROR, "the flow begins or ends at something that does not exist", "Draw the flow again."),
    "flow_crosses": (
        ERROR,
        "the flow crosses the border of a subprocess",
        "Use an event or a flow of the subprocess itself.",
    ),
    "no_incoming": (
        ERROR,
        "no flow leads here; beside a start event it never begins",
        "Connect it or remove it.",
    ),
    "unreachable": (WARNING, "nothing leads here", "Connect it or remove it."),
    "dead_end": (WARNING, "the way ends here without an end event", "Draw an end event."),
    "deadlock_join": (
        WARNING,
        "this join may wait for ever: {detail}",
        "Join only ways that are all taken; join a choice with an exclusive gateway.",
    ),
    "double_token": (
        WARNING,
        "this may be reached twice at the same time: {detail}",
        "Join the ways with a parallel gateway before it.",
    ),
    "never_reached": (
        WARNING,
        "this is never reached: {detail} never lets anything on",
        "Mend what leads here.",
    ),
    "soundness_unknown": (
        NOTE,
        "there are too many ways through this to look at them all",
        "Put parts of it into subprocesses.",
    ),
    "implicit_split": (
        NOTE,
        "several ways leave this at the same time",
        "Draw a parallel gateway if that is meant, an exclusive one if not.",
    ),
    "no_path_to_end": (WARNING, "no end can be reached from here", "Draw a way out of the loop."),
    "loop_without_wait": (
        WARNING,
        "this loop waits for nobody and nothing: {detail}",
        "Make sure that it ends, or put a task or a timer into it.",
    ),
    # gateways and flows
    "condition_missing": (
        ERROR,
        "flow {detail} has no condition and is not the default",
        "Write a condition or make it the default.",
    ),
    "condition_on_default": (ERROR, "the default flow {detail} has a condition", "Remove the condition."),
    "condition_not_allowed": (ERROR, "flow {detail} has a condition, which has no meaning here", "Remove it."),
    "no_default": (
        WARNING,
        "no default flow: if no condition holds, the case stops with an incident",
        "Choose a default flow.",
    ),
    "default_missing": (
        ERROR,
        "the default flow {detail} does not leave this element",
        "Choose the default flow again.",
    ),
    "event_gateway_targets": (
        ERROR,
        "an event gateway leads to something that does not wait for an event",
        "Lead it to catch events or receive tasks.",
    ),
    "event_gateway_incoming": (
        ERROR,
        "an event behind an event gateway has another way in",
        "Give it one incoming flow.",
    ),
    # expressions
    "not_an_expression": (ERROR, "{what} must be an expression", 'Begin it with "=".'),
    "bad_expression": (ERROR, "{what} does not parse: {detail}", "Mend the expression."),
    "missing": (ERROR, "{what} is missing", "Fill it in."),
    "bad_value": (ERROR, "{what} is not valid: {detail}", "Mend it."),
    "bad_timer": (
        ERROR,
        "the timer does not parse: {detail}",
        "Write an ISO 8601 date, duration or cycle, WDn, or a FEEL expression.",
    ),
    "never_set": (
        WARNING,
        "{detail} is read here ({what}), but nothing sets it before",
        "Mend the name, or let a form, a mapping or a result set it.",
    ),
    # references
    "form_missing": (ERROR, "form {detail} is not among the files", "Add the form or mend the id."),
    "decision_missing": (ERROR, "decision {detail} is not among the files", "Add the table or mend the id."),
    "process_missing": (ERROR, "process {detail} is not among the files", "Add the diagram or mend the id."),
    "call_cycle": (
        ERROR,
        "the process calls itself: {detail}",
        "Draw the loop with a gateway, or let the called process end first.",
    ),
    "operation_missing": (
        WARNING,
        "there is no operation {detail}: each case would stop here",
        "Choose one of the operations, or ask for a new one.",
    ),
    "duplicate_message_start": (
        ERROR,
        "message {detail} starts another process of the bundle too",
        "Use another message.",
    ),
    "called_start": (
        ERROR,
        "process {detail} has no start event without a trigger: it cannot be called",
        "Draw one in the called process.",
    ),
    "message_missing": (ERROR, "no message is chosen", "Choose or create a message."),
    "signal_missing": (ERROR, "no signal is chosen", "Choose or create a signal."),
    "correlation_missing": (
        ERROR,
        "message {detail} has no correlation key",
        "Say which value tells one case from another.",
    ),
    "link_target": (ERROR, "link {detail} needs exactly one catching link event", "Draw one with the same name."),
    "link_source": (WARNING, "no throwing link event leads to link {detail}", "Remove it or draw the other half."),
    "compensation_handler": (
        ERROR,
        "the compensation event needs exactly one activity associated with it",
        "Associate one.",
    ),
    "code_missing": (ERROR, "{what} has no code", "Give it a code."),
    # people
    "no_group": (WARNING, "nobody is named who may do this task", "Name candidate groups or an assignee."),
    "group_missing": (
        WARNING,
        "there is no group {detail}: nobody is offered the task",
        "Name a role, or a role and a unit such as kabid:rehsos.",
    ),
    "lane_without_group": (
        WARNING,
        "no task in lane {detail} says who may do it; a lane is only a picture",
        "Name candidate groups at the tasks.",
    ),
    "approval_alone": (
        NOTE,
        "who worked on the case may also approve it",
        "Set the property fourEyes to true, or to false if that is right.",
    ),
    "personal_fact": (
        ERROR,
        "field {detail} is personal and a fact: it would be stored with the process",
        "Keep it in a record only, or ask for a code instead.",
    ),
    "no_form": (NOTE, "the task has no form: it can only be marked as done", "Link a form."),
    "reply_without_timer": (
        WARNING,
        "a reply is awaited without a timer",
        "Add a timer that asks what to do when nothing comes.",
    ),
    "bpmnlint": (NOTE, "bpmnlint, {rule}: {detail}", "See the rule {rule} in bpmnlint's documentation."),
    "gateway_unnamed": (NOTE, "the question at this gateway is not written", "Write it as the gateway's name."),
}


class Findings(list[Finding]):
    """A growing list of findings about one set of files."""

    def add(self, code: str, file: str, element: str = "", name: str = "", **params: str) -> None:
        """Append the catalogue's entry for `code`, filled with `params`."""
        severity, reason, mend = CATALOGUE[code]
        values = {"detail": "", "hint": "", **params}
        self.append(
            Finding(code, severity, file, element, reason.format(**values), mend.format(**values), name, params)
        )

    def errors(self) -> list[Finding]:
        """Those that make a deploy impossible."""
        return [finding for finding in self if finding.severity == ERROR]
