"""The worker and the scheduler: the only processes that run jobs. Both work, a little slower, with no Redis at all."""

import contextlib
import faulthandler
import logging
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty

from engine import jobs
from engine.errors import Interrupted

POLL_S = 1.0
SWEEP_S = 2.0
BELL_WAIT_S = 1
JOB_MOST_S = 60
GIVE_BACK_S = 7
STUCK_S = 120

log = logging.getLogger("pilar.worker")


class JobTooLong(Exception):
    """A job ran longer than JOB_MOST_S; it counts as a failed attempt."""


class Stop:
    """Set by SIGTERM and SIGINT: the job at hand is finished, or given back after GIVE_BACK_S; no other is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.is_at_work = False

    def listen(self) -> "Stop":
        """Take over the signals of this process."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)
        return self

    def _on_signal(self, signum: int, _frame: FrameType | None) -> None:
        log.info("stopping signal=%d", signum)
        if self.is_at_work:
            signal.setitimer(signal.ITIMER_REAL, GIVE_BACK_S)
        self.request()

    def request(self) -> None:
        """Ask the loop to end after what it is doing."""
        self._event.set()
        # Wakes a worker that waits for a bell; 0 is no job's id.
        jobs.heard.put(0)

    def is_requested(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, at most until the request to end; True if it has come."""
        return self._event.wait(seconds)


def work(run: Callable[[int | None], bool], stop: Stop, redis_url: str | None) -> None:
    """Run jobs until told to stop: what a bell names first, then whatever PostgreSQL says is due.

    `run` claims and runs one job (the named one, or the most urgent); False if there was none.
    """
    listener = threading.Thread(target=_listen, args=(redis_url, stop), name="bell", daemon=True)
    listener.start()
    log.info("worker_ready redis=%s", redis_url is not None)
    while not stop.is_requested():
        for job_id in _wait_for_bell(POLL_S):
            if stop.is_requested():
                break  # what rang too is left to whoever polls next
            _guarded(run, job_id, stop)
        while not stop.is_requested() and _guarded(run, None, stop):
            pass
    listener.join(BELL_WAIT_S + 1)
    log.info("worker_stopped")


def schedule(sweep: Callable[[], Sequence[int]], ring: Callable[[Sequence[int]], None], stop: Stop) -> None:
    """Every SWEEP_S seconds: give back what dead workers held, and ring for what is due."""
    log.info("scheduler_ready")
    while not stop.wait(SWEEP_S):
        try:
            ring(sweep())
        except Exception as error:  # The process's edge: one bad sweep must not end all later ones.
            log.exception("sweep_failed error=%s", type(error).__name__)
    log.info("scheduler_stopped")


def _wait_for_bell(seconds: float) -> list[int]:
    """The ids rung for meanwhile, each once; empty after `seconds` of silence."""
    ids: set[int] = set()
    with contextlib.suppress(queue.Empty):
        ids.add(jobs.heard.get(timeout=seconds))
        while True:
            ids.add(jobs.heard.get_nowait())
    return sorted(ids - {0})


def _guarded(run: Callable[[int | None], bool], job_id: int | None, stop: Stop) -> bool:
    """Run one job with a time limit. What `run` lets through is logged by class: it may carry answers."""
    with _time_limit(stop):
        try:
            return run(job_id)
        except Exception as error:  # The worker's edge (architecture.md, errors): a bad job must not end the worker.
            log.error("job_failed job=%s error=%s", job_id, type(error).__name__)
            return False


@contextlib.contextmanager
def _time_limit(stop: Stop) -> Iterator[None]:
    """JobTooLong after JOB_MOST_S; where even that is not heard (endless C code), the process ends at STUCK_S.

    The lease then expires, the attempt has been counted when it was claimed, and the supervisor starts anew.
    Interrupted instead, GIVE_BACK_S after the request to stop.
    """

    def too_long(_signum: int, _frame: FrameType | None) -> None:
        if stop.is_requested():
            raise Interrupted("The process is to stop.")
        raise JobTooLong(f"The job ran longer than {JOB_MOST_S} seconds.")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, too_long)
    stop.is_at_work = True
    signal.setitimer(signal.ITIMER_REAL, GIVE_BACK_S if stop.is_requested() else JOB_MOST_S)
    faulthandler.dump_traceback_later(STUCK_S, exit=True)
    try:
        yield
    finally:
        stop.is_at_work = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()


def _listen(url: str | None, stop: Stop) -> None:
    """Hear bells until told to stop; a Redis that is away, comes back or holds rubbish is no reason to end."""
    while url is not None and not stop.is_requested():
        try:
            listener = BellListener(
                [jobs.QUEUE],
                connection=jobs.connect(url, timeout=10),
                job_class=jobs.BellJob,
                serializer=JSONSerializer,
                # RQ waits 15 s less than this for the next bell.
                worker_ttl=15 + BELL_WAIT_S,
                maintenance_interval=15,
                log_job_description=False,
                disable_default_exception_handler=True,
            )
            listener.stop = stop
            listener.work(logging_level="WARNING")
        except Exception as error:  # The worker's edge: polling goes on, whatever a poisoned Redis makes RQ raise.
            log.warning("bell_silent error=%s", type(error).__name__)
        stop.wait(POLL_S)


class NoDeathPenalty(BaseDeathPenalty):
    """RQ's own time limit uses a signal, which threads may not; `hear` only puts a number into a queue."""

    def setup_death_penalty(self) -> None:
        """Nothing to set."""

    def cancel_death_penalty(self) -> None:
        """Nothing to cancel."""


class BellListener(SimpleWorker):
    """An RQ worker in a thread: no signals, no remote commands, no fork; one queue."""

    death_penalty_class = NoDeathPenalty
    max_connection_wait_time = 2.0
    stop: Stop

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ calls this before each wait: the moment at which the loop can end."""
        if self.stop.is_requested():
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def _install_signal_handlers(self) -> None:
        """The process's own handlers stay."""

    def subscribe(self) -> None:
        """No commands over pub/sub: nobody can stop or kill this worker through Redis."""

    def unsubscribe(self) -> None:
        """There is nothing to leave."""

    def procline(self, message: str) -> None:
        """The process keeps its name."""
