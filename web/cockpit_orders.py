"""Orders of operators for one instance or incident: say why, read what will happen, then do it."""

import secrets
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import NotFound as NoPage

from engine.casework import bundle, operation, orders
from engine.casework.orders import Order, Outlook
from engine.errors import InvalidForm
from engine.permissions import Area
from engine.queries import instance_page
from engine.queries import operation as queries
from web import cockpit_words as words
from web import formats
from web.area import requires_area
from web.auth import current_actor
from web.db import session
from web.i18n import pick
from web.pages import render
from web.words import Words, name

blueprint = Blueprint("orders", __name__, url_prefix="/operation")

FIELDS = ("token", "to", "scope_name", "value", "timer")
Errors = Mapping[str, Sequence[str]]
TITLES: Words = {
    "suspend": _("Tahan proses ini"),
    "resume": _("Lanjutkan proses ini"),
    "cancel": _("Batalkan proses ini"),
    "move": _("Pindahkan penanda"),
    "correct": _("Perbaiki fakta"),
    "fire": _("Picu sekarang"),
    "retry": _("Coba lagi"),
}
DONE: Words = {
    "suspend": _("Proses ditahan."),
    "resume": _("Proses dilanjutkan."),
    "cancel": _("Proses dibatalkan."),
    "move": _("Penanda dipindahkan."),
    "correct": _("Fakta diperbaiki."),
    "fire": _("Pengatur waktu dipicu."),
}
EFFECTS: Words = {
    "suspend": _(
        "Selama ditahan tidak ada yang bergerak: tugasnya tidak dapat diselesaikan, waktunya tidak berjalan, "
        "kabar untuknya disimpan dahulu."
    ),
    "resume": _("Proses bergerak lagi. Waktu yang sudah lewat langsung berlaku."),
    "cancel": _("Proses berakhir di sini dan tidak dapat dihidupkan lagi."),
    "move": _(
        "Yang menunggu di tempat lama dibatalkan, yang di tempat baru dimulai. Langkah di antaranya tidak dikerjakan."
    ),
    "correct": _("Keputusan yang sudah diambil dengan nilai lama tidak diulang."),
    "fire": _("Yang dilakukan alur saat waktunya tiba terjadi sekarang juga, dan tidak dapat ditarik kembali."),
}
MISTAKES: Words = {
    "required": _("Tuliskan alasannya, sedikitnya lima huruf."),
    "long_number": _("Jangan menulis NIK, nomor KK, atau nomor telepon."),
    "no_feel": _('Nilai ini tidak dapat dibaca. Teks ditulis dalam tanda kutip, misalnya "ya".'),
    "other_kind": _("Jenis nilainya harus tetap sama."),
    "same": _("Nilainya sama dengan yang lama."),
    "missing": _("Pilih salah satu."),
    "no_value": _("Tuliskan nilai barunya."),
    "nothing_chosen": _("Tidak ada proses yang cocok untuk tindakan ini."),
}


@blueprint.get("/instances/<int:instance_id>/orders/<action>")
@requires_area(Area.OPERATION)
def ask(instance_id: int, action: str) -> str:
    """What is to be done, and why."""
    orders.check_visible(session(), current_actor(), instance_id)
    return _ask_page(Order(_known(action), instance_id, _values(request.args)), {}, "")


@blueprint.post("/instances/<int:instance_id>/orders/<action>")
@requires_area(Area.OPERATION)
def send(instance_id: int, action: str) -> ResponseReturnValue:
    """First say in words what will happen; done once it is confirmed."""
    actor, reason = current_actor(), request.form.get("reason", "")
    orders.check_visible(session(), actor, instance_id)
    order = Order(_known(action), instance_id, _values(request.form))
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    try:
        if request.form.get("sure"):
            orders.do(session(), actor, order, reason, key)
            flash(str(DONE[order.action]), "success")
            return redirect(url_for("instances.show", instance_id=instance_id), 303)
        missing = {
            field: ["no_value" if field == "value" else "missing"]
            for field in _asked(order)
            if not order.values.get(field)
        }
        if missing:
            raise InvalidForm(missing)
        operation.reason_of(reason)
        outlook = orders.look(session(), actor, order)
    except InvalidForm as error:
        return _ask_page(order, error.messages, reason), 422
    return _sure_page(order, outlook, reason, key)


