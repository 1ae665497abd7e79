#!/usr/bin/python3
"""Prints all of a node that a change of a router may touch, as text: equal
text is equal state.  What moves by itself (counters, lifetimes) is left out,
and so are the keys in which users say what they want and the daemon how it
goes: they are the wish and the report, not the state.

With --shape also without what differs between two things made alike: indexes,
MAC addresses that nobody asked for and what comes of them, inodes."""
import ctypes
import errno
import json
import operator
import os
import subprocess
import sys

NETNS_DIR = "/run/netns"
CLONE_NEWNET = 0x40000000
GONE = 3  # A child's exit status.
SHAPE_ONLY = "--shape" in sys.argv
IDENTITY = ("ifindex", "address", "permaddr", "link", "link_index",
            "link_netnsid")
NAME = operator.itemgetter("ifname")
# Not settings: what the kernel counts, or refuses to show.
VOLATILE_SYSCTLS = ("nf_conntrack_count", "stable_secret")


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def show(title, lines):
    print(f"== {title}")
    for line in lines:
        print(line)


def as_lines(rows, forget=()):
    """One line per object, keys in order, without those to forget."""
    def kept(value):
        if isinstance(value, dict):
            return {k: kept(v) for k, v in value.items() if k not in forget}
        if isinstance(value, list):
            return [kept(v) for v in value]
        return value
    return [json.dumps(kept(row), sort_keys=True) for row in rows if row]


def ip(*arguments):
    return json.loads(output("ip", "-d", "-j", *arguments) or "[]")


def links():
    """Each link, and below it its addresses in the kernel's own order."""
    seen = ip("address")
    for link in sorted(seen, key=NAME) if SHAPE_ONLY else seen:
        addresses = link.pop("addr_info", [])
        if SHAPE_ONLY:
            link = {k: v for k, v in link.items() if k not in IDENTITY}
            addresses = [a for a in addresses if a["scope"] != "link"]
        yield from as_lines([link])
        for line in as_lines(addresses, ("valid_life_time",
                                         "preferred_life_time")):
            yield "    " + line


def routes(family):
    for route in ip(family, "route", "show", "table", "all"):
        if not (SHAPE_ONLY and route["dst"].startswith("fe80::")):
            yield route


def sysctls():
    for folder, _, names in sorted(os.walk("/proc/sys/net")):
        for name in sorted(names):
            if name in VOLATILE_SYSCTLS:
                continue
            path = os.path.join(folder, name)
            try:
                with open(path) as file:
                    yield f"{path[10:]} = {' '.join(file.read().split())}"
            except OSError:
                continue  # Write-only, or nothing set.


def network(title):
    """The network namespace that this process is in."""
    show(f"{title}: links", links())
    for family in "-4", "-6":
        show(f"{title}: routes {family}", sorted(as_lines(
            routes(family), ("expires",))))
        show(f"{title}: rules {family}", as_lines(ip(family, "rule")))
    show(f"{title}: nftables",
         output("nft", "--stateless", "list", "ruleset").splitlines())
    show(f"{title}: sysctls", sysctls())


def inode(name):
    """Of a namespace; names come and go while a change is under way."""
    try:
        return os.stat(os.path.join(NETNS_DIR, name)).st_ino
    except FileNotFoundError:
        return "gone meanwhile"


def in_namespace(name, work, *arguments):
    """Runs the work in a child that has entered the namespace; false if the
    namespace is not there any more."""
    child = os.fork()
    if child == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            file = open(os.path.join(NETNS_DIR, name))
        except FileNotFoundError:
            os._exit(GONE)
        with file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                error = ctypes.get_errno()
                if error == errno.EINVAL:  # Only the file is left of it.
                    os._exit(GONE)
                raise OSError(error, f"cannot enter {name}")
        work(*arguments)
        sys.stdout.flush()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, GONE):
        raise SystemExit(f"no snapshot of {name}")
    return status == 0


def plain(value):
    """A value of OVSDB's JSON as one of Python's."""
    if isinstance(value, list) and value[0] == "set":
        return sorted((plain(v) for v in value[1]), key=str)
    if isinstance(value, list) and value[0] == "map":
        return {str(plain(k)): plain(v) for k, v in value[1]}
    if isinstance(value, list) and value[0] == "uuid":
        return value[1]
    return value


def is_state(key):
    return not key.startswith("snat-") or key == "snat-owner"


def switch():
    """The rows of the switch; references are shown by name."""
    columns = {
        "Bridge": "name,ports,datapath_type,other_config,external_ids",
        "Port": "_uuid,name,interfaces,tag,trunks,vlan_mode,other_config,"
                "external_ids",
        "Interface": "_uuid,name,type,mac,mtu_request,options,other_config,"
                     "external_ids",
    }
    command = ["ovs-vsctl", "--format=json"]
    for table, names in columns.items():
        command += ["--", f"--columns={names}", "list", table]
    tables = {}
    for table, text in zip(columns, output(*command).splitlines()):
        answer = json.loads(text)
        tables[table] = [dict(zip(answer["headings"], map(plain, row)))
                         for row in answer["data"]]
    names = {row.pop("_uuid"): row["name"]
             for table in ("Port", "Interface") for row in tables[table]}
    for table, rows in tables.items():
        for row in rows:
            for column in {"ports", "interfaces"} & row.keys():
                uuids = row[column]
                uuids = uuids if isinstance(uuids, list) else [uuids]
                row[column] = sorted(names[uuid] for uuid in uuids)
            row["external_ids"] = {k: v for k, v in row["external_ids"].items()
                                   if is_state(k)}
        show(f"switch: {table}",
             as_lines(sorted(rows, key=lambda row: row["name"])))


def main():
    names = sorted(os.listdir(NETNS_DIR))
    ours = [name for name in names if name.startswith("snat-")]
    switch()
    show("namespaces", (
        name if SHAPE_ONLY else f"{name} {inode(name)}" for name in names))
    network("node")
    sys.stdout.flush()
    for name in ours:
        if not in_namespace(name, network, name):
            show(name, ["gone meanwhile"])


if __name__ == "__main__":
    main()
