"""After a whole case the database is searched like a stolen backup: nothing personal stands in it in clear."""

from sqlalchemy import String, cast, func, inspect, select
from sqlalchemy.orm import Session

from engine.settings import PROJECT
from engine.store.base import Base
from engine.stories import read, tell

STORY = PROJECT / "workflows" / "case" / "stories" / "beaten_wife.yaml"
# A NIK, a telephone number, an address, a narrative: each was typed in the story.
SEEDS = ("9901015203970003", "081200000001", "Jalan Contoh 5", "Dipukul suami", "Dipukul tiga kali", "Lewat kakak")


def leaks(session: Session, seed: str) -> list[str]:
    """table.column of every place that holds the seed, as text or as bytes."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            as_text = cast(column, String)
            in_hex = seed.encode().hex()
            hit = as_text.contains(seed, autoescape=True) | as_text.contains(in_hex, autoescape=True)
            if session.scalar(select(func.count()).select_from(table).where(hit)):
                found.append(f"{table.name}.{column.name}")
    return found


def test_a_stolen_database_tells_no_number_address_or_story(stage_session: Session) -> None:
    told = tell(stage_session, read(STORY))
    assert set(SEEDS) <= {part for word in told.personal for part in SEEDS if part in word}, "all seeds were typed"
    stage_session.flush()
    assert {seed: places for seed in SEEDS if (places := leaks(stage_session, seed))} == {}


def test_the_search_would_find_what_is_in_clear(stage_session: Session) -> None:
    """The names of people are in clear, for search: this is what a finding looks like."""
    tell(stage_session, read(STORY))
    stage_session.flush()
    assert "person.name" in leaks(stage_session, "Lina Contoh")
    assert inspect(stage_session.connection()).get_table_names()
