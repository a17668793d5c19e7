"""The web process: gunicorn with its workers, configured from our settings."""

import os
import sys
import urllib.error
import urllib.request

from engine.metrics.sharing import share
from engine.settings import Settings


def serve(settings: Settings) -> None:
    """Become gunicorn. Threads serve requests that wait for the database; a worker starts anew now and then.

    The application is loaded once and forked: it opens no connection before a request needs one.
    """
    command = [
        *(sys.executable, "-m", "gunicorn", "web.wsgi:make()", "--preload", "--config", "python:engine.serve.forks"),
        *("--bind", f"{settings.host}:{settings.port}"),
        *("--workers", str(settings.web_workers), "--worker-class", "engine.serve.threads.EndingWorker"),
        *("--threads", "4"),
        *("--timeout", "60", "--graceful-timeout", "8", "--keep-alive", "5"),
        *("--max-requests", "5000", "--max-requests-jitter", "500"),
        *("--no-control-socket", "--log-level", "warning", "--forwarded-allow-ips", "*"),
        *("--limit-request-line", "8190"),
    ]
    share(settings.data)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter


def answers(address: str) -> bool:
    """Whether a web server of ours answers there, be it with a page or with a refusal."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
