"""Where a task is done: in the village that its own scope names (one task for each village), else in the case's."""

from typing import Any

from sqlalchemy import ColumnElement, func

from engine.store.cases import Case
from engine.store.tasks import Task

PLACE = "affected_village"
"""The variable of a task's own scope, such as a loop's item, that names its village."""


def village_of_task() -> ColumnElement[Any]:
    """SQL: the code of the village; to be compared in queries that join the task's case."""
    return func.coalesce(Task.local[PLACE].as_string(), Case.village_code)
