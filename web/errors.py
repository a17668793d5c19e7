"""Errors to pages: the only place with HTTP numbers. Each page says what to do next."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from engine import errors
from web import auth
from web.pages import wants_json

log = logging.getLogger(__name__)

STATUS: Mapping[type[errors.EngineError], int] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.IdempotencyMismatch: 409,
    errors.InvalidForm: 422,
    errors.InvalidDefinition: 422,
    errors.TooManyAttempts: 429,
    auth.SignInNeeded: 401,
    errors.EngineError: 422,
}
"""Engine error -> HTTP status; the nearest class counts."""


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page, or with problem+json where JSON was asked for."""
    app.register_error_handler(auth.SignInNeeded, _ask_to_sign_in)
    app.register_error_handler(errors.EngineError, _refused)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InternalServerError, _broken)


def status_of(error: errors.EngineError) -> int:
    """The HTTP status of an engine error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _refused(error: errors.EngineError) -> Response:
    response = _answer(status_of(error), error.code, **_details(error))
    if isinstance(error, errors.TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _stale(_error: StaleDataError) -> Response:
    # The version column of a row did not fit: somebody saved it between our read and our write.
    return _answer(409, "conflict")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    response = _answer(status, f"http_{status}")
    if status == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _broken(error: InternalServerError) -> Response:
    reference = secrets.token_hex(4)
    cause = error.original_exception
    log.error("broken reference=%s endpoint=%s error=%s", reference, request.endpoint, type(cause or error).__name__)
    # What the request had begun may be what broke: the page is drawn without touching it.
    return _answer(500, "internal_error", reference=reference)


def _ask_to_sign_in(error: auth.SignInNeeded) -> Response:
    if wants_json():
        return _answer(401, error.code)
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not _is_htmx() else None
    address = url_for("signin.show", next=wanted)
    if _is_htmx():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, 303))


def _answer(status: int, code: str, **details: Any) -> Response:
    if wants_json():
        body = {"type": "about:blank", "status": status, "code": code, "title": _title(status, code), **details}
        response = jsonify({key: value for key, value in body.items() if value is not None})
        response.status_code = status
        response.mimetype = "application/problem+json"
        return response
    page = render_template("error/page.html", status=status, code=code, title=_title(status, code),
                           advice=_advice(status, code, details), actor=g.get("actor"), **details)  # fmt: skip
    return make_response(page, status)


def _details(error: errors.EngineError) -> dict[str, Any]:
    if isinstance(error, errors.InvalidForm):
        return {"messages": {key: list(lines) for key, lines in error.messages.items()}}
    if isinstance(error, errors.InvalidDefinition):
        return {"problems": list(error.problems)}
    if isinstance(error, errors.TooManyAttempts):
        return {"retry_after": error.retry_after}
    return {}


def _title(status: int, code: str) -> str:
    """What happened, in a few words."""
    by_code = {
        "task_not_open": gettext("Tugas ini sudah tidak terbuka"),
        "forged_request": gettext("Halaman ini sudah kedaluwarsa"),
        "wrong_role": gettext("Halaman ini untuk peran lain"),
        "four_eyes": gettext("Perlu orang lain untuk langkah ini"),
        "invalid_definition": gettext("Alur ini belum dapat dijalankan"),
        "idempotency_mismatch": gettext("Permintaan ini sudah pernah dikirim"),
    }
    by_status = {
        401: gettext("Masuk dahulu"),
        403: gettext("Ini tidak dapat Anda lakukan"),
        404: gettext("Halaman tidak ditemukan"),
        405: gettext("Halaman tidak dapat dibuka dengan cara ini"),
        409: gettext("Orang lain lebih dahulu"),
        413: gettext("Berkas terlalu besar"),
        422: gettext("Isian perlu diperbaiki"),
        429: gettext("Terlalu banyak percobaan"),
    }
    return by_code.get(code) or by_status.get(status) or gettext("Pilar sedang bermasalah")


def _advice(status: int, code: str, details: Mapping[str, Any]) -> str:
    """What to do next, in one or two sentences."""
    minutes = max(1, round(details.get("retry_after", 0) / 60))
    by_code = {
        "task_not_open": gettext("Tugas sudah diambil, diselesaikan, atau dibatalkan. Buka daftar tugas untuk melihat yang terbaru."),
        "forged_request": gettext("Kembali, muat ulang halamannya, lalu kirim lagi. Yang sudah tersimpan sebagai draf tidak hilang."),
        "wrong_role": gettext("Bila Anda memerlukannya, mintalah pengelola akun menambahkan peran itu."),
        "four_eyes": gettext("Anda sudah ikut mengerjakan kasus ini. Minta rekan lain yang berwenang melanjutkan."),
    }  # fmt: skip
    by_status = {
        403: gettext("Peran atau wilayah Anda tidak mencakup tindakan ini. Tanyakan kepada atasan bila menurut Anda keliru."),
        404: gettext("Alamatnya mungkin keliru, atau datanya di luar wilayah kerja Anda. Cari lewat daftar kasus atau tugas."),
        405: gettext("Kembali ke halaman sebelumnya dan ulangi dari sana."),
        409: gettext("Data ini berubah setelah Anda membukanya. Muat ulang, periksa yang baru, lalu ulangi."),
        413: gettext("Kirim berkas paling besar 10 MB; foto dapat diperkecil dahulu."),
        422: gettext("Kembali dan perbaiki isian yang disebut di bawah ini."),
        429: ngettext("Coba lagi dalam %(num)d menit.", "Coba lagi dalam %(num)d menit.", minutes),
    }  # fmt: skip
    return by_code.get(code) or by_status.get(status) or gettext(
        "Yang sudah Anda simpan aman. Coba lagi sebentar; bila tetap gagal, sebutkan nomor rujukan ini kepada operator."
    )


def _is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


