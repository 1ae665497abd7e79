"""Where things are on this node, whatever of them runs."""
import json
import os
import re
from dataclasses import dataclass, field

from . import rows
from .options import ROUTER

NAMESPACE = re.compile("snat-" + ROUTER.pattern)
DAEMON = "ovs-snatd"
SNAT_DB = "the server of OVS_SNAT"
SWITCH_DB = "the server of Open_vSwitch"
SWITCH = "ovs-vswitchd"

# What names of routers, ports and bridges are in.
SNAT_NAMES = {"Router": ["name", "state"], "Router_Port": ["name", "bridge"],
              "Change": ["router"], "Wired_NAT": ["router"],
              "Confirm": ["router"]}
SWITCH_NAMES = {"Bridge": ["name"], "Port": ["name"],
                "Interface": ["name", "external_ids"]}


@dataclass
class Known:
    """Names that this node has, and the state of each router."""
    routers: dict[str, str] = field(default_factory=dict)
    former: set[str] = field(default_factory=set)
    ports: set[str] = field(default_factory=set)
    bridges: set[str] = field(default_factory=set)


def select(table, columns):
    return {"op": "select", "table": table, "where": [], "columns": columns}


class Node:
    def __init__(self, collector, options):
        self.ask = collector.ask
        self.troubles = {}  # By who does not answer, in words.
        self.rundir = os.environ.get("OVS_RUNDIR", "/var/run/openvswitch")
        started_with = self._options_of(self.pid("ovs-snatd.pid"))
        self.snat_db = (options.snat_db or started_with.get("--snat-db")
                        or f"unix:{self.rundir}/ovs_snat_db.sock")
        self.switch_db = (options.ovs_db or started_with.get("--ovs-db")
                          or f"unix:{self.rundir}/db.sock")
        self.netns_dir = (options.netns_dir or started_with.get("--netns-dir")
                          or "/run/netns")
        self.daemon = started_with.get("--unixctl", DAEMON)
        self.daemon_log = started_with.get("--log-file")
        self.tls = [f"{option}={started_with[option]}" for option in (
            "--private-key", "--certificate", "--ca-cert")
            if option in started_with]

    def pid(self, file):
        """Of the process that has this pid file, be it alive or not."""
        try:
            with open(f"{self.rundir}/{file}") as text:
                return int(text.read())
        except (OSError, ValueError):
            return None

    @staticmethod
    def _options_of(pid):
        """Those with a value, of a process that runs."""
        try:
            with open(f"/proc/{pid}/cmdline", errors="replace") as text:
                words = text.read().split("\0")
        except OSError:
            return {}
        return dict(word.split("=", 1) for word in words
                    if word.startswith("--") and "=" in word)

    def appctl(self, *words):
        return ("ovs-appctl", "-t", self.daemon, *words)

    def query(self, remote, database, *operations):
        return ("ovsdb-client", *self.tls, "query", remote,
                json.dumps([database, *operations]))

    def namespaces(self):
        """The names of the namespaces that are, or look like, routers."""
        try:
            return sorted(filter(NAMESPACE.fullmatch,
                                 os.listdir(self.netns_dir)))
        except OSError:
            return []

    def selected(self, remote, asks, database, names):
        """The rows of some columns, by table; none if nobody answers."""
        answer = self.ask(self.query(
            remote, database, *(select(*item) for item in names.items())), asks)
        try:
            return {table: result["rows"] for table, result
                    in zip(names, json.loads(answer))}
        except (ValueError, KeyError, TypeError):
            self.troubles[asks] = (
                f"the database {database} at {remote} does not answer")
            return {table: [] for table in names}

    def known(self):
        """What routers there are: the daemon knows those of both databases,
        but it, or they, may be what is broken."""
        known = Known()
        snat = self.selected(self.snat_db, SNAT_DB, "OVS_SNAT", SNAT_NAMES)
        for row in snat["Router"]:
            known.routers[row["name"]] = "".join(rows.as_set(row["state"]))
        for row in snat["Router_Port"]:
            known.ports.add(row["name"])
            known.bridges.update(rows.as_set(row["bridge"]))
        for table in "Change", "Wired_NAT", "Confirm":
            known.former.update(row["router"] for row in snat[table])
        self._add_switch(known)
        routers = self.json("router/list")
        if routers is None:
            self.troubles[DAEMON] = self._trouble_of_daemon()
        for router in routers or ():
            known.routers[router["name"]] = router["state"]
        known.former.update(name.removeprefix("snat-")
                            for name in self.namespaces())
        return known

    def _add_switch(self, known):
        switch = self.selected(self.switch_db, SWITCH_DB, "Open_vSwitch",
                               SWITCH_NAMES)
        known.bridges.update(row["name"] for row in switch["Bridge"])
        known.ports.update(row["name"] for row in switch["Port"])
        for row in switch["Interface"]:
            keys = rows.as_map(row["external_ids"])
            known.ports.add(row["name"])
            if "snat-router" in keys:
                known.routers.setdefault(keys["snat-router"],
                                         keys.get("snat-state", ""))

    def json(self, command, *words):
        """The daemon's answer as a list; None if it does not answer."""
        try:
            return json.loads(self.ask(
                self.appctl(command, "--format=json", *words), DAEMON))
        except ValueError:
            return None

    def _trouble_of_daemon(self):
        pid = self.pid("ovs-snatd.pid")
        if pid and os.path.exists(f"/proc/{pid}"):
            return f"ovs-snatd, process {pid}, does not answer"
        return "ovs-snatd does not run"
