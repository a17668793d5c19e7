"""The folder in which the processes of a machine count together. Imports nothing that counts."""

import os
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The name under which prometheus_client looks for the folder, once, when it is imported."""


def share(data: Path) -> Path:
    """Let this process, and what it starts, count in a folder of the machine. Before prometheus_client is imported."""
    folder = data / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER] = str(folder)
    return folder


def shared_folder() -> Path | None:
    """Where the processes of this machine count; None: this process counts for itself alone."""
    folder = os.environ.get(FOLDER)
    return Path(folder) if folder else None
