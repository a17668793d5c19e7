"""Completes the bench's task on django-viewflow again and again: `python viewflow_steps.py < plan.json`.

Plan: {url, facts}. Reads a number of rounds from each further line, does them, and prints their seconds as JSON.
"""

import json
import sys
import time
from urllib.parse import urlsplit

import django
from django.conf import settings


def configure(url: str) -> None:
    """Django on this database; nothing that its own documentation does not ask for."""
    parts = urlsplit(url)
    settings.configure(
        USE_TZ=True,
        SECRET_KEY="bench",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "viewflow",
            "viewflow.workflow",
            "peer_case",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path[1:],
                "USER": parts.username,
                "PASSWORD": parts.password or "",
                "HOST": parts.hostname,
                "PORT": parts.port,
                "CONN_MAX_AGE": None,
            }
        },
    )
    django.setup()


def prepare(facts):
    """The tables, a worker who may assess, and a case; the step that completes its open task."""
    from django.contrib.auth.models import Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from django.db import transaction
    from peer_case.flows import CaseFlow
    from viewflow.workflow.models import Process, Task

    call_command("migrate", verbosity=0)
    about = ContentType.objects.get_for_model(Process)
    permission = Permission.objects.create(codename="assess", name="assess", content_type=about)
    user = User.objects.create(username="tksk01")
    user.user_permissions.add(permission)
    process = CaseFlow.start.run(facts=facts)

    def step() -> None:
        worker = User.objects.get(pk=user.pk)
        with transaction.atomic(), CaseFlow.lock(process.pk):
            task = Task.objects.get(process=process, finished__isnull=True, flow_task_type="HUMAN")
            activation = task.flow_task.activation_class(task)
            if not activation.flow_task.can_assign(worker, task):
                raise PermissionError(worker.username)
            activation.assign(worker)
            activation.start(None)
            activation.execute()

    return step


def main() -> None:
    """Do what the lines ask for."""
    plan = json.loads(sys.stdin.readline())
    configure(plan["url"])
    step = prepare(plan["facts"])
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            begin = time.perf_counter()
            step()
            times.append(time.perf_counter() - begin)
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
