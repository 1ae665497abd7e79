"""The machine that this process is in, and hosts on its switch."""
import glob
import os
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PACKAGES = os.environ.get("SNAT_PACKAGES") or "/mnt"  # As "build" makes.
CTL = "/usr/share/ovs-snat/scripts/ovs-snat-ctl"


def run(*command, **how):
    """What a command that must succeed writes."""
    done = attempt(*command, **how)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
    return done.stdout.strip()


def attempt(*command, **how):
    return subprocess.run(command, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=120, **how)


def vsctl(*words):
    return run("ovs-vsctl", "--timeout=20", *words)


def snatctl(*words):
    return run("ovs-snatctl", "--timeout=20", *words)


def wait_until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not (got := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)
    return got


def install(version):
    run("dpkg", "-i", *glob.glob(f"{PACKAGES}/{version}/*.deb"))


def pid_of(name):
    with open(f"/run/openvswitch/{name}.pid") as file:
        return int(file.read())


def kernel_pid():
    """Of the one kernel process, once the last one has gone and the next has
    begun."""
    def one():
        told = attempt("pgrep", "-f", "ovs-snatd --kernel-process")
        pids = told.stdout.split()
        return pids if len(pids) == 1 else None
    return int(wait_until(one, "one kernel process")[0])


def is_up():
    """A database server has its pidfile some time before it answers."""
    asked = "ovs-snatctl", "--no-wait", "--timeout=5", "list", "SNAT_Global"
    return not (attempt(CTL, "status").returncode
                or attempt(*asked).returncode)


def is_active(router):
    return snatctl("get", "Router", router, "state") == "active"


def changes():
    """All that are recorded, but those that only wrote down what was there,
    since it was not in the history any more."""
    told = snatctl("--no-heading", "--columns=number,router,state",
                   "--format=csv", "find", "Change", "cause!=recovery")
    return "\n".join(sorted(told.splitlines()))


def assert_no_change(before):
    after = changes()
    assert after == before, (f"changes:\n{after}\ninstead of\n{before}\n"
                             + snatctl("change-list"))


def add_host(name, bridge, address, gateway=None):
    """A computer on a bridge: namespace 'name' with an interface eth0."""
    for command in (f"netns add {name}",
                    f"link add {name} type veth peer name eth0 netns {name}",
                    f"link set {name} up", f"-n {name} link set lo up",
                    f"-n {name} link set eth0 up",
                    f"-n {name} address add {address} dev eth0"):
        run("ip", *command.split())
    if gateway:
        run("ip", "-n", name, "route", "add", "default", "via", gateway)
    # The userspace datapath does not complete checksums.
    inside(name, "ethtool", "-K", "eth0", "tx", "off")
    vsctl("add-port", bridge, name)


def inside(host, *command):
    return run("ip", "netns", "exec", host, *command)


class Flow:
    """A host calls an address fifty times a second, for as long as this
    lives."""

    def __init__(self, host, address):
        wait_until(lambda: attempt(
            "ip", "netns", "exec", host, "ping", "-c", "1", "-W", "1",
            address).returncode == 0, f"an answer of {address}")
        self.log = f"/run/flow-{host}"
        self.caller = subprocess.Popen(
            ["ip", "netns", "exec", host, sys.executable,
             SOURCE + "/tests/campaign/caller.py", address],
            stdin=subprocess.DEVNULL, stdout=open(self.log, "w"))

    def answered(self):
        with open(self.log) as log:
            return [int(line.split()[1]) for line in log
                    if line.endswith("\n")]

    def lost(self):
        """How many calls had no answer, of all up to now."""
        seen = len(self.answered())
        wait_until(lambda: len(self.answered()) > seen + 2, "an answer")
        numbers = self.answered()
        return numbers[-1] - numbers[0] + 1 - len(numbers)
