"""One of Pilar's processes as the faults see it: `python -m tests.faults.process NAME`, else just as `pilar NAME`.

What is added: operations that call the fake outside or poison their worker; FAULTS_* may shorten leases and limits.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from engine import service_tasks, worker
from engine.casework import outside, work
from engine.casework.outside import Receiver
from engine.casework.work import JobContext
from engine.cli.main import pilar

MEMORY = 4 << 30


def call_outside(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the outside, under the job's key."""
    to = Receiver(os.environ["FAULTS_OUTSIDE"], recognises_repeats=True)
    outside.send(session, context, to, {"subject": inputs["subject"]})
    return {}


def poison(session: Session, context: JobContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Harm the worker as `kind` says."""
    kind = inputs["kind"]
    if kind == "raise":
        raise RuntimeError("9901018001400001 must be told to nobody")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "hang":
        while True:
            threading.Event().wait(1)
    if kind == "hang in C":
        return {"x": 9**9**9 % 7}
    if kind == "memory":
        return {"x": len([bytes(10_000_000) for _ in range(10**6)])}
    return {"x": object()}


def main(name: str) -> None:
    """Run until SIGTERM."""
    outside.TIMEOUT_S = 6
    work.LEASE_SECONDS = int(os.environ.get("FAULTS_LEASE", work.LEASE_SECONDS))
    worker.JOB_MOST_S = int(os.environ.get("FAULTS_JOB_MOST", worker.JOB_MOST_S))
    worker.STUCK_S = int(os.environ.get("FAULTS_STUCK", worker.STUCK_S))
    added = {"call-outside": call_outside, "poison": poison}
    if name == "worker":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    service_tasks.OPERATIONS = MappingProxyType({**service_tasks.OPERATIONS, **added})
    pilar([name], prog_name="pilar")


if __name__ == "__main__":
    main(sys.argv[1])
