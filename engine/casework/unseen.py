"""What a worker was not shown stays as it was: a page that leaves an answer out must not wipe it out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine import permissions
from engine.actors import Actor
from engine.casework.rules import office_rules


def kept(
    session: Session, actor: Actor, form: forms.Form, facts: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The facts of a form that the actor sent, with those of `before` that the actor could not read."""
    found = dict(facts)
    for key in forms.withheld_keys(form, actor.groups) & found.keys():
        found[key] = before.get(key) if found[key] in (None, []) else found[key]
    codes = found.get("pmks_codes")
    if isinstance(codes, list) and not permissions.reads_secret_categories(actor):
        secret = permissions.secret_categories(office_rules(session).find("secret_pmks_codes"))
        found["pmks_codes"] = sorted({*codes, *(code for code in before.get("pmks_codes") or () if code in secret)})
    return found
