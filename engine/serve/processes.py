"""Child processes that never outlive their parent: start, stop, ports, and dropping root."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The system account that a server runs as; `may_pass` lets it into folders that only root may enter."""

    uid: int
    gid: int
    may_pass: bool = False


def die_with_parent(signum: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process `signum` when its parent ends, however it ends (Linux only)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def free_port(host: str, wanted: int) -> int:
    """`wanted` if nobody listens there, otherwise the next free one above it, or any free one."""
    for port in (*range(wanted, min(wanted + 50, 65536)), 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"No free port on {host}.")


def on_free_port(wanted: int, begin: Callable[[int], None], failure: type[Exception]) -> None:
    """Begin a server of this machine's own on a free port.

    Between finding a port and listening on it another server may take it: then `begin` fails, and the next port is
    tried. Raises what `begin` raised when the port is not the reason.
    """
    for _ in range(5):
        port = free_port("127.0.0.1", wanted)
        try:
            return begin(port)
        except failure:
            if free_port("127.0.0.1", port) == port:
                raise
    raise OSError(f"Each port from {wanted} on was taken by another server at the last moment.")


def unprivileged_account(folder: Path) -> Account | None:
    """Whom a server runs as that refuses root; None when we are not root.

    An existing `folder` keeps its owner. A clone below /root can be entered by root only: the account then
    keeps the one capability to pass, instead of the whole clone being opened to everybody.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _first_account("nobody", "postgres", "daemon")
    may_enter = all(parent.stat().st_mode & 0o001 for parent in folder.parents)
    return Account(entry.pw_uid, entry.pw_gid, may_pass=not may_enter)


def _first_account(*names: str) -> pwd.struct_passwd:
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise OSError("PostgreSQL refuses to run as root, and there is no account `nobody` to run it as.")


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    text: str | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (Ctrl-C reaches only us) that ends when we end.

    `text` goes to its standard input; what it says is appended to `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands only
            [str(part) for part in command],
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=child_setup(account, death_signal),  # noqa: PLW1509 - the supervisor has one thread
        )
    if process.stdin is not None:
        process.stdin.write((text or "").encode())
        process.stdin.close()
    return process


def child_setup(account: Account | None, death_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """What a child does between fork and exec: become the account, then tie itself to the parent."""
    parent = os.getpid()

    def setup() -> None:
        if account is not None:
            _become(account)
        die_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return setup


def stop(process: subprocess.Popen[bytes], signum: int, patience: float) -> bool:
    """Signal a process and wait for it; after `patience` seconds kill its group. False if it had to be killed."""
    if process.poll() is not None:
        return True
    process.send_signal(signum)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    return True


def _become(account: Account) -> None:
    """Drop root for the account; PDEATHSIG has to be set after this, a change of user clears it."""
    if account.may_pass and _libc is not None:
        # Keeps capabilities over setuid, and lets access(2), which PostgreSQL asks, see them too.
        _libc.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if account.may_pass:
        _keep_dac_override()


def _keep_dac_override() -> None:
    """Reduce the kept capabilities to DAC_OVERRIDE and make it survive exec (capabilities(7), ambient set)."""
    if _libc is None:
        return
    mask = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
