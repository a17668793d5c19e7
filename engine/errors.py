"""Every error the engine raises on purpose; web/errors.py maps each class to one page and status."""

from collections.abc import Mapping, Sequence, Set


class EngineError(Exception):
    """Base class. `code` is the stable name that pages, the API, logs and tests use."""

    code = "engine_error"


class NotFound(EngineError):
    """It does not exist, or the actor may not know that it exists."""

    code = "not_found"


class Forbidden(EngineError):
    """The actor may see the row but not do this to it (for instance four-eyes)."""

    code = "forbidden"


class Conflict(EngineError):
    """Somebody else was first, or the row is no longer in a state that allows this."""

    code = "conflict"


class TaskNotOpen(Conflict):
    """The task was completed, cancelled or claimed meanwhile; the message says by whom and when."""

    code = "task_not_open"


class Interrupted(EngineError):
    """The process was asked to stop: the job at hand is given back as if it had not been begun."""

    code = "interrupted"


class NotYet(EngineError):
    """The outside has no room for this call now: the job waits `seconds`, and the attempt does not count."""

    code = "not_yet"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Not before {seconds} seconds.")
        self.seconds = seconds


class OutsideFailed(EngineError):
    """The receiver refused, was not there, or recognises a repeat: the job is tried again under the same key."""

    code = "outside_failed"


class MaybeSent(EngineError):
    """A receiver that cannot tell a repeat may have got it or not: nobody sends again before a person has looked."""

    code = "maybe_sent"


class InvalidState(EngineError):
    """Stored bytes of an instance that no reader of this version understands: only a person can help."""

    code = "invalid_state"


class IdempotencyMismatch(EngineError):
    """The same idempotency key arrived with another body."""

    code = "idempotency_mismatch"


class InvalidForm(EngineError):
    """Answers that do not pass the form. `messages`: field key -> list of sentences."""

    code = "invalid_form"

    def __init__(self, messages: Mapping[str, Sequence[str]]) -> None:
        super().__init__("The form has errors.")
        self.messages = messages


class NotAskedYet(EngineError):
    """Answers bring up questions that the page they come from did not show. `paths`: of those questions."""

    code = "not_asked_yet"

    def __init__(self, paths: Set[str]) -> None:
        super().__init__("The answers bring up other questions.")
        self.paths = paths


class InvalidDefinition(EngineError):
    """A diagram, table or form that cannot run. `problems`: sentences naming file, element and reason."""

    code = "invalid_definition"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class TooManyAttempts(EngineError):
    """Throttled: `retry_after` is in seconds."""

    code = "too_many_attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Try again in {retry_after} seconds.")
        self.retry_after = retry_after
