"""Deploying process families, and the compiled definitions that running instances use."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine import clock
from engine.actors import Actor
from engine.bpmn import Definition as Compiled
from engine.bpmn.bundle import bundles
from engine.casework import office, record, timetable
from engine.errors import InvalidDefinition, NotFound
from engine.store import definitions as store
from engine.store.definitions import Definition
from forms.definition import read as read_form
from forms.model import Form

SUFFIXES = (".bpmn", ".dmn", ".form")
_compiled: dict[str, Compiled] = {}
MOST_COMPILED = 64


def read_folder(folder: Path) -> dict[str, bytes]:
    """'family/name.bpmn' -> bytes, for every definition file below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and "stories" not in path.parts
    }


def deploy_folder(session: Session, actor: Actor, folder: Path, *, replace: bool = False) -> list[Definition]:
    """Make a new version of every family whose bundle changed, and put the shipped rule values in force.

    What an analyst published stays unless `replace`. Raises InvalidDefinition for the first bad family.
    """
    office.load_defaults(session, folder)
    return deploy_files(session, actor, read_folder(folder), replace=replace)


def deploy_files(
    session: Session,
    actor: Actor,
    files: Mapping[str, bytes],
    *,
    comment: str = "",
    created_by: int | None = None,
    replace: bool = True,
) -> list[Definition]:
    """Deploy all families in `files` (family/name -> bytes), each with whatever it calls; the new versions."""
    new = []
    for family, bundle in bundles(files).items():
        compiled = compile_bundle(bundle)
        current = store.latest(session, family)
        if not replace and current is not None and current.created_by is not None:
            continue
        if current is None or current.sha256 != compiled.hash:
            new.append(_publish(session, actor, family, bundle, compiled, comment, created_by))
    return new


def published_by_workers(session: Session) -> list[Definition]:
    """The families whose newest version a worker published: a folder does not take their place unasked."""
    return [row for row in latest_versions(session) if row.created_by is not None]


def compile_bundle(bundle: Mapping[str, bytes]) -> Compiled:
    """Compile and check a bundle with its forms. Raises InvalidDefinition naming file, element and reason."""
    compiled = Compiled.compile(bundle)
    problems = [
        problem for name, body in bundle.items() if name.endswith(".form") for problem in _form_problems(name, body)
    ]
    if problems:
        raise InvalidDefinition(problems)
    return compiled


def _form_problems(name: str, body: bytes) -> Iterable[str]:
    try:
        read_form(body)
    except InvalidDefinition as error:
        return [problem if problem.startswith(name) else f"{name}: {problem}" for problem in error.problems]
    except ValueError as error:
        return [f"{name}: {error}"]
    return []


def _publish(
    session: Session,
    actor: Actor,
    family: str,
    bundle: Mapping[str, bytes],
    compiled: Compiled,
    comment: str,
    created_by: int | None,
) -> Definition:
    manifest = {}
    for name, body in bundle.items():
        manifest[name] = hashlib.sha256(body).hexdigest()
        store.put_file(session, manifest[name], body)
    row = Definition(
        family=family,
        number=store.next_number(session, family),
        sha256=compiled.hash,
        manifest=manifest,
        comment=comment,
        created_by=created_by or actor.id,
        approved_by=actor.id,
        published_at=clock.now(),
    )
    session.add(row)
    session.flush()
    timetable.publish(session, row, compiled)
    record.note(session, actor, "definition.published", detail={"family": family, "number": row.number})
    return row


def latest_of_process(session: Session, process_id: str) -> Definition:
    """The newest published version of the family that owns a process. Raises NotFound."""
    for row in latest_versions(session):
        if process_id in own_processes(session, row):
            return row
    raise NotFound(f"No published process {process_id}.")


def latest_versions(session: Session) -> list[Definition]:
    """The newest published version of every family."""
    rows = session.scalars(
        select(Definition)
        .where(Definition.state == store.DefinitionState.PUBLISHED)
        .ext(distinct_on(Definition.family))
        .order_by(Definition.family, Definition.number.desc())
    )
    return list(rows)


def newest_number(session: Session, family: str) -> int:
    """The number of the newest version of a family."""
    return store.next_number(session, family) - 1


