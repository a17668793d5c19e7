"""`pilar backup`: one consistent dump of the database, and beside it a manifest that says what has to come back."""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from engine.serve import pg_programs
from engine.serve.progress import StepFailed
from engine.settings import Keys, Settings

FORMAT = 1
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"""
_LAST_LOGGED = "SELECT id, encode(sha256, 'hex') FROM access_log ORDER BY id DESC LIMIT 1"
_DUMP_FAILED = "make room, or mend what is named above, and begin anew: nothing was kept of this backup."


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `rows`: how many by table; `access_log`: the log's last number and mark.

    `keys`: for each key of the key file a mark that tells whether another file holds the same, and not the key.
    """

    format: int
    taken_at: str
    migration: str
    dumped_by: int
    bytes: int
    sha256: str
    rows: dict[str, int]
    access_log: tuple[int, str]
    keys: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """The manifest of a dump. Raises StepFailed if it is missing or none."""
        beside = manifest_of(file)
        if not beside.is_file():
            raise StepFailed(f"copy {beside.name} beside it too: both are made together.", f"There is no {beside}.")
        try:
            said = json.loads(beside.read_text(encoding="utf-8"))
            number, mark = said["access_log"]
            manifest = cls(**{**said, "access_log": (int(number), str(mark))})
        except (ValueError, TypeError, KeyError) as error:
            raise StepFailed("take another copy of the backup.", f"{beside} is no manifest of a backup.") from error
        if manifest.format != FORMAT:
            raise StepFailed("restore it with the Pilar that made it.", f"{beside} is of format {manifest.format}.")
        return manifest


def backup(settings: Settings, target: Path) -> tuple[Path, Manifest]:
    """Dump the database into a new file (in a folder: with the time in its name); people go on working meanwhile.

    The manifest is written last: a dump without one is not finished. Raises StepFailed.
    """
    file = target / f"pilar-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump" if target.is_dir() else target
    for path in (file, manifest_of(file)):
        if path.exists():
            raise StepFailed("name a new file: a backup is never written over.", f"{path} exists.")
    if not file.parent.is_dir():
        raise StepFailed("make the folder first.", f"There is no folder {file.parent}.")
    draft = file.with_name(file.name + ".part")
    try:
        manifest = _dump(settings, draft)
        _write_private(manifest_of(draft), json.dumps(asdict(manifest), indent=1) + "\n")
        draft.replace(file)
        manifest_of(draft).replace(manifest_of(file))
    except OSError as error:
        raise StepFailed(_DUMP_FAILED, f"{draft}: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
        manifest_of(draft).unlink(missing_ok=True)
    return file, manifest


def manifest_of(file: Path) -> Path:
    """Where a dump's manifest lies."""
    return file.with_name(file.name + ".json")


def digest(file: Path) -> str:
    """The file's SHA-256."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fingerprints(keys: Keys) -> dict[str, str]:
    """A mark for each key: the same for the same key, and of no use to whoever wants the key."""
    known = {str(number): key for number, key in keys.encryption.items()} | {"lookup": keys.lookup}
    return {name: hmac.digest(key, f"pilar.backup.{name}".encode(), "sha256")[:8].hex() for name, key in known.items()}


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that may take its time, for counting what is large."""
    with psycopg.connect(**pg_programs.parameters(url) | {"connect_timeout": 5}, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        yield connection


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table holds; partitions are counted with the table that they are parts of."""
    tables = [name for (name,) in connection.execute(_TABLES)]
    query = sql.SQL("SELECT count(*) FROM {}")
    return {name: _row(connection, query.format(sql.Identifier(name)))[0] for name in tables}


def _dump(settings: Settings, draft: Path) -> Manifest:
    """Dump and count in one snapshot: what the manifest says is what the dump holds, whoever works meanwhile."""
    with connected(settings.database_url) as connection:
        dumper, version = pg_programs.program("pg_dump", pg_programs.server_version(connection))
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        migration = _migration(connection)
        taken_at, snapshot = _row(connection, "SELECT clock_timestamp(), pg_export_snapshot()")
        _write_private(draft, "")
        words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={draft}")
        pg_programs.call(dumper, settings.database_url, words, _DUMP_FAILED)
        number, mark = connection.execute(_LAST_LOGGED).fetchone() or (0, "")
        return Manifest(
            format=FORMAT,
            taken_at=taken_at.astimezone(UTC).isoformat(timespec="seconds"),
            migration=migration,
            dumped_by=version,
            bytes=draft.stat().st_size,
            sha256=digest(draft),
            rows=count_rows(connection),
            access_log=(number, mark),
            keys=fingerprints(settings.keys),
        )


def _migration(connection: psycopg.Connection[Any]) -> str:
    if _row(connection, "SELECT to_regclass('alembic_version')")[0] is None:
        raise StepFailed("look whether DATABASE_URL names the right one.", "This database holds no Pilar.")
    return str(_row(connection, "SELECT version_num FROM alembic_version")[0])


def _row(connection: psycopg.Connection[Any], query: sql.Composed | str) -> tuple[Any, ...]:
    found = connection.execute(query).fetchone()
    if found is None:
        raise StepFailed("run `pilar migrate`.", "This database's schema is unfinished.")
    return tuple(found)


def _write_private(path: Path, text: str) -> None:
    """A new file that only its owner reads, on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
