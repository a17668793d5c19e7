"""`pilar restore`: brings a backup back into an empty database, and makes a database that went back in time safe."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from redis import RedisError
from sqlalchemy.orm import Session

from engine import jobs
from engine.casework import fsck
from engine.casework.fsck import Breach
from engine.queries.health import newest_migration
from engine.serve import migrations, pg_programs
from engine.serve.backup import Manifest, connected, count_rows, digest, fingerprints
from engine.serve.progress import StepFailed, step
from engine.serve.startup import opened_store
from engine.settings import Settings
from engine.store import audit

SKIPPED_NUMBERS = 1_000_000
SKIPPED_CASE_NUMBERS = 100

# What is late because nobody worked meanwhile; workers see to it, and no promise is broken.
_ONLY_LATE = frozenset({"job_late", "lease_forgotten", "start_late"})
_HELD = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND classid = 'pg_class'::regclass AND deptype = 'e')"""
_SKIP = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, least(max_value, last_value + %s))
    FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL"""
_SKIP_CASES = "UPDATE case_counter SET last = last + %s WHERE year >= (SELECT max(year) FROM case_counter)"


def restore(settings: Settings, file: Path) -> tuple[Manifest, list[Breach]]:
    """Bring a backup back, whole or not at all, and look through it; the promises that it does not keep.

    Raises StepFailed with the reason and what to do if the backup, the keys or the database are not right for it.
    """
    manifest = Manifest.read(file)
    with step("Is it whole, and are the keys its own"):
        _check_file(file, manifest)
        _check_keys(settings, manifest)
        _check_migration(manifest)
    with connected(settings.database_url) as connection:
        _check_empty(connection)
        restorer, _ = pg_programs.program("pg_restore", pg_programs.server_version(connection), manifest.dumped_by)
    with step("Rows and indexes"):
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
        advice = "nothing was restored. Mend what is named above, or take another copy of the backup."
        pg_programs.call(restorer, settings.database_url, words, advice)
    with step("Is everything there"), connected(settings.database_url) as connection:
        _check_rows(manifest.rows, count_rows(connection))
    if manifest.migration != newest_migration():
        with step(f"Schema, from {manifest.migration}"):
            migrations.migrate(settings.database_url)
    return manifest, settle(settings, manifest.access_log)


def settle(settings: Settings, noted: tuple[int, str] = (0, "")) -> list[Breach]:
    """After a database went back in time, by whatever means: the promises that it does not keep.

    Numbers that may have been given out in the time that is lost are not given out again: outside, an effect's key
    would be taken for a repeat, and a case number would stand on two families' papers. Bells are thrown away.
    `noted`: number and mark of a row of the access log that has to be there (`audit.head`).
    """
    with step("Numbers, statistics, bells"):
        with connected(settings.database_url) as connection:
            connection.execute(_SKIP, [SKIPPED_NUMBERS])
            connection.execute(_SKIP_CASES, [SKIPPED_CASE_NUMBERS])
            connection.execute("ANALYZE")
        _drop_bells(settings.redis_url)
    with step("Are all promises kept"), opened_store(settings, "restore") as sessions, sessions() as session:
        found = [breach for breach in fsck.check(session) if breach.rule not in _ONLY_LATE]
        return [*found, *_cut_off(session, noted)]


def _cut_off(session: Session, noted: tuple[int, str]) -> Iterator[Breach]:
    """A chain whose end was cut off is whole in itself: the row noted outside of it has to be there."""
    if noted[0] and not audit.holds(session, *noted):
        yield Breach("access_log_changed", f"access_log {noted[0]}")


def _check_file(file: Path, manifest: Manifest) -> None:
    if not file.is_file():
        raise StepFailed("name the dump that `pilar backup` made.", f"There is no file {file}.")
    if digest(file) != manifest.sha256:
        reason = f"{file} is not what was backed up: its SHA-256 is another one ({file.stat().st_size} bytes)."
        raise StepFailed("nothing was restored. Take another copy of the backup.", reason)


def _check_keys(settings: Settings, manifest: Manifest) -> None:
    held = fingerprints(settings.keys)
    missing = sorted(name for name, mark in manifest.keys.items() if held.get(name) != mark)
    if missing:
        raise StepFailed(
            "nothing was restored. Let PILAR_KEYS name the key file of that time: without it no name, NIK or document "
            "of this backup can be read.",
            f"The key file does not hold the backup's keys: {', '.join(missing)}.",
        )


def _check_migration(manifest: Manifest) -> None:
    if manifest.migration > newest_migration():
        raise StepFailed(
            "nothing was restored. Restore it with the Pilar that made it, or with a newer one.",
            f"The backup stands at migration {manifest.migration}, this Pilar knows {newest_migration()}.",
        )


def _check_empty(connection: psycopg.Connection[Any]) -> None:
    held = connection.execute(_HELD).fetchone()
    if held is not None and held[0]:
        raise StepFailed(
            "nothing was restored. Make a new database (`createdb`), let DATABASE_URL name it, and restore into that; "
            "the old one stays until you drop it.",
            f"The database {connection.info.dbname} is not empty: {held[0]} tables, views and sequences.",
        )


def _check_rows(wanted: dict[str, int], found: dict[str, int]) -> None:
    wrong = [f"{name} {found.get(name, 0)} of {count}" for name, count in wanted.items() if found.get(name) != count]
    if wrong:
        reason = f"Rows are missing or too many: {', '.join(wrong)}."
        raise StepFailed("drop this database and restore into a new one; nobody may work in between.", reason)


def _drop_bells(redis_url: str | None) -> None:
    """Bells are worth nothing: workers find in PostgreSQL what is due. One that cannot be dropped does no harm."""
    if redis_url is not None:
        with suppress(RedisError):
            jobs.empty(redis_url)
