"""docs/deploy: units, image and manifests are well formed and name what there is.

The manifests are held against Kubernetes' own schemas, the units against systemd where it is there. Nothing is started:
the Containerfile is only held against the tree.
"""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from engine.cli.main import COMMANDS
from engine.settings import NAMES, PROJECT

DEPLOY = PROJECT / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
CONTAINERFILE = DEPLOY / "Containerfile"
MOST_EXPOSURE = 20  # of 100
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def documents() -> list[dict[str, Any]]:
    return [part for path in MANIFESTS for part in yaml.safe_load_all(path.read_text())]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for part in documents():
        if "template" in part.get("spec", {}):
            yield part["metadata"]["name"], part["spec"]["template"]["spec"]


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, pod in pods():
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            yield name, container


def unit(path: Path) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text())
    return read


@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_the_manifests_are_what_kubernetes_knows(version: str) -> None:
    found = documents()
    kinds = sorted(part["kind"] for part in found)
    assert kinds == ["ConfigMap", *["Deployment"] * 3, "Job", *["PodDisruptionBudget"] * 2, "Service"]
    for part in found:
        kubernetes_validate.validate(part, version, strict=True)


def test_a_manifest_with_a_misspelt_field_is_refused() -> None:
    """Strict: otherwise the schemas let through what nobody would heed."""
    part = next(part for part in documents() if part["kind"] == "Deployment")
    part["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(part, "1.37", strict=True)


def test_pods_run_pilars_commands_in_the_image_with_nothing_more_than_they_need() -> None:
    person = int(re.search(r"^USER (\d+)", CONTAINERFILE.read_text(), re.MULTILINE)[1])  # type: ignore[index]
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["runAsUser"] == person, name
        assert pod["automountServiceAccountToken"] is False, name
    for name, container in containers():
        assert container["image"] == f"pilar:{VERSION}", name
        assert container["args"][0] in COMMANDS, name
        closed = container["securityContext"]
        assert (closed["readOnlyRootFilesystem"], closed["capabilities"]) == (True, {"drop": ["ALL"]}), name
        assert container["envFrom"] == [{"configMapRef": {"name": "pilar"}}, {"secretRef": {"name": "pilar-settings"}}]


def test_what_belongs_together_carries_the_same_labels() -> None:
    labels = {part["metadata"]["name"]: part for part in documents() if part["kind"] == "Deployment"}
    for part in documents():
        wanted = part.get("spec", {}).get("selector")
        if wanted is not None:
            wanted = wanted.get("matchLabels", wanted)
            assert wanted in [one["spec"]["template"]["metadata"]["labels"] for one in labels.values()], part["kind"]


def test_probes_ask_for_addresses_that_there_are() -> None:
    asked = {
        (kind, probe["httpGet"]["path"])
        for _, container in containers()
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        if (probe := container.get(kind))
    }
    assert asked == {("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")}
    assert {"/healthz", "/readyz"} <= set(re.findall(r'get\("(/\w+)"\)', (PROJECT / "web" / "health.py").read_text()))


def test_only_settings_that_there_are_and_no_secret_in_a_file() -> None:
    given = next(part["data"] for part in documents() if part["kind"] == "ConfigMap")
    assert set(given) <= set(NAMES)
    assert not {"DATABASE_URL", "PILAR_SECRET", "REDIS_URL"} & set(given)
    assert not [part for part in documents() if part["kind"] == "Secret"]
    for path in UNITS:
        words = shlex.split(unit(path)["Service"]["Environment"])
        assert {word.partition("=")[0] for word in words} <= set(NAMES), path.name


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_pilars_commands_closed_in(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["ExecStart"].split()[0] == "/opt/pilar/.venv/bin/pilar"
    assert service["ExecStart"].split()[1] in COMMANDS
    assert service["LoadCredential"] == "keys:/etc/pilar/keys"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["User"]) == ("yes", "strict", "pilar")


@needs_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Under another command, since there is no /opt/pilar here."""
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace("/opt/pilar/.venv/bin/pilar", shutil.which("true") or "")
        (tmp_path / path.name).write_text(text)
    files = sorted(map(str, tmp_path.iterdir()))
    told = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    own = [line for line in told.stderr.splitlines() if "pilar" in line]
    assert (told.returncode, own) == (0, [])
    for path in UNITS:
        words = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", str(path)]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stdout[-300:]


def test_the_image_is_made_of_what_there_is() -> None:
    lines = CONTAINERFILE.read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == ["FROM ${BASE} AS built", "FROM ${BASE}"]
    copied = [word for line in lines if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    assert [name for name in copied if not (PROJECT / name).exists()] == []
    # Everything that the running processes read is in it.
    assert {"engine", "forms", "web", "workflows", "migrations", "requirements.lock"} <= set(copied)
    assert 'CMD ["web"]' in lines
