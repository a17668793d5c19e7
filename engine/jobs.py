"""The doorbell: RQ tells workers that a job is due. PostgreSQL holds the job; every bell may be lost or doubled."""

import logging
import time
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "bell"
FUNCTION = "engine.jobs.hear"
MOST_OUTSTANDING = 50
TIMEOUT_S = 0.2
SILENCE_S = 5.0

heard: SimpleQueue[int] = SimpleQueue()
"""Ids that bells brought to this process; the worker's loop takes them out."""

log = logging.getLogger("pilar.jobs")


class NotABell(Exception):
    """Something in the queue names another function than ours: it is never called."""


class BellJob(Job):
    """An RQ job that can call one function of ours and nothing else, whatever its hash in Redis says."""

    @property
    def func(self) -> Any:
        """`hear`, or NotABell."""
        if self.func_name != FUNCTION or self.instance is not None:
            raise NotABell("The queue holds a job that Pilar did not put there.")
        return hear


def hear(job_id: int) -> None:
    """What RQ calls: remember the id; the worker asks PostgreSQL what it means."""
    heard.put(int(job_id))


class Bell:
    """Rings workers after a commit. Never raises and never holds a person up: errors are counted."""

    def __init__(self, url: str | None) -> None:
        self.error_count = 0
        self._silent_until = 0.0
        self._queue = None if url is None else _queue(url)

    def ring(self, job_ids: Sequence[int]) -> None:
        """Ring once for each id. After an error the bell keeps silent for some seconds: workers poll anyway."""
        if self._queue is None or time.monotonic() < self._silent_until:
            return
        try:
            pending = MOST_OUTSTANDING - len(self._queue)
            for job_id in job_ids[: max(0, pending)]:
                self._queue.enqueue_call(
                    FUNCTION, args=(job_id,), timeout=10, result_ttl=0, failure_ttl=60, ttl=300, description="bell"
                )
        except RedisError as error:
            self.error_count += 1
            self._silent_until = time.monotonic() + SILENCE_S
            log.warning("bell_failed error=%s count=%d", type(error).__name__, self.error_count)


def connect(url: str, *, timeout: float = TIMEOUT_S) -> Redis:
    """A connection that gives up after `timeout` seconds and does not try again by itself."""
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0))


def empty(url: str) -> None:
    """Throw all bells away: workers find in PostgreSQL what is due. Raises RedisError."""
    with connect(url) as client:
        client.delete(f"rq:queue:{QUEUE}")


def _queue(url: str) -> Queue:
    return Queue(QUEUE, connection=connect(url), serializer=JSONSerializer, job_class=BellJob)
