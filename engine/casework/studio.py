"""Commands of analysts: draft a change, check it, send it for review; a second person publishes it."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, permissions
from engine.actors import Actor
from engine.bpmn import Finding
from engine.bpmn.bundle import bundles
from engine.bpmn.check import check
from engine.casework import definitions, record
from engine.errors import Conflict, Forbidden, InvalidDefinition, InvalidForm, NotFound
from engine.permissions import Area
from engine.store import definitions as store
from engine.store.definitions import Definition, DefinitionDraft, DraftState

LARGEST_FILE = 8 * 1024 * 1024


class OwnDraft(Forbidden):
    """Nobody publishes the own change: a second person reads it first."""

    code = "own_draft"


def open_draft(session: Session, actor: Actor, family: str) -> DefinitionDraft:
    """The actor's draft of a family, made from the newest version if there is none."""
    permissions.check_may_enter(actor, Area.STUDIO)
    base = store.latest(session, family)
    if base is None:
        raise NotFound(f"No family {family}.")
    draft = session.scalar(
        select(DefinitionDraft).where(
            DefinitionDraft.family == family,
            DefinitionDraft.author_id == actor.id,
            DefinitionDraft.state.in_((DraftState.EDITING, DraftState.IN_REVIEW)),
        )
    )
    if draft is None:
        draft = DefinitionDraft(
            family=family, base_id=base.id, author_id=actor.id, created_at=clock.now(), updated_at=clock.now()
        )
        session.add(draft)
        session.flush()
    return draft


def find(session: Session, actor: Actor, draft_id: int) -> DefinitionDraft:
    """A draft; analysts see one another's. Raises NotFound."""
    permissions.check_may_enter(actor, Area.STUDIO)
    draft = session.get(DefinitionDraft, draft_id)
    if draft is None:
        raise NotFound(f"No draft {draft_id}.")
    return draft


def save_file(
    session: Session, actor: Actor, draft_id: int, name: str, body: bytes, *, read_rev: int
) -> DefinitionDraft:
    """Keep a changed file in the draft. `read_rev`: the draft's revision that the editor opened.

    Raises Conflict if the draft was saved elsewhere meanwhile or is no longer edited.
    """
    draft = _editable(session, actor, draft_id, read_rev)
    if name not in files(session, draft) or len(body) > LARGEST_FILE:
        raise InvalidForm({"file": ["unknown_file"]})
    sha256 = hashlib.sha256(body).hexdigest()
    store.put_file(session, sha256, body)
    draft.changes = {**draft.changes, name: sha256}
    _touch(session, draft)
    return draft


def _editable(session: Session, actor: Actor, draft_id: int, read_rev: int) -> DefinitionDraft:
    draft = find(session, actor, draft_id)
    if draft.author_id != actor.id:
        raise Forbidden("Only its author changes a draft.")
    if draft.state is not DraftState.EDITING:
        raise Conflict(f"Draft {draft_id} is {draft.state.value}.")
    if draft.rev != read_rev:
        raise Conflict(f"Draft {draft_id} was saved elsewhere meanwhile.")
    return draft


def _touch(session: Session, draft: DefinitionDraft) -> None:
    draft.rev += 1
    draft.updated_at = clock.now()
    session.flush()


def files(session: Session, draft: DefinitionDraft) -> dict[str, bytes]:
    """The family's own files as the draft has them: name -> bytes."""
    base = session.get_one(Definition, draft.base_id)
    manifest = {**base.manifest, **draft.changes}
    own = {name: sha for name, sha in manifest.items() if sha and name.startswith(f"{draft.family}/")}
    return store.files_of(session, own)


def bundle_of(session: Session, draft: DefinitionDraft) -> dict[str, bytes]:
    """The whole draft bundle: its own files over what is published today."""
    return {**published_files(session, without=draft.family), **files(session, draft)}


def published_files(session: Session, without: str = "") -> dict[str, bytes]:
    """Every family's own files in their newest published version."""
    found: dict[str, bytes] = {}
    for row in definitions.latest_versions(session):
        if row.family != without:
            own = {name: sha for name, sha in row.manifest.items() if name.startswith(f"{row.family}/")}
            found |= store.files_of(session, own)
    return found


