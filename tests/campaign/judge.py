"""What is there after a run, and whether that may be so."""
import difflib
import json
import os

import node
import snapshot


class Wrong(Exception):
    """What is there is nothing that anybody asked for, or is told falsely."""


class Leaked(Wrong):
    """More is there than anybody asked for."""


def forget_what_moves(network):
    """The kernel's own IPv6 addresses, which come a second after a link, and
    whether a tap has ever been told that it has carrier."""
    if network:
        for link in network["links"]:
            if link.get("operstate") == "UNKNOWN":
                link["operstate"] = "UP"
            link["addr_info"] = [address for address in link["addr_info"]
                                 if address["scope"] != "link"]
        network["routes -6"] = [route for route in network["routes -6"]
                                if not route["dst"].startswith("fe80::")]


def forget_wishes(row):
    """What users say in rows of their own, beside the daemon's keys."""
    row["external_ids"].pop("attached-mac", None)
    del row["mtu_request"]
    if row["type"] in ("", "internal"):
        del row["type"]


def forget_mtu(network, name):
    """Of a user's port and of a bridge it is the switch that sets it."""
    network["sysctls"].pop(f"ipv6/conf/{name}/mtu", None)
    for link in network["links"]:
        if link["ifname"] == name:
            del link["mtu"]


class State:
    """All of the node at one moment."""

    def __init__(self, seen=None):
        seen = seen or snapshot.look()
        for inside in (seen["node"], *seen["routers"].values()):
            forget_what_moves(inside)
        for row in seen["switch"]["Interface"]:
            if "snat-owner" not in row["external_ids"]:
                forget_wishes(row)
                forget_mtu(seen["node"], row["name"])
        self.names = set(seen["namespaces"])
        self.things = {f"namespace {name}" for name in self.names}
        self.things |= {f"port row {row['name']}"
                        for row in seen["switch"]["Port"]}
        self.things |= {f"device {link['ifname']} in {where}"
                        for where, inside in [("the node", seen["node"]),
                                              *seen["routers"].items()]
                        if inside for link in inside["links"]}
        self.exact = snapshot.text(seen)
        self.shape = snapshot.text(seen, shape=True)
        self.is_checking = '"tentative": true' in self.exact
        self.inodes = set(seen["namespaces"].values())


def unnamed(state):
    """Namespaces that somebody holds without their having a name."""
    with open("/proc/self/mountinfo") as mounts:
        mounted = sum(" - nsfs " in line for line in mounts)
    if mounted != len(state.names):
        yield f"{mounted} mounts for {len(state.names)} names"
    own = os.stat("/proc/self/ns/net").st_ino
    folder = f"/proc/{node.kernel_pid()}/fd"
    for name in os.listdir(folder):
        try:
            target = os.readlink(os.path.join(folder, name))
        except FileNotFoundError:
            continue
        if target.startswith("net:["):
            inode = int(target[5:-1])
            if inode != own and inode not in state.inodes:
                yield f"an unnamed namespace, {target}"


def difference(wanted, seen):
    return "\n".join(difflib.unified_diff(
        wanted.splitlines(), seen.splitlines(), "wanted", "seen", n=0,
        lineterm=""))


def side(text):
    """What one side of a Change row says: the router without its NAT rules,
    of which only those are there that the other side lacks."""
    router = json.loads(text) if text else None
    return router and {**router, "nat": router.get("all_nat")}


class History:
    """The Change rows, and what they say each router was made last."""

    COLUMNS = ["number", "router", "cause", "state", "error", "steps",
               "before", "after", "finished_at"]

    def __init__(self):
        self.good = {}
        self.read = 0  # The newest row that has been judged.

    def new(self):
        rows = node.select_rows("OVS_SNAT", "Change", self.COLUMNS,
                                [["number", ">", self.read]])
        for row in rows:
            row["steps"] = json.loads(row["steps"])
            for column in "before", "after":
                row[column] = side(row[column])
        return sorted(rows, key=lambda row: row["number"])

    def is_at_rest(self):
        return all(row["state"] in ("committed", "undone")
                   for row in self.new())

    def follow(self):
        """Judges the new rows, each by those before it, and gives them."""
        rows = self.new()
        for row in rows:
            told = f"change {row['number']} of {row['router']}"
            if row["before"] != self.good.get(row["router"]):
                raise Wrong(f"{told} begins with what was not so: "
                            f"{row['before']}")
            if not row["finished_at"]:
                raise Wrong(f"{told} has no end")
            if (row["state"] == "undone") != bool(row["error"]):
                raise Wrong(f"{told} is {row['state']}: {row['error']!r}")
            if row["state"] == "committed":
                self.good[row["router"]] = row["after"]
            self.read = row["number"]
        self.judge_rules()
        return rows

    def judge_rules(self):
        """As many as each router has, and none of one that is no more."""
        counted = {router: len(rules) for router, rules in nat_rules().items()}
        wanted = {router: good["nat"]["size"]
                  for router, good in self.good.items() if good and good["nat"]}
        if counted != wanted:
            raise Wrong(f"NAT rules that are kept: {counted}, not {wanted}")


def nat_rules():
    """By router, what it is wired with."""
    rules = {}
    for row in node.select_rows("OVS_SNAT", "Wired_NAT", ["router", "rule"]):
        rules.setdefault(row["router"], []).append(json.loads(row["rule"]))
    return rules
