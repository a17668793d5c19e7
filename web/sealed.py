"""Words that people search for, kept out of addresses: in history, bookmarks and logs of proxies stands ciphertext."""

import binascii
import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.settings import Settings

NAME = "find"
"""The parameter that carries sealed words."""
_NONCE = 12
_LONGEST = 200


def seal(text: str) -> str:
    """The words as they may stand in an address; nothing stays nothing."""
    text = text.strip()[:_LONGEST]
    if not text:
        return ""
    nonce = os.urandom(_NONCE)
    return urlsafe_b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode().rstrip("=")


def searched() -> str:
    """What the request searches for: the sealed words of its address. A word that was typed into `q` counts too."""
    return _unseal(request.args.get(NAME, "")) or request.args.get("q", "").strip()


def to_list(endpoint: str, names: Iterable[str]) -> ResponseReturnValue:
    """From a search form that was posted to the list's own address, with the words sealed and the filters as chosen."""
    given = {name: value for name in names if (value := request.form.get(name, "").strip())}
    if sealed := seal(request.form.get("q", "")):
        given[NAME] = sealed
    return redirect(url_for(endpoint) + (f"?{urlencode(given)}" if given else ""), 303)


def _unseal(token: str) -> str:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
    except (binascii.Error, InvalidTag, ValueError):
        return ""


def _cipher() -> AESGCM:
    settings: Settings = current_app.extensions["pilar_settings"]
    return AESGCM(hashlib.sha256(f"search:{settings.secret}".encode()).digest())