def findings(session: Session, actor: Actor, draft_id: int) -> list[Finding]:
    """What the check says of the draft."""
    draft = find(session, actor, draft_id)
    return check(_family_bundle(session, draft), around=published_files(session))


def findings_with(session: Session, actor: Actor, draft_id: int, changed: Mapping[str, bytes]) -> list[Finding]:
    """What the check would say with these files, unsaved: for the editor while it is open."""
    draft = find(session, actor, draft_id)
    return check({**_family_bundle(session, draft), **changed}, around=published_files(session))


def _family_bundle(session: Session, draft: DefinitionDraft) -> dict[str, bytes]:
    return bundles(bundle_of(session, draft))[draft.family]


def submit(session: Session, actor: Actor, draft_id: int, comment: str, *, read_rev: int) -> DefinitionDraft:
    """Send a draft for review. Raises InvalidForm (no comment, nothing changed), InvalidDefinition (cannot run)."""
    draft = _editable(session, actor, draft_id, read_rev)
    if not comment.strip():
        raise InvalidForm({"comment": ["required"]})
    if not draft.changes:
        raise InvalidForm({"comment": ["nothing_changed"]})
    _check_runs(session, draft)
    draft.state, draft.comment = DraftState.IN_REVIEW, comment.strip()
    _touch(session, draft)
    record.note(session, actor, "draft.submitted", detail={"draft": draft.id, "family": draft.family})
    return draft


def _check_runs(session: Session, draft: DefinitionDraft) -> None:
    bundle = _family_bundle(session, draft)
    errors = [found for found in check(bundle) if found.severity == "error"]
    if errors:
        raise InvalidDefinition([f"{found.file}: {found.element}: {found.reason}" for found in errors])
    definitions.compile_bundle(bundle)


def send_back(session: Session, actor: Actor, draft_id: int, comment: str) -> DefinitionDraft:
    """A reviewer returns a draft to its author, or the author takes it back."""
    draft = _in_review(session, actor, draft_id)
    if actor.id != draft.author_id and not comment.strip():
        raise InvalidForm({"comment": ["required"]})
    draft.state, draft.review_comment, draft.reviewed_by = DraftState.EDITING, comment.strip(), actor.id
    _touch(session, draft)
    record.note(session, actor, "draft.returned", detail={"draft": draft.id, "family": draft.family})
    return draft


def approve(session: Session, actor: Actor, draft_id: int, comment: str) -> list[Definition]:
    """A second person publishes a draft; the new versions (of the family, and of those that call it).

    Raises OwnDraft, Conflict (the family has a newer version than the draft began from), InvalidDefinition.
    """
    draft = _in_review(session, actor, draft_id)
    if draft.author_id == actor.id:
        raise OwnDraft("Nobody publishes the own change.")
    newest = store.latest(session, draft.family)
    if newest is None or newest.id != draft.base_id:
        raise Conflict(f"{draft.family} has a newer version than the draft began from.")
    _check_runs(session, draft)
    published = definitions.deploy_files(
        session, actor, bundle_of(session, draft), comment=draft.comment, created_by=draft.author_id
    )
    draft.state, draft.review_comment, draft.reviewed_by = DraftState.PUBLISHED, comment.strip(), actor.id
    draft.published_id = next((row.id for row in published if row.family == draft.family), draft.base_id)
    _touch(session, draft)
    return published


def _in_review(session: Session, actor: Actor, draft_id: int) -> DefinitionDraft:
    draft = find(session, actor, draft_id)
    if draft.state is not DraftState.IN_REVIEW:
        raise Conflict(f"Draft {draft_id} is {draft.state.value}.")
    return draft


def discard(session: Session, actor: Actor, draft_id: int) -> None:
    """Throw the own draft away."""
    draft = find(session, actor, draft_id)
    if draft.author_id != actor.id:
        raise Forbidden("Only its author discards a draft.")
    if draft.state is DraftState.PUBLISHED:
        raise Conflict(f"Draft {draft_id} is published.")
    draft.state = DraftState.DISCARDED
    _touch(session, draft)
