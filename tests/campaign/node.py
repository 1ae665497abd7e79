"""The node that this process is in: its daemons, databases and control
sockets, without a process of its own for each question."""
import os
import select
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.append(TOP + "/tests/system")
from ovsdb import RUNDIR, Unanswered, ask, select_rows  # noqa: E402

VSWITCHD = "ovs-vswitchd.pid"
SERVERS = {"conf-db": "ovsdb-server.pid", "snat-db": "ovs_snat_db.pid"}
SNATD = "ovs-snatd.pid"


def run(*command):
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise Unanswered(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def bash(script):
    return run("bash", "-c", script)


def wait_until(condition, seconds=15, what="a condition"):
    """What the condition gives as soon as it is true."""
    end = time.monotonic() + seconds
    while not (got := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(0.004)
    return got


def pid(file):
    with open(os.path.join(RUNDIR, file)) as text:
        return int(text.read())


def appctl(command, *arguments):
    """To ovs-snatd."""
    return ask(f"ovs-snatd.{pid(SNATD)}.ctl", command,
               [str(argument) for argument in arguments])


class Process:
    """One that runs, and whose end can be waited for."""

    def __init__(self, number):
        self.number = number
        self.fd = os.pidfd_open(number)

    def __del__(self):
        os.close(self.fd)

    def has_ended(self, seconds=0.0):
        return bool(select.select([self.fd], [], [], seconds)[0])

    def kill(self):
        os.kill(self.number, signal.SIGKILL)
        if not self.has_ended(10):
            raise TimeoutError(f"process {self.number} does not die")


def set_options(options):
    """Of ovs-snatd."""
    run("ovs-snatctl", "--no-wait", "set", "SNAT_Global", ".",
        *(f"options:{key}={value}" for key, value in options.items()))


def kernel_pid():
    """Of ovs-snatd's kernel process: the only child of the main one."""
    main = pid(SNATD)
    with open(f"/proc/{main}/task/{main}/children") as text:
        child, = text.read().split()
        return int(child)


def start(*command):
    """A daemon, which keeps what it is given as its output open."""
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def start_daemon():
    start(*os.environ["SNATD_START"].split())


def restart(file):
    """Kills the daemon with this pid file; the function given back starts it
    again as it was."""
    number = pid(file)
    with open(f"/proc/{number}/cmdline", "rb") as text:
        command = text.read().split(b"\0")[:-1]
    Process(number).kill()

    def start_again():
        start(*command)
        if file == VSWITCHD:  # The bridges' own devices are new ones.
            bash("ip link set br-int up && ip link set br-ex up")
    return start_again


def last_words():
    """The ends of the logs."""
    told = []
    for name in "ovs-snatd", "ovs-vswitchd":
        with open(f"{RUNDIR}/log/{name}.log", errors="replace") as log:
            told += [f"The end of the log of {name}:\n",
                     *log.readlines()[-60:]]
    return "".join(told)
