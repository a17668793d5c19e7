"""`pilar doctor`: looks at everything Pilar stands on and says what to mend."""

import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from redis import RedisError
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine import jobs
from engine.serve import migrations
from engine.settings import PROJECT, Settings, SettingsError, environment
from engine.store import partitions

OLDEST_POSTGRES = 15
LEAST_DISK = 1_000_000_000
MOST_SKEW_S = 5.0
MOST_WAIT_S = 60


@dataclass(frozen=True)
class Finding:
    """What one check saw; `advice` is empty when all is well."""

    subject: str
    seen: str
    advice: str = ""


def examine() -> list[Finding]:
    """Every finding; those about the database only if there are settings to reach it with."""
    try:
        settings = Settings.from_env(environment())
    except SettingsError as error:
        advice = "set it (.env.example explains it), or start the demo first: `make run`."
        return [Finding("settings", problem, advice) for problem in error.problems]
    findings = [Finding("settings", "complete"), *_keys(), *_queue(settings), *_mail(settings), *_disk(settings)]
    try:
        with create_engine(settings.database_url, poolclass=pool.NullPool).connect() as connection:
            for check in _DATABASE_CHECKS:
                findings.extend(check(connection, settings))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        findings.append(Finding("database", reason, "start PostgreSQL, or mend DATABASE_URL (`make run` has its own)."))
    return findings


@click.command()
def doctor() -> None:
    """Check settings, database, queue, migrations, definitions, mail, disk and clock; say what to mend."""
    findings = examine()
    for finding in findings:
        mark = "mend" if finding.advice else "ok  "
        click.echo(f"{mark}  {finding.subject:<12} {finding.seen}")
        if finding.advice:
            click.echo(f"      {'':<12} → {finding.advice}")
    wrong = sum(1 for finding in findings if finding.advice)
    click.echo(f"\n{wrong} to mend." if wrong else "\nAll is well.")
    if wrong:
        raise SystemExit(1)


def _keys() -> Iterator[Finding]:
    path = Path(environment()["PILAR_KEYS"])
    if path.stat().st_mode & 0o077:
        yield Finding("keys", f"{path} can be read by others", f"chmod 600 {path}")
    else:
        yield Finding("keys", "readable by their owner only")


def _queue(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        yield Finding("queue", "no REDIS_URL: workers look for jobs every second")
        return
    try:
        with jobs.connect(settings.redis_url, timeout=2) as client:
            waiting = client.llen(f"rq:queue:{jobs.QUEUE}")
    except RedisError as error:
        advice = "start Valkey, or mend REDIS_URL; until then jobs start up to a second later."
        yield Finding("queue", f"no answer ({type(error).__name__})", advice)
    else:
        yield Finding("queue", f"answers, {waiting} bells waiting")


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.mail_url is None:
        yield Finding("mail", "no MAIL_URL: nothing to ask; Pilar sends no mail so far")
        return
    parts = urlsplit(settings.mail_url)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname or "", parts.port or 0, timeout=5) as server:
            server.noop()
    except OSError as error:
        yield Finding("mail", f"{parts.hostname} does not answer: {error}", "mend MAIL_URL or start the mail server.")
    else:
        yield Finding("mail", f"{parts.hostname} answers")


def _disk(settings: Settings) -> Iterator[Finding]:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        probe = settings.data / ".doctor"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        yield Finding("disk", f"{settings.data} cannot be written: {error.strerror}", "give Pilar's user this folder.")
        return
    free = shutil.disk_usage(settings.data).free
    advice = "" if free > LEAST_DISK else "make room: PostgreSQL stops when the disk is full."
    yield Finding("disk", f"{free / 1e9:.1f} GB free below {settings.data}", advice)


def _database(connection: Connection, _settings: Settings) -> Iterator[Finding]:
    version = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    advice = "" if version >= OLDEST_POSTGRES else f"use PostgreSQL {OLDEST_POSTGRES} or newer."
    yield Finding("database", f"PostgreSQL {version} answers", advice)


def _clock(connection: Connection, _settings: Settings) -> Iterator[Finding]:
    theirs = connection.scalar(text("SELECT clock_timestamp()"))
    skew = (datetime.now(UTC) - theirs).total_seconds() if theirs is not None else 0.0
    advice = "" if abs(skew) < MOST_SKEW_S else "set both clocks by NTP; due dates follow the database's clock."
    yield Finding("clock", f"{skew:+.1f} s from the database's", advice)


def _schema(connection: Connection, settings: Settings) -> Iterator[Finding]:
    stands, newest = migrations.current(settings.database_url), migrations.heads()[0]
    advice = "" if stands == newest else "run `pilar migrate`."
    yield Finding("migrations", f"at {stands or 'nothing'}, newest is {newest}", advice)


def _definitions(connection: Connection, _settings: Settings) -> Iterator[Finding]:
    if connection.scalar(text("SELECT to_regclass('definition')")) is None:
        return
    deployed = set(connection.scalars(text("SELECT DISTINCT family FROM definition")))
    shipped = {path.parent.name for path in (PROJECT / "workflows").glob("*/*.bpmn")}
    missing = sorted(shipped - deployed)
    advice = f"run `pilar deploy workflows/`: {', '.join(missing)} missing." if missing else ""
    yield Finding("definitions", f"{len(deployed)} process families deployed", advice)


def _work(connection: Connection, _settings: Settings) -> Iterator[Finding]:
    if connection.scalar(text("SELECT to_regclass('job')")) is None:
        return
    waits = connection.scalar(
        text("SELECT extract(epoch FROM now() - min(due_at)) FROM job WHERE state = 'ready' AND due_at <= now()")
    )
    late = waits is not None and waits > MOST_WAIT_S
    seen = "no job is waiting" if waits is None else f"the oldest due job waits for {waits:.0f} s"
    yield Finding("jobs", seen, "start a worker (`pilar worker`) or more of them." if late else "")
    incidents = connection.scalar(text("SELECT count(*) FROM incident WHERE state = 'open'")) or 0
    # A case that stands still is work for an operator; the installation itself is well.
    yield Finding("incidents", f"{incidents} on the operator's page" if incidents else "none is open")


def _years(connection: Connection, _settings: Settings) -> Iterator[Finding]:
    with Session(connection) as session:
        if not partitions.parts(session):
            return
        missing = partitions.missing(session, datetime.now(UTC))
        rest = list(partitions.with_a_rest(session))
    if missing:
        advice = "start a scheduler (`pilar scheduler`): it makes them. Until then rows go where the rest goes."
        yield Finding("years", f"no partition {', '.join(missing)}", advice)
    elif rest:
        # Reads and writes go on as ever; only vacuum and the archive have more in one place.
        yield Finding("years", f"partitions stand ready; {', '.join(rest)} holds rows of other times")
    else:
        yield Finding("years", "partitions stand ready")


_DATABASE_CHECKS: tuple[Callable[[Connection, Settings], Iterator[Finding]], ...] = (
    _database,
    _clock,
    _schema,
    _definitions,
    _work,
    _years,
)
