"""RQ as a doorbell, on a real Valkey: it may be away, lie or be flooded, and nothing is lost or called by mistake."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from engine import jobs
from engine.worker import Stop, schedule, work


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """No id of an earlier test is left in the process."""
    while not jobs.heard.empty():
        jobs.heard.get_nowait()


class Promises:
    """A stand-in for PostgreSQL's table: ids that are due, and what was run."""

    def __init__(self, *due: int) -> None:
        self.due = list(due)
        self.ran: list[int] = []
        self.asked: list[int | None] = []
        self.changed = threading.Condition()

    def run(self, job_id: int | None) -> bool:
        with self.changed:
            self.asked.append(job_id)
            found = job_id if job_id in self.due else (self.due[0] if self.due and job_id is None else None)
            if found is None:
                return False
            self.due.remove(found)
            self.ran.append(found)
            self.changed.notify_all()
            return True

    def add(self, job_id: int) -> None:
        with self.changed:
            self.due.append(job_id)

    def wait_for(self, ran: list[int], seconds: float = 10) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: sorted(self.ran) == sorted(ran), seconds), self.ran


Start = Callable[[Callable[[int | None], bool], str | None], threading.Thread]


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def start(stop: Stop) -> Iterator[Start]:
    """Starts workers in threads, and ends them with the test."""
    threads: list[threading.Thread] = []

    def begin(run: Callable[[int | None], bool], url: str | None) -> threading.Thread:
        threads.append(threading.Thread(target=work, args=(run, stop, url)))
        threads[-1].start()
        return threads[-1]

    yield begin
    stop.request()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_without_redis_workers_poll(start: Start, stop: Stop) -> None:
    promises = Promises(1, 2)
    thread = start(promises.run, None)
    promises.wait_for([1, 2])
    promises.add(3)
    promises.wait_for([1, 2, 3])
    stop.request()
    thread.join(5)
    assert not thread.is_alive()


def test_a_bell_wakes_at_once(start: Start, valkey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker.POLL_S", 60)
    promises = Promises()
    start(promises.run, valkey)
    promises.add(41)
    jobs.Bell(valkey).ring([41])
    promises.wait_for([41])
    assert 41 in promises.asked


def test_bells_survive_a_flush_and_a_server_that_holds_rubbish(start: Start, valkey: str) -> None:
    promises = Promises()
    with redis.Redis.from_url(valkey) as client:
        queue = Queue(jobs.QUEUE, connection=client, serializer=JSONSerializer)
        queue.enqueue_call("os.getcwd", result_ttl=0)
        client.rpush("rq:queue:bell", "no-such-job")
        client.hset("rq:job:poison", mapping={"created_at": "never", "data": b"\x80\x04", "status": "?"})
        client.rpush("rq:queue:bell", "poison")
        start(promises.run, valkey)
        promises.add(5)
        promises.wait_for([5])
        client.flushall()
    promises.add(6)
    promises.wait_for([5, 6])


def test_no_other_function_than_ours_is_called(valkey: str) -> None:
    with redis.Redis.from_url(valkey) as client:
        queue = Queue(jobs.QUEUE, connection=client, serializer=JSONSerializer, job_class=jobs.BellJob)
        for name in ("os.system", "engine.jobs.connect"):
            job = queue.enqueue_call(name, args=("true",), result_ttl=0)
            with pytest.raises(jobs.NotABell):
                job.perform()


def test_a_bell_carries_an_id_and_nothing_else(valkey: str) -> None:
    jobs.Bell(valkey).ring([17])
    with redis.Redis.from_url(valkey) as client:
        (name,) = client.lrange("rq:queue:bell", 0, -1)
        held = client.hgetall(b"rq:job:" + name)
    assert jobs.BellJob.fetch(name.decode(), redis.Redis.from_url(valkey), serializer=JSONSerializer).args == [17]
    assert held[b"result_ttl"] == b"0"
    assert held[b"description"] == b"bell"


def test_a_redis_that_is_away_costs_nobody_time_or_an_error() -> None:
    bell = jobs.Bell("redis://127.0.0.1:1/0")
    started = time.monotonic()
    for _ in range(100):
        bell.ring([1])
    assert time.monotonic() - started < 0.5
    assert bell.error_count == 1


def test_a_network_that_swallows_everything_costs_a_moment_now_and_then() -> None:
    """Nobody refuses and nobody answers: neither the greeting of the kernel nor a word of Redis."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        port = silent.getsockname()[1]
        with ExitStack() as full:
            for _ in range(2):
                waiting = full.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(("127.0.0.1", port))
            bell, started = jobs.Bell(f"redis://127.0.0.1:{port}/0"), time.monotonic()
            for _ in range(100):
                bell.ring([1])
            assert time.monotonic() - started < 0.3
    assert bell.error_count == 1


def test_a_storm_of_due_jobs_does_not_flood_the_queue(valkey: str) -> None:
    jobs.Bell(valkey).ring(range(10_000))
    with redis.Redis.from_url(valkey) as client:
        assert client.llen("rq:queue:bell") == jobs.MOST_OUTSTANDING


def test_a_job_that_raises_does_not_end_the_worker(start: Start) -> None:
    promises = Promises(1)
    failures = iter([RuntimeError("Siti 9901…")])

    def run(job_id: int | None) -> bool:
        for failure in failures:
            raise failure
        return promises.run(job_id)

    start(run, None)
    promises.wait_for([1])


def test_no_job_is_begun_once_the_worker_is_to_stop(start: Start, stop: Stop) -> None:
    """However many bells have rung: each could take seconds, and the process has ten."""
    promises = Promises(*range(1, 101))

    def run(job_id: int | None) -> bool:
        stop.request()
        return promises.run(job_id)

    for job_id in promises.due:
        jobs.heard.put(job_id)
    start(run, None).join(10)
    assert len(promises.ran) == 1


def test_the_scheduler_goes_on_after_a_bad_sweep(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker.SWEEP_S", 0.01)
    rung: list[list[int]] = []
    answers = iter([RuntimeError("away"), [7]])

    def sweep() -> list[int]:
        answer = next(answers, [])
        if isinstance(answer, RuntimeError):
            raise answer
        if not answer:
            stop.request()
        return answer

    schedule(sweep, lambda ids: rung.append(list(ids)), stop)
    assert rung == [[7], []]
