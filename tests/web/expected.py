"""The permission matrix as data: for each route who may enter, what it is about, who may do it. Reviewed like a law.

Keys of workers: a role ("tksk": works in 99.01.01), "@other" (works in 99.01.02), "+duty" (restricted cases too),
"+named" (named for the restricted case). A worker who may not enter gets 403 for the whole part of the product; one who
may not see the thing gets the 404 of a thing that is not there; one who sees it but may not do it gets 403.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = (
    "tksk", "psm", "pendamping_pkh", "tagana", "peksos", "fo", "bo", "kabid", "kadis", "camat", "analyst", "operator",
    "admin", "dpo",
)  # fmt: skip
EVERYBODY = frozenset(ROLES)
READERS = frozenset({"tksk", "peksos", "fo", "bo", "kabid", "kadis"})  # the cases of their regions
VOLUNTEERS = frozenset({"psm", "pendamping_pkh", "tagana"})  # the cases of their own work
CASEWORK = READERS | VOLUNTEERS
WITH_TASKS = CASEWORK | {"camat"}  # a camat asks for the decree in a disaster, and sees no case
REGISTERS = frozenset({"psm", "tksk", "fo", "peksos", "tagana", "pendamping_pkh"})
INTAKE = frozenset({"fo", "operator", "tksk", "tagana", "bo"})
SUPERVISES = frozenset({"kabid", "kadis"})
LOOKS_AT_PROCESSES = frozenset({"analyst", "operator", "kabid", "kadis"})
ANALYSTS, OPERATORS = frozenset({"analyst"}), frozenset({"operator"})
ADMINS, OFFICERS = frozenset({"admin"}), frozenset({"dpo"})

ON_DUTY = frozenset({"tksk+duty", "kabid+duty", "tksk+all"})
NAMED = ON_DUTY | {"fo+named"}
HERE = NAMED | READERS  # workers who read a normal case of 99.01.01 by their role
# (thing, kind) -> who may know that it exists. The normal case was opened by "psm".
SEES: Mapping[tuple[str, str], frozenset[str]] = {
    ("case", "normal"): HERE | {"psm"},
    ("case", "restricted"): NAMED,
    ("person", "normal"): HERE | VOLUNTEERS,
    ("person", "restricted"): NAMED,
    ("document", "normal"): HERE | {"psm"},
    ("document", "restricted"): NAMED,
    ("task", "normal"): HERE | {"psm"},
    ("task", "restricted"): NAMED,
    ("closed", "normal"): HERE | {"psm"},
    ("closed", "restricted"): NAMED,
    ("decision", "normal"): HERE | {"psm"},
    ("decision", "restricted"): NAMED,
    # What runs for a restricted case is for operators on restricted duty.
    ("instance", "normal"): frozenset({"operator", "operator@other", "operator+duty"}),
    ("instance", "restricted"): frozenset({"operator+duty"}),
    # Who registered a report keeps its number, also when the case is closed to them.
    ("receipt", "normal"): frozenset({"psm"}),
    ("receipt", "restricted"): frozenset({"psm"}),
}
ASSESSES = frozenset({"tksk", "tksk+duty", "tksk+all"})
DECIDES = frozenset({"kabid", "kabid+duty"})
UNMASKS = HERE


@dataclass(frozen=True, slots=True)
class Route:
    """`roles`: who may enter (None: anybody at all). `thing`: what the id names; `does`: who may do it."""

    roles: frozenset[str] | None
    thing: str = ""
    does: frozenset[str] | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


EXPECTED: Mapping[tuple[str, str], Route] = {
    # open to everybody
    ("GET", "assets.file"): Route(None, options={"name": "manifest.json"}),
    ("GET", "health.alive"): Route(None),
    ("GET", "health.ready"): Route(None),
    ("GET", "signin.show"): Route(None),
    ("POST", "signin.sign_in"): Route(None),
    ("POST", "signin.choose_language"): Route(None),
    # one's own
    ("GET", "signin.home"): Route(EVERYBODY),
    ("POST", "signin.sign_out"): Route(EVERYBODY),
    ("GET", "profile.show"): Route(EVERYBODY),
    ("GET", "profile.more"): Route(EVERYBODY),
    ("POST", "profile.save_settings"): Route(EVERYBODY),
    ("POST", "profile.change_password"): Route(EVERYBODY),
    ("POST", "profile.close_session"): Route(EVERYBODY, "session"),
    # work
    ("GET", "inbox.index"): Route(WITH_TASKS),
    ("POST", "inbox.find"): Route(WITH_TASKS, form={"q": "Rahasia"}),
    ("POST", "inbox.claim"): Route(WITH_TASKS, "task", ASSESSES),
    ("POST", "inbox.release"): Route(WITH_TASKS, "task", frozenset()),  # nobody has it
    ("GET", "tasks.show"): Route(WITH_TASKS, "task"),
    ("POST", "tasks.send"): Route(WITH_TASKS, "task", ASSESSES),
    ("POST", "tasks.save_draft"): Route(WITH_TASKS, "task", ASSESSES),
    ("POST", "tasks.answers"): Route(WITH_TASKS, "task"),
    ("GET", "tasks.diagram"): Route(WITH_TASKS, "task"),
    ("GET", "tasks.following"): Route(WITH_TASKS, "closed"),
    ("GET", "tasks.records"): Route(WITH_TASKS, "task"),
    ("POST", "tasks.add_document"): Route(WITH_TASKS, "task"),
    # cases, people, documents
    ("GET", "cases.index"): Route(CASEWORK),
    ("POST", "cases.find"): Route(CASEWORK, form={"q": "Rahasia"}),
    ("GET", "cases.show"): Route(CASEWORK, "case"),
    ("GET", "cases.answers"): Route(CASEWORK, "case"),
    ("GET", "cases.story"): Route(CASEWORK, "case"),
    ("GET", "cases.walked"): Route(CASEWORK, "case"),
    ("GET", "cases.diagram"): Route(CASEWORK, "case", options={"process_id": "case"}),
    ("POST", "cases.add_note"): Route(CASEWORK, "case", form={"body": "x"}),
    ("POST", "cases.add_document"): Route(CASEWORK, "case"),
    ("POST", "cases.numbers"): Route(CASEWORK, "case", UNMASKS, form={"reason": "pengecekan"}),
    ("POST", "cases.grant"): Route(SUPERVISES, "case", form={"worker": "1"}),
    ("GET", "case_events.show"): Route(CASEWORK, "case"),
    ("POST", "case_events.report"): Route(CASEWORK, "case"),
    ("GET", "cases.break_glass"): Route(CASEWORK),
    ("POST", "cases.open_in_emergency"): Route(CASEWORK, does=READERS, form={"case_no": "99.01.01-2026-999999"}),
    ("GET", "documents.show"): Route(CASEWORK, "document"),
    ("GET", "people.index"): Route(CASEWORK),
    ("POST", "people.results"): Route(CASEWORK, form={"q": "Rahasia"}),
    ("GET", "people.show"): Route(CASEWORK, "person"),
    ("POST", "people.numbers"): Route(CASEWORK, "person", UNMASKS, form={"reason": "pengecekan"}),
    ("GET", "register.search"): Route(REGISTERS),
    ("POST", "register.results"): Route(REGISTERS, form={"q": "Rahasia"}),
    ("GET", "register.report"): Route(REGISTERS),
    ("POST", "register.send"): Route(REGISTERS),
    ("POST", "register.answers"): Route(REGISTERS),
    ("GET", "register.receipt"): Route(REGISTERS, "receipt"),
    # supervisors
    ("GET", "approvals.index"): Route(SUPERVISES),
    ("GET", "approvals.show"): Route(SUPERVISES, "decision"),
    ("POST", "approvals.decide"): Route(SUPERVISES, "decision", DECIDES, form={"decision": "approve"}),
    ("GET", "team.index"): Route(SUPERVISES),
    ("POST", "team.assign"): Route(SUPERVISES),
    # processes
    ("GET", "studio.index"): Route(LOOKS_AT_PROCESSES),
    ("GET", "studio.family"): Route(LOOKS_AT_PROCESSES, options={"family": "case"}),
    ("GET", "studio.version"): Route(LOOKS_AT_PROCESSES, "definition"),
    ("GET", "studio.version_file"): Route(LOOKS_AT_PROCESSES, "definition", options={"name": "case/case.bpmn"}),
    ("POST", "studio.open_draft"): Route(ANALYSTS, options={"family": "case"}),
    ("GET", "studio.draft"): Route(ANALYSTS, "draft"),
    ("GET", "studio.draft_file"): Route(ANALYSTS, "draft", options={"name": "case/case.bpmn"}),
    ("GET", "studio.edit"): Route(ANALYSTS, "draft", options={"name": "case/case.bpmn"}),
    ("POST", "studio.save"): Route(
        ANALYSTS, "draft", ANALYSTS, {"rev": "1", "body": "x"}, options={"name": "case/case.bpmn"}
    ),
    ("POST", "studio.check"): Route(ANALYSTS, "draft", options={"name": "case/case.bpmn"}),
    ("POST", "studio.submit"): Route(ANALYSTS, "draft", ANALYSTS, {"rev": "1", "comment": "Mengubah teks"}),
    ("POST", "studio.send_back"): Route(ANALYSTS, "draft"),
    ("POST", "studio.publish"): Route(ANALYSTS, "draft"),
    ("POST", "studio.discard"): Route(ANALYSTS, "draft", ANALYSTS),
    # operators
    ("GET", "intake.index"): Route(INTAKE),
    ("GET", "intake.show"): Route(INTAKE, options={"name": "laporan_bpbd"}),
    ("POST", "intake.take_in"): Route(INTAKE, options={"name": "laporan_bpbd"}),
    ("GET", "cockpit.index"): Route(OPERATORS),
    ("GET", "orders.ask_bundle"): Route(OPERATORS, "instance"),
    ("POST", "orders.take_bundle"): Route(OPERATORS, "instance", form={"reason": "Gangguan"}),
    ("GET", "batches.index"): Route(OPERATORS),
    ("GET", "batches.ask"): Route(OPERATORS, "definition"),
    ("POST", "batches.send"): Route(OPERATORS, "definition"),
    ("GET", "batches.show"): Route(OPERATORS, "batch"),
    ("POST", "batches.take_back"): Route(OPERATORS, "migration"),
    ("GET", "migrations.ask"): Route(OPERATORS, "definition"),
    ("POST", "migrations.send"): Route(OPERATORS, "definition"),
    ("POST", "batches.stop"): Route(OPERATORS, "batch"),
    ("GET", "orders.ask_retry"): Route(OPERATORS, "incident"),
    ("POST", "orders.retry"): Route(OPERATORS, "incident"),
    ("GET", "orders.ask"): Route(OPERATORS, "instance", options={"action": "suspend"}),
    ("POST", "orders.send"): Route(OPERATORS, "instance", options={"action": "suspend"}),
    ("GET", "cockpit.queues"): Route(OPERATORS),
    ("GET", "instances.index"): Route(OPERATORS),
    ("GET", "instances.version"): Route(OPERATORS, "definition"),
    ("GET", "instances.diagram"): Route(OPERATORS, "definition", options={"process_id": "case"}),
    ("GET", "instances.show"): Route(OPERATORS, "instance"),
    ("GET", "instances.past"): Route(OPERATORS, "instance"),
    ("GET", "cockpit.agencies"): Route(OPERATORS),
    ("POST", "cockpit.handed_over"): Route(OPERATORS, "outbox"),
    ("GET", "cockpit.reply"): Route(OPERATORS, "subscription"),
    ("POST", "cockpit.send_reply"): Route(OPERATORS, "subscription", form={"message_id": "m-1"}),
    # admins
    ("GET", "workers.index"): Route(ADMINS),
    ("GET", "workers.new"): Route(ADMINS),
    ("POST", "workers.add"): Route(ADMINS),
    ("GET", "workers.show"): Route(ADMINS, "worker"),
    ("POST", "workers.change"): Route(ADMINS, "worker"),
    ("POST", "workers.active"): Route(ADMINS, "worker"),
    ("POST", "workers.reset"): Route(ADMINS, "worker"),
    ("GET", "workers.settings"): Route(ADMINS),
    ("POST", "workers.set_value"): Route(ADMINS),
    ("POST", "workers.set_day"): Route(ADMINS),
    # the data protection officer
    ("GET", "access.index"): Route(OFFICERS),
    ("GET", "access.chain"): Route(OFFICERS),
}


def role_of(who: str) -> str:
    """ "tksk+duty@other" -> "tksk"."""
    return who.partition("@")[0].partition("+")[0]


def expected(route: Route, who: str, kind: str) -> int:
    """200 (the request is served, also when it is then refused for what it says), 403 or 404."""
    if route.roles is None:
        return 200
    if role_of(who) not in route.roles:
        return 403
    if (route.thing, kind) in SEES and who not in SEES[route.thing, kind]:
        return 404
    if route.does is None or who in route.does:
        return 200
    # Where nothing depends on a region, the role decides (drafts: who wrote them).
    is_by_role = (route.thing, kind) not in SEES and route.thing != "draft"
    return 200 if is_by_role and role_of(who) in route.does else 403