def _known(action: str) -> str:
    if action not in orders.ACTIONS:
        raise NoPage
    return action


def _asked(order: Order) -> tuple[str, ...]:
    return {"move": ("token", "to"), "correct": ("scope_name", "value"), "fire": ("timer",)}.get(order.action, ())


def _values(given: Mapping[str, str]) -> dict[str, str]:
    found = {field: given.get(field, "") for field in FIELDS}
    scope, _sep, fact = found["scope_name"].partition("|")
    return found | {"scope": scope, "name": fact}


def _ask_page(order: Order, wrong: Errors, reason: str) -> str:
    actor = current_actor()
    row = instance_page.find(session(), actor, order.instance_id)
    names = instance_page.NamesOf(session(), row.definition_id)
    return render(
        "operation/order.html",
        order=order,
        row=row,
        names=instance_page.called(session(), row),
        title=str(TITLES[order.action]),
        effect=str(EFFECTS[order.action]),
        errors={field: [name(MISTAKES, code) for code in codes] for field, codes in wrong.items()},
        reason=reason,
        choices=_choices(order, names),
    )


def _choices(order: Order, names: instance_page.NamesOf) -> dict[str, list[tuple[str, str]]]:
    """The options of what an order asks for."""
    actor = current_actor()
    if order.action == "fire":
        timers = instance_page.page(session(), actor, order.instance_id).timers
        return {"timer": [(str(one.id), f"{pick(*one.names)} · {formats.datetime_text(one.due_at)}") for one in timers]}
    if order.action == "correct":
        page = instance_page.page(session(), actor, order.instance_id)
        return {
            "scope_name": [
                (f"{scope.key}|{fact.name}", f"{fact.name} = {fact.text}")
                for scope in page.facts
                for fact in scope.facts
                if fact.text is not None
            ]
        }
    if order.action != "move":
        return {}
    tokens = orders.tokens(session(), actor, order.instance_id)
    token = order.values["token"] or (tokens[0][0] if len(tokens) == 1 else "")
    chosen = next((one for one, _place in tokens if one == token), "")
    targets = orders.targets(session(), actor, order.instance_id, chosen) if chosen else []
    return {
        "token": [(one, pick(*names.at(*place))) for one, place in tokens],
        "chosen": [(chosen, "")] if chosen else [],
        "to": [(element_id, pick(*names.at(process_id, element_id))) for process_id, element_id in targets],
    }


def _sure_page(order: Order, outlook: Outlook, reason: str, key: str) -> str:
    row = instance_page.find(session(), current_actor(), order.instance_id)
    names = instance_page.NamesOf(session(), row.definition_id)
    return render(
        "operation/sure.html",
        back=url_for("instances.show", instance_id=row.id),
        about=f"{pick(*instance_page.called(session(), row))} · {row.business_key}",
        title=str(TITLES[order.action]),
        effect=str(EFFECTS[order.action]),
        lines=_lines(order, outlook, names),
        reason=reason,
        fields={field: text for field in FIELDS if (text := order.values[field])},
        key=key,
        is_final=order.action == "cancel",
    )


def _lines(order: Order, outlook: Outlook, names: instance_page.NamesOf) -> list[str]:
    """What will happen, a sentence each."""
    ends = [pick(*names.at(*place)) for place in outlook.ends]
    begins = [pick(*names.at(*place)) for place in outlook.begins]
    found = []
    if order.action == "correct":
        values = {"name": order.values["name"], "old": outlook.old, "new": outlook.new}
        found.append(gettext("Fakta %(name)s: dari %(old)s menjadi %(new)s.", **values))
    if ends:
        found.append(gettext("Tidak lagi ditunggu: %(places)s.", places=", ".join(ends)))
    if begins:
        found.append(gettext("Mulai ditunggu: %(places)s.", places=", ".join(begins)))
    found += [gettext("Proses akan terhenti: %(why)s.", why=name(words.PROBLEMS, code)) for code in outlook.stops]
    if outlook.is_over and order.action != "cancel":
        found.append(gettext("Proses akan berakhir."))
    return found


