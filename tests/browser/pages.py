"""Every page of Pilar once: who opens it and what it is about; and every form with something wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Visit:
    """A page as one of the demo's people sees it. `thing`: what the address's id names (tests/browser/things.py)."""

    who: str
    endpoint: str
    thing: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    # A part that is drawn later (a diagram, the editor): its selector once it is there.
    ready: str = ""
    status: int = 200

    @property
    def name(self) -> str:
        """What a report of a problem calls it."""
        return " ".join(part for part in (self.who, self.endpoint, self.thing, *self.values.values()) if part)


NOBODY = ""
ARCHIVED = "99.01.01-2019-000007"
DRAWN = "[data-diagram][data-ready]"
PAGES = (
    Visit(NOBODY, "signin.show"),
    Visit("psm01", "register.search"),
    Visit("psm01", "register.report"),
    Visit("psm01", "register.receipt", "reported"),
    Visit("psm01", "profile.more"),
    Visit("tksk01", "inbox.index"),
    Visit("tksk01", "inbox.index", values={"tab": "queue"}),
    Visit("tksk01", "inbox.index", values={"tab": "done"}),
    Visit("tksk01", "inbox.index", values={"process": "rehabilitation"}),
    Visit("tksk01", "tasks.show", "task", ready=DRAWN),
    Visit("tksk01", "tasks.show", "long task"),
    Visit("tksk01", "tasks.show", "finished"),
    Visit("tksk01", "tasks.records", "long task"),
    Visit("bo01", "tasks.show", "review"),
    Visit("tksk01", "cases.index"),
    Visit("tksk01", "cases.index", values={"state": "closed"}),
    Visit("tksk01", "cases.index", values={"q": ARCHIVED}),
    Visit("tksk01", "cases.show", "archived", status=410),
    Visit("tksk01", "cases.show", "case"),
    Visit("tksk01", "cases.answers", "case"),
    Visit("tksk01", "cases.story", "case"),
    Visit("tksk01", "cases.walked", "case", ready=DRAWN),
    Visit("tksk01", "case_events.show", "case"),
    Visit("tksk01", "cases.break_glass"),
    Visit("tksk01", "people.index"),
    Visit("tksk01", "people.show", "person"),
    Visit("tksk01", "profile.show"),
    Visit("fo01", "intake.index"),
    Visit("fo01", "intake.show", values={"name": "laporan_bpbd"}),
    Visit("kb_linjamsos", "approvals.index"),
    Visit("kb_linjamsos", "approvals.show", "decision"),
    Visit("kb_rehsos", "approvals.show", "returned"),
    Visit("kb_rehsos", "cases.show", "restricted"),
    Visit("kb_rehsos", "team.index"),
    Visit("kd01", "approvals.index"),
    Visit("analis01", "studio.index"),
    Visit("analis01", "studio.family", values={"family": "case"}),
    Visit("analis01", "studio.version", "version", ready=DRAWN),
    Visit("analis01", "studio.draft", "draft"),
    Visit("analis01", "studio.edit", "draft", {"name": "pkh/pkh.bpmn"}, "[data-editor][data-ready]"),
    Visit("analis01", "studio.edit", "draft", {"name": "pkh/pkh.bpmn", "text": "1"}),
    Visit("analis02", "studio.draft", "draft"),
    Visit("operator01", "cockpit.index"),
    Visit("operator01", "cockpit.queues"),
    Visit("operator01", "instances.index"),
    Visit("operator01", "instances.version", "version", ready=DRAWN),
    Visit("operator01", "instances.show", "running", ready=DRAWN),
    Visit("operator01", "instances.past", "running"),
    *(Visit("operator01", "orders.ask", "running", {"action": action}) for action in ("suspend", "move", "correct")),
    Visit("operator01", "orders.ask", "timed", {"action": "fire"}),
    Visit("operator01", "orders.ask_retry", "incident"),
    Visit("operator01", "orders.ask_bundle", "running"),
    Visit("operator01", "batches.index"),
    Visit("operator01", "batches.ask", "version"),
    Visit("operator01", "batches.show", "batch"),
    Visit("operator01", "migrations.ask", "version"),
    Visit("operator01", "cockpit.agencies"),
    Visit("operator01", "cockpit.reply", "awaited"),
    Visit("admin01", "workers.index"),
    Visit("admin01", "workers.new"),
    Visit("admin01", "workers.show", "worker"),
    Visit("admin01", "workers.settings"),
    Visit("dpo01", "access.index"),
    Visit("dpo01", "access.chain"),
)
# What answers a GET with something else than a page of its own.
NOT_PAGES = {
    "signin.home",  # leads each role to its first page: a test of its own
    "assets.file",
    "health.alive",
    "health.ready",
    "documents.show",
    "tasks.diagram",
    "tasks.following",
    "cases.diagram",
    "studio.version_file",
    "instances.diagram",
    "studio.draft_file",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """A form of a page, sent to an endpoint; `choice` is the value of the button pressed."""

    visit: Visit
    endpoint: str
    typed: Mapping[str, str] = field(default_factory=dict)
    choice: str = ""

    @property
    def name(self) -> str:
        """What a report of a problem calls it."""
        return f"{self.visit.who} sends {self.endpoint}"


# Something is wrong or missing: the page comes back, says so, and leads to it.
MISTAKES = (
    Sending(Visit(NOBODY, "signin.show"), "signin.sign_in", {"username": "tksk02", "password": "bukan ini"}),
    Sending(Visit("psm01", "register.report"), "register.send", {"client_nik": "12345"}, "register"),
    Sending(Visit("tksk01", "tasks.show", "task"), "tasks.send", choice="complete"),
    Sending(Visit("tksk01", "tasks.show", "long task"), "tasks.send", choice="complete"),
    Sending(Visit("tksk01", "cases.show", "case"), "cases.add_note"),
    Sending(Visit("tksk01", "cases.show", "case"), "cases.add_document"),
    Sending(Visit("tksk01", "cases.show", "case"), "cases.numbers"),
    Sending(Visit("tksk01", "case_events.show", "case"), "case_events.report"),
    Sending(Visit("tksk01", "cases.break_glass"), "cases.open_in_emergency", {"case_no": "99"}),
    Sending(Visit("tksk01", "people.show", "person"), "people.numbers"),
    Sending(Visit("tksk01", "profile.show"), "profile.change_password", {"current": "bukan ini"}),
    Sending(Visit("fo01", "intake.show", values={"name": "laporan_bpbd"}), "intake.take_in"),
    Sending(Visit("kb_linjamsos", "approvals.show", "decision"), "approvals.decide", choice="reject"),
    Sending(Visit("kb_rehsos", "cases.show", "restricted"), "cases.grant"),
    Sending(Visit("analis01", "studio.draft", "draft"), "studio.submit"),
    Sending(Visit("operator01", "cockpit.reply", "awaited"), "cockpit.send_reply"),
    Sending(Visit("operator01", "orders.ask", "running", {"action": "correct"}), "orders.send", {"reason": "Uji"}),
    Sending(Visit("operator01", "orders.ask", "timed", {"action": "fire"}), "orders.send", {"reason": "Uji"}),
    Sending(Visit("operator01", "orders.ask_retry", "incident"), "orders.retry"),
    Sending(Visit("operator01", "orders.ask_bundle", "running"), "orders.take_bundle"),
    Sending(Visit("operator01", "batches.ask", "version"), "batches.send"),
    Sending(Visit("operator01", "migrations.ask", "version"), "migrations.send"),
    Sending(Visit("admin01", "workers.new"), "workers.add"),
    Sending(Visit("admin01", "workers.show", "worker"), "workers.change", {"name": ""}),
    Sending(Visit("admin01", "workers.settings"), "workers.set_value", {"value": "banyak"}),
)
# Pages that only a sent form leads to.
ANSWERS = (
    Sending(Visit("psm01", "register.search"), "register.results", {"q": "Contoh"}),
    Sending(Visit("psm01", "register.search"), "register.results", {"q": "Tidak Dikenal"}),
    Sending(Visit("tksk01", "people.index"), "people.results", {"q": "Contoh"}),
    Sending(Visit("tksk01", "cases.index"), "cases.find", {"q": "tidak ada yang cocok"}),
    Sending(Visit("tksk01", "inbox.index"), "inbox.find", {"q": "tidak ada yang cocok"}),
    Sending(Visit("tksk01", "cases.show", "case"), "cases.numbers", {"reason": "Mencocokkan dengan kartu keluarga"}),
    Sending(Visit("kb_rehsos", "team.index"), "team.assign"),
    Sending(Visit("operator01", "orders.ask", "running", {"action": "cancel"}), "orders.send", {"reason": "Keliru"}),
    Sending(Visit("operator01", "orders.ask_retry", "incident"), "orders.retry", {"reason": "Jaringan pulih"}),
    Sending(Visit("admin01", "workers.show", "worker"), "workers.reset"),
    Sending(Visit("admin01", "workers.settings"), "workers.set_day", {"on": "2027-03-01", "name": "Hari jadi"}),
)
# What a form changes without a page of its own: it leads back to a page that stands above.
LEADS_BACK = {
    "batches.stop",
    "batches.take_back",
    "signin.sign_out",
    "signin.choose_language",
    "profile.save_settings",
    "profile.close_session",
    "inbox.claim",
    "inbox.release",
    "tasks.save_draft",
    "tasks.answers",
    "tasks.add_document",
    "register.answers",
    "studio.open_draft",
    "studio.save",
    "studio.check",
    "studio.send_back",
    "studio.publish",
    "studio.discard",
    "cockpit.handed_over",
    "workers.active",
}
