"""The load: clients that are fed with a few visits ahead, and with every closing that has come due."""

import queue
import threading
import time
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.store.session import Sessions
from tests.faults.clients import Browser, Worker
from tests.faults.running import slowness

OPEN = text(
    "SELECT t.id, t.element_id FROM task t JOIN process_instance p ON p.id = t.instance_id"
    " WHERE t.state = 'open' AND p.id = ANY(:instances) ORDER BY t.id"
)
VISITS = text("SELECT instance_id, id FROM task WHERE instance_id = ANY(:instances) AND element_id = 'visit'")
DONE = text("SELECT count(*) FROM process_instance WHERE id = ANY(:instances) AND state <> 'active'")


class Load(threading.Thread):
    """Feeds the clients: a few visits ahead, and every closing that has come due."""

    def __init__(self, sessions: Sessions, browsers: Sequence[Browser], instances: Sequence[int], seed: int) -> None:
        super().__init__(daemon=True)
        self.sessions, self.instances, self.begun = sessions, instances, list[int]()
        self.tasks: queue.Queue[int | None] = queue.Queue()
        self.workers = [Worker(browser, self.tasks, seed + number, 0.03) for number, browser in enumerate(browsers)]
        self._given: set[int] = set()
        self._is_beginning = True
        self._over = threading.Event()

    def start(self) -> None:
        """Begin to work."""
        for worker in self.workers:
            worker.start()
        super().start()

    def run(self) -> None:
        """Until told to stop."""
        with self.sessions() as session:
            visits = {row.instance_id: row.id for row in session.execute(VISITS, {"instances": self.instances})}
        waiting = list(self.instances)
        while not self._over.wait(0.05):
            while self._is_beginning and waiting and self.tasks.qsize() < len(self.workers):
                instance = waiting.pop(0)
                self.begun.append(instance)
                self._give(visits[instance])
            self._give_closings()

    def stop_beginning(self) -> None:
        """What is begun is finished, whatever stands open in it; nothing new."""
        self._is_beginning = False

    def wait(self) -> None:
        """Until everything begun has ended, or a good while longer than that may take."""
        deadline = time.monotonic() + 40 + 60 * slowness()
        while time.monotonic() < deadline and self._done() < len(self.begun):
            assert all(worker.failure is None for worker in self.workers), self.workers[0].failure
            time.sleep(0.1)

    def stop(self) -> None:
        """Send the clients home."""
        self._over.set()
        self.join()
        for _ in self.workers:
            self.tasks.put(None)
        for worker in self.workers:
            worker.join(30)
            assert worker.failure is None, worker.failure

    def _give(self, task_id: int) -> None:
        if task_id not in self._given:
            self._given.add(task_id)
            self.tasks.put(task_id)

    def _give_closings(self) -> None:
        try:
            with self.sessions() as session:
                for task_id, element in session.execute(OPEN, {"instances": self.begun}):
                    if element == "close" or not self._is_beginning:
                        self._give(task_id)
        except DBAPIError:
            return  # the database is away: clients have something to do

    def _done(self) -> int:
        try:
            with self.sessions() as session:
                return int(session.execute(DONE, {"instances": self.begun}).scalar_one())
        except DBAPIError:
            return 0