def own_processes(session: Session, row: Definition) -> list[str]:
    """The processes drawn in the family's own files (not those it calls)."""
    found = compiled(session, row.id)
    return [process for process in found.processes if found.file_of(process).startswith(f"{row.family}/")]


def message_start(session: Session, name: str) -> tuple[Definition, str] | None:
    """The published version and process that message `name` starts, if any."""
    for row in latest_versions(session):
        process = compiled(session, row.id).message_starts.get(name)
        if process in own_processes(session, row):
            return row, str(process)
    return None


def message_starts(session: Session) -> list[tuple[str, Definition, str]]:
    """(message, version, process) of every message that starts a published process."""
    return [
        (message, row, process)
        for row in latest_versions(session)
        for message, process in sorted(compiled(session, row.id).message_starts.items())
        if process in own_processes(session, row)
    ]


def signal_starts(session: Session, name: str) -> list[tuple[Definition, str, str]]:
    """(version, process, start event) of every published process that signal `name` starts."""
    return [
        (row, process, element)
        for row in latest_versions(session)
        for signal, process, element in compiled(session, row.id).signal_starts
        if signal == name and process in own_processes(session, row)
    ]


def compiled(session: Session, definition_id: int, sha256: str = "") -> Compiled:
    """The compiled definition; immutable, so kept in the process. With its `sha256` known, nothing need be read."""
    if sha256 in _compiled:
        return _compiled[sha256]
    sha256, manifest = _manifest(session, definition_id)
    if sha256 not in _compiled:
        if len(_compiled) >= MOST_COMPILED:
            _compiled.pop(next(iter(_compiled)))
        _compiled[sha256] = Compiled.compile(store.files_of(session, dict(manifest)))
    return _compiled[sha256]


def _manifest(session: Session, definition_id: int) -> tuple[str, Mapping[str, str]]:
    row = session.get(Definition, definition_id)
    if row is None:
        raise NotFound(f"No definition {definition_id}.")
    return row.sha256, row.manifest


def form(session: Session, definition_id: int, form_id: str, sha256: str = "") -> Form:
    """The form as it was when the definition was published. Raises NotFound.

    With the definition's `sha256` known, nothing need be read.
    """
    if (sha256, form_id) in _form_places:
        return _form(_form_places[sha256, form_id])
    sha256, manifest = _manifest(session, definition_id)
    for name, body_sha256 in manifest.items():
        if name.endswith(f"/{form_id}.form"):
            found = _form(body_sha256) if body_sha256 in _form_bodies else _keep_form(session, name, body_sha256)
            _form_places[sha256, form_id] = body_sha256
            return found
    raise NotFound(f"No form {form_id} in definition {definition_id}.")


_form_bodies: dict[str, bytes] = {}
# Hash of a definition and id of a form -> hash of the form.
_form_places: dict[tuple[str, str], str] = {}


def forms_of(session: Session, definition_id: int) -> list[Form]:
    """Every form of a version; one statement the first time."""
    _, manifest = _manifest(session, definition_id)
    wanted = {name: sha256 for name, sha256 in manifest.items() if name.endswith(".form")}
    missing = {name: sha256 for name, sha256 in wanted.items() if sha256 not in _form_bodies}
    if missing:
        for name, body in store.files_of(session, missing).items():
            _form_bodies[missing[name]] = body
    return [_form(sha256) for sha256 in wanted.values()]


def _keep_form(session: Session, name: str, sha256: str) -> Form:
    _form_bodies[sha256] = store.files_of(session, {name: sha256})[name]
    return _form(sha256)


@lru_cache(maxsize=512)
def _form(sha256: str) -> Form:
    return read_form(_form_bodies[sha256])


def element_names(session: Session, definition_id: int) -> dict[tuple[str, str], tuple[str, str]]:
    """(process, element) -> (name, English name): ids are unique within a process, not within a bundle."""
    found = compiled(session, definition_id)
    return {
        (process_id, element.id): (element.name, element.name_en or element.name)
        for process_id in found.processes
        for element in found.elements(process_id)
    }


def message_form(session: Session, definition_id: int, name: str) -> Form | None:
    """The form (its id is the message's name) that says what the message carries; None if it carries nothing."""
    try:
        return form(session, definition_id, name)
    except NotFound:
        return None
