"""The daemon, the databases and the switch: what each is asked for."""
import json

from . import rows
from .collector import MIB, Source
from .node import DAEMON, SNAT_DB, SWITCH, SWITCH_DB, select
from .options import ROUTER

NEWEST_CHANGES = 20
MOST_OPEN_CHANGES = 100
MOST_PLANS = 20
LARGEST_DATABASE = 256 * MIB

SWITCH_COLUMNS = {
    "Open_vSwitch": ["next_cfg", "cur_cfg", "ovs_version", "db_version",
                     "datapath_types", "external_ids"],
    "Bridge": ["_uuid", "name", "ports", "datapath_type", "fail_mode",
               "protocols", "stp_enable", "rstp_enable"],
    "Port": ["_uuid", "name", "interfaces", "tag", "trunks", "vlan_mode"],
    "Interface": ["_uuid", "name", "type", "ofport", "error", "mtu",
                  "mtu_request", "admin_state", "link_state", "link_resets",
                  "ifindex", "mac_in_use", "external_ids", "statistics"],
}


def daemon(node, routers):
    """What ovs-snatd says of itself and its routers."""
    def ask(name, *words):
        return Source(f"daemon/{name}.txt", node.appctl(*words), asks=DAEMON)

    wanted = routers[:1] if len(routers) == 1 else ()
    commands = ["router/list", "router/show", "change/list", "orphan/list",
                "limits/show", "memory/show", "coverage/show", "vlog/list",
                "metrics/show"]
    offered = node.ask(node.appctl("list-commands"), DAEMON)
    for command in commands:
        if command in offered or command != "metrics/show":
            words = wanted if command in ("router/show", "change/list") else ()
            yield ask(command.replace("/", "-"), command, *words)
    for number in changes_to_show(node.json("change/list") or (), routers):
        yield ask(f"changes/{number}", "change/show", str(number))


def changes_to_show(changes, routers):
    """The numbers of the newest, and of those that did not end well."""
    ours = [change for change in changes
            if not routers or change["router"] in routers]
    not_committed = [change for change in ours
                     if change["state"] != "committed"]
    chosen = ours[-NEWEST_CHANGES:] + not_committed[-MOST_OPEN_CHANGES:]
    return sorted({change["number"] for change in chosen})


def plans(node, known, routers):
    """What would be done for routers that are not as they should be, and how
    much those that somebody asks about translate.  Rows may say anything, but
    only a name that a router may have is fit for an option and a path."""
    wanted = routers or sorted(name for name, state in known.routers.items()
                               if state != "active" and ROUTER.fullmatch(name))
    for name in wanted[:MOST_PLANS]:
        yield Source(f"daemon/plans/{name}.txt",
                     node.appctl("router/plan", name), asks=DAEMON)
    for name in routers[:MOST_PLANS]:
        yield Source(f"daemon/nat-stats/{name}.txt",
                     node.appctl("nat/stats", name), asks=DAEMON)


def databases(node, is_redacted):
    """OVS_SNAT as a whole, and of the switch's what is a router's."""
    def client(command, *words):
        return ("ovsdb-client", *node.tls, *command.split(), node.snat_db,
                *words)

    def snat_rows(text):
        return rows.row_lines(rows.tables_in(text), is_redacted)

    def switch_rows(text):
        answer = json.loads(text or "[]")
        found = {table: result["rows"]
                 for table, result in zip(SWITCH_COLUMNS, answer)}
        return rows.row_lines(rows.our_switch_rows(found), is_redacted)

    yield Source("database/schema-version.txt",
                 client("get-schema-version", "OVS_SNAT"), asks=SNAT_DB)
    yield Source("database/server.txt", client(
        "dump", "_Server", "Database", "name", "model", "connected", "leader",
        "cid", "sid", "index"), asks=SNAT_DB)
    yield Source("database/OVS_SNAT.txt",
                 client("--format=json dump", "OVS_SNAT"), asks=SNAT_DB,
                 shape=snat_rows, most_read=LARGEST_DATABASE)
    yield from cluster(node)
    yield Source("switch/rows.txt", node.query(
        node.switch_db, "Open_vSwitch",
        *(select(*item) for item in SWITCH_COLUMNS.items())),
        asks=SWITCH_DB, shape=switch_rows, most_read=LARGEST_DATABASE)
    for command in "coverage/show", "memory/show":
        yield Source(f"switch/{command.replace('/', '-')}.txt",
                     ("ovs-appctl", "-t", "ovs-vswitchd", command), asks=SWITCH)


def cluster(node):
    """Only a database of a cluster has a status of it."""
    model = node.ask(("ovsdb-client", *node.tls, "dump", node.snat_db,
                      "_Server", "Database", "model"), SNAT_DB)
    if "clustered" in model:
        yield Source("database/cluster.txt", (
            "ovs-appctl", "-t", f"{node.rundir}/ovs_snat_db.ctl",
            "cluster/status", "OVS_SNAT"), asks="the control socket of "
            + SNAT_DB)
