"""bpmn:serviceTask: a named operation, done outside the engine's step and reported back."""

from engine.bpmn.dialect.job import Job


class ServiceTask(Job):
    """All of it is a job; a modelled error may be thrown instead of completing it."""