# -- bundle -----------------------------------------------------------------------------------------------------------


@blueprint.get("/instances/<int:instance_id>/bundle")
@requires_area(Area.OPERATION)
def ask_bundle(instance_id: int) -> str:
    """Why somebody takes home what reproduces a fault."""
    return _bundle_page(instance_id, {}, "")


@blueprint.post("/instances/<int:instance_id>/bundle")
@requires_area(Area.OPERATION)
def take_bundle(instance_id: int) -> ResponseReturnValue:
    """The bundle as a file."""
    reason = request.form.get("reason", "")
    try:
        body = bundle.make(session(), current_actor(), instance_id, reason)
    except InvalidForm as error:
        return _bundle_page(instance_id, error.messages, reason), 422
    disposition = f'attachment; filename="pilar-instance-{instance_id}.zip"'
    return Response(body, mimetype="application/zip", headers={"Content-Disposition": disposition})


def _bundle_page(instance_id: int, wrong: Errors, reason: str) -> str:
    row = instance_page.find(session(), current_actor(), instance_id)
    return render(
        "operation/bundle.html",
        row=row,
        names=instance_page.called(session(), row),
        tab="bundle",
        reason=reason,
        errors={field: [name(MISTAKES, code) for code in codes] for field, codes in wrong.items()},
    )


# -- incidents --------------------------------------------------------------------------------------------------------


@blueprint.get("/incidents/<int:incident_id>/retry")
@requires_area(Area.OPERATION)
def ask_retry(incident_id: int) -> str:
    """Why one incident, or all that are alike, are to be tried again."""
    return _retry_page(incident_id, bool(request.args.get("alike")), {}, "")


@blueprint.post("/incidents/<int:incident_id>/retry")
@requires_area(Area.OPERATION)
def retry(incident_id: int) -> ResponseReturnValue:
    """Say what will be tried again; then do it."""
    reason, alike = request.form.get("reason", ""), bool(request.form.get("alike"))
    key = request.form.get("_key") or secrets.token_urlsafe(12)
    try:
        if request.form.get("sure"):
            count = orders.retry(session(), current_actor(), incident_id, reason, key, alike=alike)
            flash(ngettext("%(num)d insiden dicoba lagi.", "%(num)d insiden dicoba lagi.", count), "success")
            return redirect(url_for("cockpit.index"), 303)
        operation.reason_of(reason)
    except InvalidForm as error:
        return _retry_page(incident_id, alike, error.messages, reason), 422
    row = queries.incident(session(), current_actor(), incident_id)
    count = queries.alike(session(), current_actor(), incident_id) if alike else 1
    text = ngettext("%(num)d insiden dicoba lagi: %(why)s.", "%(num)d insiden dicoba lagi: %(why)s.", count,
                    why=name(words.PROBLEMS, row.code))  # fmt: skip
    return render(
        "operation/sure.html",
        back=url_for("cockpit.index"),
        about=pick(*row.names) or row.element_id,
        title=str(TITLES["retry"]),
        effect=_retry_effect(),
        lines=[text],
        reason=reason,
        fields={"alike": "1"} if alike else {},
        key=key,
        is_final=False,
    )


def _retry_effect() -> str:
    return gettext("Langkah itu dicoba sekali lagi dari awal. Bila sebabnya masih ada, insidennya muncul kembali.")


def _retry_page(incident_id: int, alike: bool, wrong: Errors, reason: str) -> str:
    row = queries.incident(session(), current_actor(), incident_id)
    return render(
        "operation/retry.html",
        incident=row,
        alike=alike,
        effect=_retry_effect(),
        title=str(TITLES["retry"]),
        errors={field: [name(MISTAKES, code) for code in codes] for field, codes in wrong.items()},
        reason=reason,
    )
