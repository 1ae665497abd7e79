"""Types commands into one shell in a node, as a reader would, and tells of
each its status and what it printed, a line of JSON each.

A command that only looks is typed again for a while, until what it tells is as
told: the daemon shows in the database that a change is done, and ovs-snatctl
goes by that, a moment before it says so itself."""
import json
import os
import re
import select
import shlex
import subprocess
import sys
import time

from alike import are_alike

TIMEOUT = 60  # Seconds for one command.
PATIENCE = 3  # Seconds for what may become as told.
LOOKS = re.compile(
    r"ovs-appctl -t ovs-snatd (router/(list|show|plan)|change/(list|show)"
    r"|nat/(trace|who|stats)|orphan/list|limits/show)\b.*"
    r"|ovs-snatctl (-\S+ )*(show|(change|nat|route)-list|change-show|find|get"
    r"|list)\b.*"
    r"|ip -n .*|ip netns list", re.DOTALL)
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


class Shell:
    def __init__(self):
        # Nothing of the machine's own is read or written: neither its
        # settings nor its keys, nor its folder for what is of a moment.
        environment = {**os.environ, "OVS_CTL_TIMEOUT": "30",
                       "OVS_SNAT_DEFAULTS": "/dev/null",
                       "LC_ALL": "C.UTF-8", "TMPDIR": "/run"}
        self.bash = subprocess.Popen(
            ["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment, cwd=TOP)
        self.status = 0

    def type(self, command):
        """What a command printed, and leaves its status; None if it does not
        end."""
        self.bash.stdin.write(
            f"(exit {self.status})\neval {shlex.quote(command)} < /dev/null\n"
            "printf '\\0%d\\0' $?\n".encode())
        self.bash.stdin.flush()
        read, end = b"", time.monotonic() + TIMEOUT
        while read.count(b"\0") < 2:
            ready, _, _ = select.select([self.bash.stdout], [], [],
                                        max(0, end - time.monotonic()))
            more = os.read(self.bash.stdout.fileno(), 65536) if ready else b""
            if not more:
                return None
            read += more
        printed, status, _ = read.split(b"\0")
        self.status = int(status)
        return printed.decode(errors="replace")


def is_as_told(shell, command, printed):
    """Of a command as it is given here: 'text', what is 'told' below it or
    null, and whether it 'may_fail'."""
    return ((shell.status == 0 or command["may_fail"])
            and (command["told"] is None
                 or are_alike(command["told"], printed.splitlines())))


def answer(shell, command):
    end = time.monotonic() + PATIENCE
    while True:
        printed = shell.type(command["text"])
        if (printed is None or not LOOKS.fullmatch(command["text"])
                or is_as_told(shell, command, printed)
                or time.monotonic() > end):
            return printed
        time.sleep(0.1)


def private(directory):
    """What is there is the machine's."""
    if os.path.isdir(directory):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", directory],
                       check=True)


def read_only(directory):
    """A line that is not what it was meant to be writes nothing there."""
    for options in ("bind", "remount,bind,ro"):
        subprocess.run(["mount", "-o", options, directory, directory],
                       check=True)


def main():
    commands = json.load(sys.stdin)
    private("/etc/openvswitch")
    private("/var/lib/openvswitch")
    read_only(TOP)
    shell = Shell()
    for command in commands:
        printed = answer(shell, command)
        print(json.dumps({"status": shell.status, "printed": printed}),
              flush=True)
        if printed is None:
            break


main()
