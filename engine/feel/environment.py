"""What the caller gives an evaluation: the moment, the zone, extra functions, and what it may cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.errors import FeelBudgetError

MAX_WARNINGS = 50


@dataclass(frozen=True)
class Budget:
    """Limits of one evaluation: loop and call steps, call depth, items or characters of one value, CPU seconds."""

    steps: int = 1_000_000
    depth: int = 60
    size: int = 100_000
    seconds: float = 2.0


@dataclass(slots=True)
class Environment:
    """One per operation; used by one thread at a time.

    `now` is aware. `functions` adds functions by FEEL name, `types` item definitions by name. After an evaluation
    `warnings` says why something became null. `trace`, when a list, receives what each decision table did.
    """

    now: datetime
    timezone: ZoneInfo
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    types: Mapping[str, Any] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    warnings: list[str] = field(default_factory=list)
    trace: list[Any] | None = None
    steps: int = 0
    depth: int = 0
    active: bool = False
    until: float = 0.0

    def begin(self) -> None:
        """A fresh budget for the expression that starts now."""
        self.steps = self.budget.steps
        self.depth = 0
        self.until = 0.0

    def charge(self, cost: int = 1) -> None:
        """Count `cost` steps; raise when the steps or the time are used up."""
        before = self.steps
        self.steps = before - cost
        if self.steps < 0:
            raise FeelBudgetError("steps")
        if before >> 8 != self.steps >> 8:
            self._charge_time()

    def _charge_time(self) -> None:
        """The thread's own seconds count, from the first look on: a machine that stood still costs no case its step."""
        spent = time.thread_time()
        if not self.until:
            self.until = spent + self.budget.seconds
        elif spent > self.until:
            raise FeelBudgetError("time")

    @contextmanager
    def call(self) -> Iterator[None]:
        """One level of function calls deeper; raise when they are too many."""
        self.charge()
        self.depth += 1
        try:
            if self.depth > self.budget.depth:
                raise FeelBudgetError("depth")
            yield
        finally:
            self.depth -= 1

    def check_size(self, size: int) -> None:
        """Refuse a text or list that grew too long."""
        if size > self.budget.size:
            raise FeelBudgetError("size")

    def grow(self, size: int) -> None:
        """Count the memory of a new text or list, and refuse it when it is too long."""
        if size > self.budget.size:
            raise FeelBudgetError("size")
        if size > 15:
            self.charge(size >> 4)

    def warn(self, reason: str) -> None:
        """Record why a result became null."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(reason)
