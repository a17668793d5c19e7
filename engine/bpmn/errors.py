"""Errors of this package: what a caller may see, and the fault that becomes an incident inside a run."""

from engine.errors import Conflict, EngineError, InvalidDefinition, InvalidState, NotFound


class WaitNotFound(Conflict):
    """The instance does not wait for that (any more): it was completed, cancelled or never existed."""

    code = "wait_not_found"

    def __init__(self, wait_id: str) -> None:
        super().__init__(f"The instance does not wait for {wait_id!r}.")
        self.wait_id = wait_id


class ProcessNotFound(NotFound):
    """The definition holds no such process, or the process has no start of the wanted kind."""

    code = "process_not_found"


class Fault(EngineError):
    """Why an element cannot go on. Never leaves the package: the run loop makes an incident of it."""

    code = "fault"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


__all__ = ["Fault", "InvalidDefinition", "InvalidState", "ProcessNotFound", "WaitNotFound"]
