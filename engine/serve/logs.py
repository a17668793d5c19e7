"""What processes say: one JSON object a line on standard error. Ids and codes, never answers.

What is bound with structlog's contextvars (request, job, instance, case) stands on every line that is said meanwhile.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from structlog.contextvars import get_contextvars


def start_logging(level: str, process: str) -> None:
    """Log from `level` on, each line with time, level, process, logger and event."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)


class _JsonLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": record.getMessage(),
            # Which request, job, instance and case it belongs to.
            **get_contextvars(),
            **getattr(record, "about", {}),
        }
        if record.exc_info and record.exc_info[2] is not None:
            # Where it happened, not what it said: an exception's text may hold what a person typed.
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            line["at_lines"] = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        return json.dumps(line, ensure_ascii=False)
