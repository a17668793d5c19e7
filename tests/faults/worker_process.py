"""A worker with a scheduler beside it, as a process that tests can kill: `python -m tests.faults.worker_process …`.

Its one operation `ask-provider` writes its effect key into a ledger file; told to hang, it then never returns. A file
beside the ledger says that the process listens to signals. Asked to stop, it gives back what it does after a second.
"""

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import worker
from engine.casework import work
from engine.casework.work import JobContext
from engine.jobs import Bell
from engine.store import crypto
from engine.store.session import make_engine, make_sessions

LEASE_S = 2
SWEEP_S = 0.5


def main(database_url: str, redis_url: str, ledger: Path, manner: str) -> None:
    """Work until SIGTERM."""
    crypto.configure(crypto.KeyRing(keys={1: bytes(range(32))}, current=1, index_key=bytes(32)))
    work.LEASE_SECONDS, worker.SWEEP_S, worker.GIVE_BACK_S = LEASE_S, SWEEP_S, 1
    bell = Bell(redis_url or None)
    sessions = make_sessions(make_engine(database_url), ring=bell.ring)

    def ask(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        with ledger.open("a") as file:
            file.write(f"{context.effect_key} {context.attempt}\n")
        if manner == "hang":
            threading.Event().wait()
        return {"place": 3}

    stop = worker.Stop().listen()
    ledger.with_suffix(".ready").touch()
    threading.Thread(target=worker.schedule, args=(lambda: work.sweep(sessions), bell.ring, stop), daemon=True).start()
    worker.work(lambda job_id: work.run_job(sessions, {"ask-provider": ask}, job_id), stop, redis_url or None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
