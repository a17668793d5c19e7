"""What every process does first: logging, keys, database, bell."""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from engine.casework import rules
from engine.jobs import Bell
from engine.settings import Settings
from engine.store import crypto
from engine.store.session import make_engine, make_sessions


def open_store(settings: Settings, name: str) -> sessionmaker[Session]:
    """Sessions on the configured database that ring the bell after each commit.

    `name` (web, worker, scheduler…) is seen in PostgreSQL's list of connections.
    """
    os.environ.setdefault("PGAPPNAME", f"pilar-{name}")
    crypto.configure(
        crypto.KeyRing(keys=settings.keys.encryption, current=settings.keys.current, index_key=settings.keys.lookup)
    )
    rules.configure(settings.office_timezone)
    return make_sessions(make_engine(settings.database_url), ring=Bell(settings.redis_url).ring)


def start_logging(level: str, process: str) -> None:
    """One JSON object a line on standard error: time, level, process, event. Ids and codes, never answers."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)


class _JsonLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info and record.exc_info[2] is not None:
            # Where it happened, not what it said: an exception's text may hold what a person typed.
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            line["at_lines"] = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        return json.dumps(line, ensure_ascii=False)
