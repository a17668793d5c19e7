"""A file of the archive: a tar of cases, each compressed and encrypted apart, with a manifest and words for whoever
finds it in twenty years."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
import zstandard
from cryptography.exceptions import InvalidTag

from engine.errors import Conflict, EngineError
from engine.store import crypto
from engine.store.case_rows import Row

FORMAT = 1
PART = ".part"
_README = """\
Cases that a social-welfare office closed, taken out of Pilar's database when their time there was over.

manifest.json says which cases are in here, with the SHA-256 of each record and the migration of the database then.
cases/<case number> is one case. Its first byte is the number of a key, the next 12 are a nonce, the rest is AES-256-GCM
under that key (Pilar's key file, PILAR_KEYS) with the additional data "archive.<case number>". What comes out is
compressed by zstd; then it is text, one JSON value a line: first an object about the case with the number of rows by
table, then ["table", {column: value}] for each row, as PostgreSQL's to_jsonb writes it. Columns that hold personal data
are ciphertext of the same keys once more: the key's number, a nonce and AES-256-GCM with the additional data
"table.column".

`pilar unarchive` brings one of them back.
"""


class Damaged(EngineError):
    """A file of the archive is not what was written, or its key is missing."""

    code = "archive_damaged"


@dataclass(frozen=True, slots=True)
class Record:
    """Where a case lies in the file: its place and length in bytes, their SHA-256, and how many rows it has."""

    case_no: str
    place: int
    length: int
    sha256: str
    rows: int


class Writer:
    """Writes `<name>.part`; it gets its own name (`finish`) only when the database knows of it."""

    def __init__(self, path: Path, migration: str, at: datetime) -> None:
        if path.exists():
            raise Conflict(f"{path} exists, and this database does not know it: name another folder.")
        self.path = path
        self.records: list[Record] = []
        self._about = {"format": FORMAT, "name": path.name, "migration": migration, "archived_at": at.isoformat()}
        self._at = int(at.timestamp())
        self._file = os.fdopen(os.open(part(self.path), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
        self._add("README", _README.encode())

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()

    def add(self, case_no: str, rows: Sequence[Row]) -> Record:
        """Write one case."""
        sealed = _seal(case_no, rows)
        place = self._add(f"cases/{case_no}", sealed)
        self.records.append(Record(case_no, place, len(sealed), hashlib.sha256(sealed).hexdigest(), len(rows)))
        return self.records[-1]

    def close(self) -> tuple[int, str]:
        """End the file and bring it to the disk: its length and SHA-256."""
        self._add("manifest.json", json.dumps({**self._about, "cases": list(map(asdict, self.records))}).encode())
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        sync_folder(self.path.parent)
        return self._file.tell(), digest(part(self.path))

    def _add(self, name: str, body: bytes) -> int:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = len(body), self._at, 0o600
        self._tar.addfile(member, io.BytesIO(body))
        blocks = -(-len(body) // tarfile.BLOCKSIZE)
        return self._tar.offset - blocks * tarfile.BLOCKSIZE


def part(path: Path) -> Path:
    """What a file is called while the database does not know of it."""
    return path.with_name(path.name + PART)


def finish(path: Path) -> None:
    """The database knows of it now: its own name, on the disk when this returns."""
    part(path).replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    """The file's SHA-256."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read(path: Path, record: Record) -> list[Row]:
    """The rows of one case. Raises Damaged."""
    try:
        with path.open("rb") as file:
            file.seek(record.place)
            sealed = file.read(record.length)
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}.") from error
    if hashlib.sha256(sealed).hexdigest() != record.sha256:
        raise Damaged(f"{path}: the record of case {record.case_no} is not what was written. Take another copy.")
    return _open(record.case_no, sealed)


def _context(case_no: str) -> bytes:
    return f"archive.{case_no}".encode()


def _seal(case_no: str, rows: Sequence[Row]) -> bytes:
    tables: dict[str, int] = {}
    for row in rows:
        tables[row.table] = tables.get(row.table, 0) + 1
    lines: Iterator[bytes] = (b'["%s",%s]' % (row.table.encode(), row.body.encode()) for row in rows)
    head = orjson.dumps({"format": FORMAT, "case": case_no, "rows": tables})
    return crypto.ring().encrypt(zstandard.compress(b"\n".join((head, *lines))), _context(case_no))


def _open(case_no: str, sealed: bytes) -> list[Row]:
    try:
        head, *lines = zstandard.decompress(crypto.ring().decrypt(sealed, _context(case_no))).split(b"\n")
    except KeyError as error:
        raise Damaged(f"Case {case_no} needs key {error}: let PILAR_KEYS name the key file of that time.") from error
    except (InvalidTag, zstandard.ZstdError) as error:
        raise Damaged(f"The record of case {case_no} cannot be opened: another key, or another case.") from error
    about: dict[str, Any] = orjson.loads(head)
    if about["format"] != FORMAT:
        raise Damaged(f"Case {case_no} was archived in format {about['format']}: use the Pilar that made it.")
    rows = [_row(line) for line in lines]
    if len(rows) != sum(about["rows"].values()):
        raise Damaged(f"The record of case {case_no} is short.")
    return rows


def _row(line: bytes) -> Row:
    """Cut, not parsed: what PostgreSQL wrote goes back to it letter by letter."""
    name, _, body = line[2:-1].partition(b'",')
    return Row(name.decode(), body.decode())
