"""What is measured waits for the disk, as in service."""

import pytest


@pytest.fixture(scope="session")
def server_options() -> tuple[str, ...]:
    """PostgreSQL as it is served."""
    return ()
