"""The machine beneath: versions, processes, services, settings, logs."""
import glob
import gzip
import os
import re

from .collector import MIB, Source
from .command import Outcome, whole_lines

PIDFILES = {"ovs-snatd": "ovs-snatd.pid", "ovs-vswitchd": "ovs-vswitchd.pid",
            "ovsdb-server": "ovsdb-server.pid",
            "ovsdb-server-snat": "ovs_snat_db.pid"}
PROCESS_FILES = ("status", "limits", "stat", "io", "cgroup", "oom_score_adj")
UNITS = ("ovs-snat", "ovs-snatd", "ovs-snat-ovsdb", "ovs-snatd-kernel@*",
         "ovs-snatd-kernel.socket", "openvswitch-switch")
PACKAGES = ("ovs-snat", "openvswitch-switch", "openvswitch-common", "iproute2",
            "nftables", "conntrack", "systemd")
SETTINGS = ("/etc/default/ovs-snat", "/etc/default/openvswitch-switch")
TROUBLE = re.compile(r"oom|out of memory|killed process|segfault|openvswitch"
                     r"|nf_conntrack: table full|BUG:|hung task", re.IGNORECASE)
JOURNAL = ("journalctl", "--no-pager", "--no-hostname", "--quiet")
MOST_LINES = "5000"


def machine(node, version, log_limit):
    yield Source("versions/ovs-snat-bugtool.txt", words="its own version",
                 look=lambda: Outcome(f"{version}\n"))
    for argv in (("ovs-snatd", "--version"), ("ovs-snatctl", "--version"),
                 ("ovs-vswitchd", "--version"), ("uname", "-srvm")):
        yield Source(f"versions/{argv[0]}.txt", argv)
    yield Source("versions/packages.txt", (
        "dpkg-query", "-W", "-f", r"${Package} ${Version} ${Status}\n",
        *PACKAGES), is_optional=True)
    yield file_source("versions/os-release.txt", "/etc/os-release")
    for path in (os.environ.get("OVS_SNAT_DEFAULTS", SETTINGS[0]), SETTINGS[1]):
        yield file_source(f"settings/{os.path.basename(path)}.txt", path)
    for name, pidfile in PIDFILES.items():
        yield Source(f"processes/{name}.txt",
                     words=f"/proc of {pidfile}'s process and its children",
                     look=lambda pidfile=pidfile: process(node.pid(pidfile)))
    yield from services()
    yield from logs(node, log_limit)


def services():
    yield Source("services/status.txt", (
        "systemctl", "status", "--all", "--no-pager", "--full", "--lines=0",
        *UNITS), is_optional=True)
    yield Source("services/journal.txt", (
        *JOURNAL, f"--lines={MOST_LINES}",
        *(f"--unit={unit}" for unit in UNITS)), is_optional=True)
    yield Source("machine/kernel.txt", ("dmesg",), most_read=64 * MIB,
                 shape=lambda text: "".join(
                     line for line in text.splitlines(keepends=True)
                     if TROUBLE.search(line)))
    for name in "loadavg", "meminfo", "pressure/cpu", "pressure/memory":
        yield file_source(f"machine/{os.path.basename(name)}.txt",
                          f"/proc/{name}")


def file_source(path, file):
    return Source(path, words=file, look=lambda: Outcome(read(file)),
                  is_optional=True)


def read(file):
    with open(file, "rb") as data:
        return whole_lines(data.read(MIB), MIB)


def process(pid):
    """What /proc tells of a process and its children, but nothing of their
    environment."""
    if pid is None:
        return Outcome(error="no pid file")
    if not os.path.exists(f"/proc/{pid}"):
        return Outcome(error=f"process {pid}, of the pid file, does not run")
    told = []
    for number in (pid, *children(pid)):
        folder = f"/proc/{number}"
        told += [f"== process {number}: "
                 + read(f"{folder}/cmdline").replace("\0", " "),
                 f"descriptors: {len(os.listdir(folder + '/fd'))}"]
        told += [f"-- {name}\n{attempt(f'{folder}/{name}')}"
                 for name in PROCESS_FILES]
    return Outcome("".join(f"{line}\n" for line in told))


def children(pid):
    return attempt(f"/proc/{pid}/task/{pid}/children").split()


def attempt(file):
    try:
        return read(file)
    except OSError as error:
        return f"{error.strerror}\n"


def logs(node, limit):
    """The newest of each log, rotated ones too."""
    logdir = os.environ.get("OVS_LOGDIR")
    ours = logdir or "/var/log/ovs-snat"
    switch = logdir or "/var/log/openvswitch"
    yield Source("logs/files.txt", (
        "ls", "-lnR", "--time-style=full-iso", *sorted({ours, switch})))
    for path in (node.daemon_log or f"{ours}/ovs-snatd.log",
                 f"{ours}/ovsdb-server-snat.log",
                 f"{switch}/ovs-vswitchd.log", f"{switch}/ovsdb-server.log"):
        yield Source(f"logs/{os.path.basename(path)}",
                     words=f"the newest of {path}, and of its former ones",
                     look=lambda path=path: newest(path, limit),
                     limit=limit)


def newest(path, limit):
    """The last lines of a log and of those it was rotated to, oldest first."""
    files = [file for file in glob.glob(f"{glob.escape(path)}*")
             if os.path.isfile(file) and not os.path.islink(file)]
    files.sort(key=os.path.getmtime, reverse=True)
    if not files:
        return Outcome(error=f"there is no {path}")
    outcome, left = Outcome(), limit
    for file in files:
        text, is_whole = last_lines(file, left)
        outcome.text = text + outcome.text
        left -= len(text)
        if not is_whole or left <= 0:
            outcome.is_truncated = True
            break
    return outcome


def last_lines(file, limit):
    """The last lines of a file, and whether these are all."""
    is_packed = file.endswith(".gz")
    with gzip.open(file) if is_packed else open(file, "rb") as data:
        if not is_packed:
            data.seek(max(os.path.getsize(file) - limit - 1, 0))
        kept = b""
        while piece := data.read(MIB):
            kept = (kept + piece)[-limit - 1:]
    if len(kept) <= limit and (is_packed or os.path.getsize(file) <= limit):
        return kept.decode(errors="backslashreplace"), True
    kept = kept[kept.find(b"\n") + 1:]
    return kept.decode(errors="backslashreplace"), False
