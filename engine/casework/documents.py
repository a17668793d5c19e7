"""Documents of a case: told apart by content, pictures drawn anew without what the camera wrote, read with a trace."""

import hashlib
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from engine import clock, permissions
from engine.actors import Actor
from engine.casework import record
from engine.errors import InvalidForm, NotFound
from engine.store import audit
from engine.store.cases import Case
from engine.store.documents import Document
from forms.problems import Problem

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000
LONGEST_NAME = 120
_PDF = "application/pdf"
_EXTENSIONS = {_PDF: ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_READABLE = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sent it: its name there, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Checked:
    body: bytes
    content_type: str


def add(
    session: Session, actor: Actor, case_id: int, kind: str, upload: Upload, *, task_id: int | None = None
) -> Document:
    """Keep a file on a case the actor may read. Raises NotFound, InvalidForm (`file`: why it was not taken)."""
    case = session.scalar(select(Case).where(Case.id == case_id, permissions.sees_case(actor)))
    if case is None:
        raise NotFound(f"No case {case_id}.")
    return keep(session, actor, case, kind, upload, task_id=task_id)


def keep(
    session: Session, actor: Actor, case: Case | None, kind: str, upload: Upload, *, task_id: int | None = None
) -> Document:
    """Keep a file on a case that is known to be the actor's to write to; without one it waits for `attach`."""
    checked = _check(upload.data)
    row = Document(
        case_id=case.id if case is not None else None,
        task_id=task_id,
        kind=kind,
        name=_safe_name(upload.name, checked.content_type),
        content_type=checked.content_type,
        size=len(checked.body),
        sha256=hashlib.sha256(checked.body).hexdigest(),
        body=checked.body,
        added_by=actor.id or 0,
        added_at=clock.now(),
    )
    session.add(row)
    session.flush()
    if case is not None:
        record.note(session, actor, "document.added", case_id=case.id, task_id=task_id, detail={"document": row.id})
    return row


def keep_all(
    session: Session,
    actor: Actor,
    case: Case | None,
    uploads: Mapping[str, Sequence[Upload]],
    typed: Mapping[str, object],
    *,
    task_id: int | None = None,
) -> dict[str, object]:
    """Keep the files of a form; what was typed, with each file's number added to its field. Raises InvalidForm.

    Without a case (a report that is being written) they wait a day for `attach`.
    """
    if case is None:
        _forget_old(session, actor)
    filled, problems = dict(typed), {}
    for path, files in uploads.items():
        kept = typed.get(path)
        numbers = [str(item) for item in kept] if isinstance(kept, list | tuple) else []
        for upload in files:
            try:
                numbers.append(str(keep(session, actor, case, path, upload, task_id=task_id).id))
            except InvalidForm as error:
                problems[path] = error.messages["file"]
        filled[path] = numbers
    if problems:
        raise InvalidForm(problems)
    return filled


def read(session: Session, actor: Actor, document_id: int) -> Document:
    """The document with its bytes, if the actor may read its case; recorded. Raises NotFound."""
    row = session.scalar(
        select(Document)
        .join(Case, Case.id == Document.case_id)
        .where(Document.id == document_id, permissions.sees_case(actor))
        .options(undefer(Document.body))
    )
    if row is None:
        raise NotFound(f"No document {document_id}.")
    audit.append(session, actor.id, "download", "document", row.id, case_id=row.case_id)
    return row


def waiting(session: Session, actor: Actor, numbers: Iterable[str]) -> list[Document]:
    """Those of the numbered files that the actor uploaded and that belong to no case yet, without their bytes."""
    ids = [int(number) for number in numbers if number.isdecimal() and len(number) < 19]
    if not ids:
        return []
    query = select(Document).where(Document.id.in_(ids), Document.added_by == actor.id, Document.case_id.is_(None))
    return list(session.scalars(query.order_by(Document.id)))


def attach(session: Session, actor: Actor, case: Case, numbers: Iterable[str]) -> None:
    """Give the actor's waiting files to the case that was registered with them."""
    for row in waiting(session, actor, numbers):
        row.case_id = case.id
        record.note(session, actor, "document.added", case_id=case.id, detail={"document": row.id})


def _forget_old(session: Session, actor: Actor) -> None:
    """Files of reports that were never sent go after a day."""
    old = clock.now() - timedelta(days=1)
    session.execute(
        delete(Document).where(Document.added_by == actor.id, Document.case_id.is_(None), Document.added_at < old)
    )


def _check(data: bytes) -> _Checked:
    """Tell a file by its content: a PDF stays as it is, a picture is drawn anew. Raises InvalidForm."""
    if not data:
        raise _refused("file_empty")
    if len(data) > MOST_BYTES:
        raise _refused("file_too_big")
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise _refused("file_damaged")
        return _Checked(data, _PDF)
    return _redraw(data)


def _redraw(data: bytes) -> _Checked:
    """The picture without EXIF (place, device, owner): only its pixels go on, upright."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_READABLE) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _refused("file_too_big")
                return _encode(ImageOps.exif_transpose(picture), picture.format == "PNG")
    except UnidentifiedImageError as error:
        raise _refused("file_unknown_kind") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused("file_damaged") from error


def _encode(picture: Image.Image, as_png: bool) -> _Checked:
    plain = picture.convert("RGBA" if as_png and "A" in picture.getbands() else "RGB")
    # A new image carries nothing of the old one's metadata.
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    target = io.BytesIO()
    if as_png:
        clean.save(target, "PNG", optimize=True)
    else:
        clean.save(target, "JPEG", quality=85, optimize=True)
    return _Checked(target.getvalue(), "image/png" if as_png else "image/jpeg")


def _safe_name(name: str, content_type: str) -> str:
    """The name without folders and control signs, with the ending of what the file really is."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    stem = printable.rpartition(".")[0] or printable
    return f"{stem[:LONGEST_NAME] or 'berkas'}{_EXTENSIONS[content_type]}"


def _refused(code: str) -> InvalidForm:
    return InvalidForm({"file": [Problem(code)]})
