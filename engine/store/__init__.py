"""Rows: SQLAlchemy models with their own queries, one concept per file."""

from engine.store import (  # noqa: F401  every model must be known to the metadata
    answers,
    audit,
    cases,
    commands,
    definitions,
    disasters,
    documents,
    history,
    incidents,
    instances,
    jobs,
    messages,
    office,
    partners,
    people,
    referrals,
    regions,
    tasks,
    timer_starts,
    workers,
)
