"""What one command says, within a time and a size, come what may."""
import os
import selectors
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
MOST_STDERR = 4096
PIECE = 1 << 16


@dataclass
class Outcome:
    """What was gathered for one file of the archive, and how that went."""
    text: str = ""
    error: str | None = None  # Why there is less than there might be.
    status: int | None = None  # Of a command that ended by itself.
    stderr: str = ""
    seconds: float = 0.0
    is_truncated: bool = False
    is_late: bool = False


def whole_lines(data, limit, has_ended=True):
    """At most so many bytes, as text, and no half of a line, in which half of
    an address would not be known for one."""
    if len(data) > limit or not has_ended:
        data = data[:data.rfind(b"\n", 0, limit) + 1]
    return data.decode(errors="backslashreplace")


def run(argv, timeout, limit):
    """The outcome of a command, which gets nothing to read and no shell."""
    begun = time.monotonic()
    environment = {**os.environ, "LC_ALL": "C.UTF-8",
                   "PATH": f"{os.environ.get('PATH', '')}:{PATH}"}
    with tempfile.TemporaryFile() as stderr:
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=stderr, env=environment, start_new_session=True)
        except FileNotFoundError:
            return Outcome(error=f"{argv[0]} is not installed")
        except OSError as error:
            return Outcome(error=f"{argv[0]}: {error.strerror}")
        with process.stdout:
            outcome = read(process.stdout, begun + timeout, limit)
        end(process, outcome, begun + timeout)
        stderr.seek(0)
        outcome.stderr = whole_lines(stderr.read(MOST_STDERR + 1), MOST_STDERR)
    outcome.seconds = time.monotonic() - begun
    if outcome.is_late:
        outcome.error = f"no answer within {timeout:.0f} seconds"
    elif outcome.status:
        outcome.error = f"exit status {outcome.status}"
    return outcome


def read(stdout, deadline, limit):
    """What is written until all is, or the time or the size is up."""
    data = bytearray()
    outcome = Outcome()
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while len(data) <= limit and not outcome.is_late:
            if not selector.select(max(deadline - time.monotonic(), 0)):
                outcome.is_late = True
            elif piece := os.read(stdout.fileno(), PIECE):
                data += piece
            else:
                break
    outcome.is_truncated = len(data) > limit
    outcome.text = whole_lines(bytes(data), limit, not outcome.is_late)
    return outcome


def end(process, outcome, deadline):
    """Waits for the end of a process that may end by itself, and for that of
    any other only as long as the kernel usually needs."""
    if not outcome.is_late and not outcome.is_truncated:
        try:
            outcome.status = process.wait(max(deadline - time.monotonic(), 0))
            return
        except subprocess.TimeoutExpired:
            outcome.is_late = True
    os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        pass  # It hangs in the kernel, and is left there.
