#!/usr/bin/python3
"""All of a node that a change of a router may touch, as text: equal text is
equal state.  What moves by itself (counters, lifetimes) is left out, and so
are the keys in which users say what they want and the daemon how it goes:
they are the wish and the report, not the state.

Printed as a command; with --shape without what differs between two things
made alike: indexes, MAC addresses that nobody asked for and what comes of
them, inodes."""
import ctypes
import errno
import json
import operator
import os
import re
import subprocess
import sys

import nftables

import ovsdb

NETNS_DIR = "/run/netns"
CLONE_NEWNET = 0x40000000
IDENTITY = ("ifindex", "address", "permaddr", "link", "link_index",
            "link_netnsid")
NAME = operator.itemgetter("ifname")
HELPER = r"\tct helper [^}]*\}\n\n"  # As nft(8) shows one.
# Not settings: what the kernel counts, or refuses to show.
VOLATILE_SYSCTLS = ("nf_conntrack_count", "stable_secret")
GONE = ["gone meanwhile"]  # Names come and go while a change is under way.
libc = ctypes.CDLL(None, use_errno=True)


# What is there, as values.

def output(*command, given=None):
    """What a command writes, once nothing has come between its parts."""
    while True:
        done = subprocess.run(command, check=True, text=True, input=given,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if "Dump was interrupted" not in done.stderr:
            sys.stderr.write(done.stderr)
            return done.stdout


def ip(*questions, options=()):
    """An answer, a list of objects, for each question."""
    text = output("ip", *options, "-d", "-j", "-batch", "-",
                  given="".join(question + "\n" for question in questions))
    decoder = json.JSONDecoder()
    answers, at = [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        answer, at = decoder.raw_decode(text, at)
        answers.append(answer)
    assert len(answers) == len(questions), text
    return answers


def sysctls(name="/proc/sys/net", parent=None):
    """Values by their paths below that directory of another one."""
    found = {}
    folder = os.open(name, os.O_DIRECTORY, dir_fd=parent)
    try:
        for entry in os.scandir(folder):
            if entry.is_dir():
                found |= {f"{entry.name}/{below}": value for below, value
                          in sysctls(entry.name, folder).items()}
            elif entry.name not in VOLATILE_SYSCTLS:
                found |= read(entry.name, folder)
    except FileNotFoundError:
        pass  # Gone meanwhile.
    finally:
        os.close(folder)
    return found


def read(name, folder):
    """The value by the name, if it has one."""
    try:
        file = os.open(name, os.O_RDONLY, dir_fd=folder)
    except OSError:
        return {}  # Write-only, or gone meanwhile.
    try:
        return {name: os.read(file, 4096).decode()}
    except OSError:
        return {}  # Nothing set.
    finally:
        os.close(file)


def in_order(ruleset):
    """Helpers are listed as they were made, which means nothing."""
    return re.sub(rf"({HELPER})+", lambda run: "".join(
        sorted(re.findall(HELPER, run[0]))), ruleset)


def nf_tables():
    nft = nftables.Nftables()  # Its socket belongs to a namespace.
    nft.set_stateless_output(True)
    status, text, error = nft.cmd("list ruleset")
    if status:
        raise SystemExit(f"nft list ruleset: {error}")
    return in_order(text)


def network():
    """The network namespace that this process is in."""
    seen = {"sysctls": sysctls(), "nftables": nf_tables()}
    seen["links"], = ip("address")
    for family in "-4", "-6":
        seen["routes " + family], seen["rules " + family] = ip(
            "route show table all", "rule", options=[family])
    seen["proxies"], = ip("neigh show proxy", options=["-6"])
    return seen


def network_of(name):
    """The namespace of this name; None if it is gone."""
    try:
        there = open(os.path.join(NETNS_DIR, name))
    except FileNotFoundError:
        return None
    with there, open("/proc/self/ns/net") as here:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            if error == errno.EINVAL:  # Only the file is left of it.
                return None
            raise OSError(error, f"cannot enter {name}")
        try:
            return network()
        finally:
            if libc.setns(here.fileno(), CLONE_NEWNET) != 0:
                os._exit(1)  # Whatever came next, it would be elsewhere.


def switch():
    """The rows of the switch; references are shown by name."""
    columns = {
        "Bridge": ["name", "ports", "datapath_type", "other_config",
                   "external_ids"],
        "Port": ["_uuid", "name", "interfaces", "tag", "trunks", "vlan_mode",
                 "other_config", "external_ids"],
        "Interface": ["_uuid", "name", "type", "mac", "mtu_request",
                      "options", "other_config", "external_ids"],
    }
    tables = dict(zip(columns, ovsdb.select("Open_vSwitch", *(
        (table, names, []) for table, names in columns.items()))))
    names = {row.pop("_uuid"): row["name"]
             for table in ("Port", "Interface") for row in tables[table]}
    for rows in tables.values():
        for row in rows:
            for column in {"ports", "interfaces"} & row.keys():
                uuids = row[column]
                uuids = uuids if isinstance(uuids, list) else [uuids]
                row[column] = sorted(names[uuid] for uuid in uuids)
            row["external_ids"] = {k: v for k, v in row["external_ids"].items()
                                   if is_state(k)}
    return tables


def is_state(key):
    return not key.startswith("snat-") or key == "snat-owner"


def inode(name):
    try:
        return os.stat(os.path.join(NETNS_DIR, name)).st_ino
    except FileNotFoundError:
        return GONE[0]


def look():
    """All that is there."""
    names = sorted(os.listdir(NETNS_DIR))
    return {
        "switch": switch(),
        "namespaces": {name: inode(name) for name in names},
        "node": network(),
        "routers": {name: network_of(name) for name in names
                    if name.startswith("snat-")},
    }


# What was seen, as text.

def as_lines(rows, forget=()):
    """One line per object, keys in order, without those to forget."""
    def kept(value):
        if isinstance(value, dict):
            return {k: kept(v) for k, v in value.items() if k not in forget}
        if isinstance(value, list):
            return [kept(v) for v in value]
        return value
    return [json.dumps(kept(row), sort_keys=True) for row in rows if row]


def link_lines(links, shape):
    """Each link, and below it its addresses in the kernel's own order."""
    for link in sorted(links, key=NAME) if shape else links:
        addresses = link.get("addr_info", [])
        if shape:
            addresses = [a for a in addresses if a["scope"] != "link"]
        yield from as_lines([link], ("addr_info",)
                            + (IDENTITY if shape else ()))
        for line in as_lines(addresses, ("valid_life_time",
                                         "preferred_life_time")):
            yield "    " + line


def network_parts(title, seen, shape):
    if seen is None:
        yield title, GONE
        return
    yield f"{title}: links", link_lines(seen["links"], shape)
    for family in "-4", "-6":
        routes = [route for route in seen["routes " + family]
                  if not (shape and route["dst"].startswith("fe80::"))]
        yield f"{title}: routes {family}", sorted(
            as_lines(routes, ("expires",)))
        yield f"{title}: rules {family}", as_lines(seen["rules " + family])
    yield f"{title}: proxies", sorted(as_lines(seen["proxies"]))
    yield f"{title}: nftables", seen["nftables"].splitlines()
    yield f"{title}: sysctls", (
        f"{name} = {' '.join(value.split())}"
        for name, value in sorted(seen["sysctls"].items()))


def parts(seen, shape):
    for table, rows in seen["switch"].items():
        yield f"switch: {table}", as_lines(
            sorted(rows, key=operator.itemgetter("name")))
    yield "namespaces", (name if shape else f"{name} {number}"
                         for name, number in seen["namespaces"].items())
    yield from network_parts("node", seen["node"], shape)
    for name, inside in seen["routers"].items():
        yield from network_parts(name, inside, shape)


def text(seen, shape=False):
    return "".join(line + "\n" for title, lines in parts(seen, shape)
                   for line in (f"== {title}", *lines))


if __name__ == "__main__":
    sys.stdout.write(text(look(), "--shape" in sys.argv))
