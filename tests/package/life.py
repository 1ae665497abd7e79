"""The life of the packages on one machine, from the first installation to the
purge, while packets go through a router: what an operator does, and what
happens to the operator's machine.  Each stage takes up where the one before
ended; it ends with the first that fails."""
import glob
import os
import re
import signal
import subprocess
import sys
import traceback

import machine
from databases import Databases
from machine import (Flow, add_host, assert_no_change, attempt, changes,
                     install, is_up, kernel_pid, pid_of, run, snatctl, vsctl,
                     wait_until)

UNITS = ("ovs-snat-ovsdb.service", "ovs-snatd.service",
         "ovs-snatd-kernel@.service")
EXPOSURE = 3.0  # At most, of the unit that parses what others write.


class Life(Databases):
    def __init__(self):
        run("ip", "netns", "add", "snat-other")  # Not ours, and stays.
        self.before = self.traces()

    @staticmethod
    def traces():
        """All that is on the machine and might be ours."""
        files = run("find", "/", "-xdev", "-path", machine.PACKAGES, "-prune",
                    "-o", "-path", "/var/lib/dpkg", "-prune", "-o",
                    "-name", "*snat*", "-print")
        run_files = run("find", "/run", "-name", "*snat*",
                        "-not", "-path", "*/invocation:*")
        return {"files": files, "run": run_files,
                "users": run("getent", "passwd"),
                "units": run("systemctl", "list-unit-files", "--no-legend"),
                "namespaces": run("ip", "netns", "list"),
                "links": run("sh", "-c", "ip -brief link | awk '{print $1}'"),
                "switch": run("ovsdb-client", "dump", "Open_vSwitch",
                              "Interface", "name", "external_ids")}

    def installation(self):
        install(1)
        wait_until(is_up, "both parts")
        assert run("systemctl", "is-active", "ovs-snat") == "active"
        assert run("systemctl", "is-enabled", "ovs-snat") == "enabled"
        run("systemctl", "status", "ovs-snat")
        failed = run("systemctl", "--failed", "--no-legend")
        assert not failed, failed
        for page in ("ovs-snatd.8", "ovs-snatctl.8", "ovs-snatctl-neutron.8",
                     "ovs-snat.5", "ovs-snat.7", "ovs-snat-ctl.8",
                     "ovs-snat-bugtool.8"):
            run("man", "-w", page)
        completed = run("bash", "-c", """
            . /usr/share/bash-completion/completions/ovs-snatctl
            COMP_WORDS=(ovs-snatctl router-a) COMP_CWORD=1
            _ovs_snatctl && echo "${COMPREPLY[@]}"
            . /usr/share/bash-completion/completions/ovs-snatd
            COMP_WORDS=(ovs-snatd --snat-d) COMP_CWORD=1
            _ovs_snatd && echo "${COMPREPLY[@]}" """)
        assert completed == "router-add\n--snat-db=", completed

    def session(self):
        """The five lines of the README, and a packet."""
        for bridge in ("br-int", "br-ex"):
            vsctl("add-br", bridge, "--",
                  "set", "Bridge", bridge, "datapath_type=netdev")
        add_host("inside", "br-int", "10.0.0.5/24", "10.0.0.1")
        add_host("outside", "br-ex", "198.51.100.1/24")
        vsctl("add-port", "br-ex", "qg-demo", "--", "set", "Interface",
              "qg-demo", "type=internal", "external_ids:snat-router=demo",
              "external_ids:snat-networks=198.51.100.10/24",
              "external_ids:snat-gateway-ips=198.51.100.1")
        vsctl("add-port", "br-int", "sg-demo", "--", "set", "Interface",
              "sg-demo", "type=internal", "external_ids:snat-router=demo",
              "external_ids:snat-networks=10.0.0.1/24")
        vsctl("wait-until", "Interface", "qg-demo",
              "external_ids:snat-state=active")
        self.page = subprocess.Popen(
            ["ip", "netns", "exec", "outside",
             machine.SOURCE + "/utilities/whoami.py", "80"],
            stdout=subprocess.DEVNULL)
        self.seen_from_outside("inside", "198.51.100.10")

    @staticmethod
    def seen_from_outside(host, address):
        """A page is fetched, and its server says who has called."""
        fetch = ("import urllib.request as u; print(u.urlopen("
                 "'http://198.51.100.1/', timeout=5).read().decode())")
        wait_until(lambda: attempt(
            "ip", "netns", "exec", host, sys.executable, "-c",
            fetch).stdout.strip() == "you are " + address,
            f"a page for {address}")

    def veth_router(self):
        """Of the other database; what goes through it is counted from now
        on."""
        add_host("client", "br-int", "10.0.1.5/24", "10.0.1.1")
        snatctl("router-add", "flow",
                "--", "--gateway=198.51.100.1", "port-add", "flow", "qg-flow",
                "198.51.100.20/24",
                "--", "port-add", "flow", "sg-flow", "10.0.1.1/24")
        self.seen_from_outside("client", "198.51.100.20")
        self.flow = Flow("client", "198.51.100.1")

    def nothing_lost(self):
        lost = self.flow.lost()
        assert lost == 0, f"{lost} packets were lost"

    def names_reach_the_host(self):
        names = run("ip", "netns", "list")
        assert "snat-demo" in names and "snat-flow" in names, names
        host = os.readlink("/proc/1/ns/mnt")
        main = os.readlink(f"/proc/{pid_of('ovs-snatd')}/ns/mnt")
        assert os.readlink(f"/proc/{kernel_pid()}/ns/mnt") == host != main

    def privileges(self):
        def capabilities(pid):
            with open(f"/proc/{pid}/status") as status:
                return dict(re.findall(r"Cap(\w+):\t(\w+)", status.read()))
        for name in ("ovs-snatd", "ovs_snat_db"):
            held = capabilities(pid_of(name))
            assert set(held.values()) == {"0" * 16}, (name, held)
        held = capabilities(kernel_pid())
        # CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN: linux/capability.h.
        assert int(held["Prm"], 16) == 1 << 12 | 1 << 13 | 1 << 21, held
        assert held["Bnd"] == "0" * 16, held

    def exposure(self):
        for unit in UNITS:
            told = run("systemd-analyze", "security", "--offline=true",
                       "/lib/systemd/system/" + unit).splitlines()[-1]
            print("   ", told.lstrip("→ "))
            level = float(re.search(r": ([\d.]+) ", told)[1])
            assert level < EXPOSURE or "kernel" in unit, told

    def stop_and_start(self):
        before = changes()
        run("systemctl", "stop", "ovs-snat")
        assert not is_up()
        wait_until(nothing_runs, "the end of all processes")
        self.nothing_lost()
        run("systemctl", "start", "ovs-snat")
        wait_until(is_up, "both parts")
        snatctl("set", "Router", "flow", "external_ids:seen=1")
        assert_no_change(before)
        for unit in ("ovs-snat", "ovs-snatd", "ovs-snat-ovsdb"):
            run("systemctl", "restart", unit)
            wait_until(is_up, "both parts")
        assert_no_change(before)
        self.nothing_lost()

    def without_the_daemon(self):
        """As on those nodes of a cluster that only keep the database."""
        before = changes()
        run("systemctl", "mask", "--now", "ovs-snatd")
        assert attempt("systemctl", "start", "ovs-snatd").returncode
        assert attempt("systemctl", "is-active", "ovs-snatd").returncode
        run("systemctl", "is-active", "ovs-snat-ovsdb")
        run("systemctl", "unmask", "ovs-snatd")
        run("systemctl", "start", "ovs-snatd")
        wait_until(is_up, "both parts")
        assert_no_change(before)
        self.nothing_lost()

    def crashes(self):
        before = changes()
        self.kill(pid_of("ovs-snatd"), kernel_pid())
        self.kill(kernel_pid(), pid_of("ovs-snatd"))
        self.kill(pid_of("ovs_snat_db"))
        snatctl("set", "Router", "flow", "external_ids:seen=2")
        assert_no_change(before)
        self.nothing_lost()

    @staticmethod
    def kill(first, *others):
        """One process, with which the others end; all of them come again."""
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: is_up() and not any(
            os.path.exists(f"/proc/{pid}") for pid in (first, *others)),
            f"others than {first, *others}")

    def log_rotation(self):
        logs = glob.glob("/var/log/ovs-snat/*.log")
        assert len(logs) == 2, logs
        inodes = {log: os.stat(log).st_ino for log in logs}
        run("logrotate", "--force", "/etc/logrotate.d/ovs-snat")
        for log in logs:
            wait_until(lambda: os.path.exists(log)
                       and os.stat(log).st_ino != inodes[log], f"a new {log}")
        told = run("logrotate", "--debug", "/etc/logrotate.conf")
        assert "error" not in told.lower(), told

    def bug_report(self):
        """With what only a machine with services has."""
        report = "/tmp/report.tar.gz"
        run("ovs-snat-bugtool", "--silent", f"--output={report}")
        told = run("tar", "tzf", report)
        for file in ("services/status", "services/journal",
                     "settings/ovs-snat", "namespaces/snat-flow/links",
                     "daemon/router-show"):
            assert f"/{file}.txt\n" in told, told
        assert "/logs/ovs-snatd.log\n" in told, told
        os.unlink(report)

    def upgrade(self):
        before, pid = changes(), pid_of("ovs-snatd")
        install(2)
        wait_until(is_up, "both parts")
        assert pid_of("ovs-snatd") != pid
        version = run("dpkg-query", "-W", "-f", "${Version}", "ovs-snat")
        assert version.endswith("+2"), version
        snatctl("set", "Router", "flow", "external_ids:seen=3")
        assert_no_change(before)
        self.nothing_lost()

    def without_systemd(self):
        """By the script that machines without it have."""
        before = changes()
        run("systemctl", "stop", "ovs-snat")
        wait_until(nothing_runs, "the end of all processes")
        script = "/etc/init.d/ovs-snat"
        alone = {**os.environ, "SYSTEMCTL_SKIP_REDIRECT": "true"}
        assert attempt(script, "status", env=alone).returncode == 3
        for verb in ("start", "status", "restart", "force-reload"):
            run(script, verb, env=alone)
        snatctl("set", "Router", "flow", "external_ids:seen=4")
        assert_no_change(before)
        run(script, "stop", env=alone)
        assert not is_up()
        self.start_db()
        self.nothing_lost()

    def removal(self):
        """Leaves what is wired, and takes it up when it comes again."""
        before = changes()
        run("apt-get", "-y", "remove", "ovs-snat")
        wait_until(nothing_runs, "the end of all processes")
        self.nothing_lost()
        install(2)
        wait_until(is_up, "both parts")
        snatctl("set", "Router", "flow", "external_ids:seen=5")
        assert_no_change(before)
        self.nothing_lost()

    def purge(self):
        for process in (self.flow.caller, self.page):
            process.kill()
            process.wait()
        run("apt-get", "-y", "purge", "ovs-snat")
        self.switch_is_clean()
        # And when no port of the switch was ours.
        install(2)
        vsctl("--", "wait-until", "Interface", "qg-demo",
              "external_ids:snat-state=active")
        run("apt-get", "-y", "purge", "ovs-snat")
        self.switch_is_clean()
        vsctl("del-br", "br-int", "--", "del-br", "br-ex")
        for host in ("inside", "outside", "client"):
            run("ip", "netns", "del", host)
        for what, before in self.before.items():
            wait_until(lambda: self.traces()[what] == before,
                       f"{what} as before:\n{before}\nnot\n"
                       + self.traces()[what])

    @staticmethod
    def switch_is_clean():
        ports = vsctl("list-ports", "br-int", "--", "list-ports", "br-ex")
        assert set(ports.split()) == {"client", "inside", "outside",
                                      "qg-demo", "sg-demo"}, ports
        told = run("ovsdb-client", "dump", "Open_vSwitch", "Interface",
                   "name", "external_ids")
        for key in ("snat-owner", "snat-state", "snat-change"):
            assert key not in told, told
        assert "snat-cfg" not in vsctl("get", "Open_vSwitch", ".",
                                       "external_ids")
        # The user's own ports are there, and on this machine again.
        wait_until(lambda: attempt("ip", "link", "show", "sg-demo").returncode
                   == 0, "the user's device")


def nothing_runs():
    return attempt("pgrep", "-f", "ovs[-_]snat").stdout == ""


STAGES = ("installation", "session", "veth_router", "names_reach_the_host",
          "privileges", "exposure", "stop_and_start", "without_the_daemon",
          "crashes", "log_rotation", "bug_report", "wrong_databases",
          "a_new_database_by_word", "backup_and_restore", "conversion",
          "cluster", "over_the_network", "upgrade", "without_systemd",
          "removal", "purge")


def main():
    life = Life()
    for number, stage in enumerate(STAGES):
        try:
            getattr(life, stage)()
        except Exception:
            print(f"FAILED package/{stage}\n{traceback.format_exc()}")
            sys.exit(f"package: {number} of {len(STAGES)} stages passed")
        print(f"ok package/{stage}", flush=True)
    print(f"package: {len(STAGES)} of {len(STAGES)} stages passed")


main()
