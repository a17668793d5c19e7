"""The numbers of all processes of a machine, added up: each writes its own file in a folder that they share.

A process that has ended leaves its file; what it counted is added to one file of the past, so that there are never
more files than processes.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

PAST = "past"

Gauge = tuple[str, str, dict[str, str], float]
"""(name, help, labels, value) of something that is looked up when it is asked for."""


def exposition(gauges: Iterable[Gauge], folder: Path | None) -> bytes:
    """Everything in Prometheus' text format: what the processes counted, and `gauges`."""
    gauges = list(gauges)
    with _alone(folder):
        registry = CollectorRegistry()
        if folder is not None:
            MultiProcessCollector(registry, str(folder))
            _bury(folder)
        registry.register(_Gauges(gauges))
        counted = b"" if folder is not None else generate_latest(REGISTRY)
        return counted + generate_latest(registry)


def answer(host: str, port: int, folder: Path) -> None:
    """Answer Prometheus at this place, in a thread: what the processes of this machine counted."""
    with _alone(folder):
        _bury(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    start_http_server(port, host, registry)


class _Gauges(Collector):
    def __init__(self, gauges: list[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each name."""
        families: dict[str, GaugeMetricFamily] = {}
        for name, text, labels, value in self._gauges:
            family = families.setdefault(name, GaugeMetricFamily(name, text, labels=list(labels)))
            family.add_metric(list(labels.values()), value)
        yield from families.values()


@contextlib.contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    """Nobody else of this machine adds up meanwhile."""
    if folder is None:
        yield
        return
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bury(folder: Path) -> None:
    """Add what ended processes counted to the file of the past, and remove theirs."""
    for path in folder.glob("*.db"):
        kind, _, pid = path.stem.rpartition("_")
        if pid.isdigit() and not _lives(int(pid)):
            past = MmapedDict(str(folder / f"{kind}_{PAST}.db"))
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
                past.write_value(key, past.read_value(key)[0] + value, 0.0)
            past.close()
            path.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
