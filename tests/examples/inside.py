"""Types commands into one shell in a node, as a reader would, and tells of
each its status and what it printed, a line of JSON each."""
import json
import os
import select
import shlex
import subprocess
import sys
import time

TIMEOUT = 60  # Seconds for one command.
TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


class Shell:
    def __init__(self):
        # Nothing of the machine's own is read or written: neither its
        # settings nor its keys.
        environment = {**os.environ, "OVS_CTL_TIMEOUT": "30",
                       "OVS_SNAT_DEFAULTS": "/dev/null",
                       "OVS_SNAT_PKGDATADIR": os.path.join(TOP,
                                                           "ovsdb-schema"),
                       "LC_ALL": "C.UTF-8"}
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
        printed = shell.type(command)
        print(json.dumps({"status": shell.status, "printed": printed}),
              flush=True)
        if printed is None:
            break


main()
