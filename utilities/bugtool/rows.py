"""Rows of a database, without what others keep in them."""
import json

from .redact import REMOVED

OURS = {"attached-mac", "iface-id", "neutron-sync", "neutron:router_id",
        "neutron:revision_number"}
OUR_PREFIX = "snat-"
# Of users: anything may be in these.
FREE_COLUMNS = {"external_ids", "other_config"}
# Names of files, which are nobody's business either.
KEY_COLUMNS = {"private_key", "certificate", "ca_cert"}


def is_ours(key):
    return key.startswith(OUR_PREFIX) or key in OURS


def without_foreign(column, value):
    """The value of a column with the values of foreign keys removed."""
    if column in KEY_COLUMNS and value:
        return REMOVED
    if column in FREE_COLUMNS and value[:1] == ["map"]:
        return ["map", [[key, word if is_ours(key) else REMOVED]
                        for key, word in value[1]]]
    return value


def tables_in(dump):
    """What "ovsdb-client --format=json dump" says: tables of rows, a line
    each.  Yields each table's name and its rows as objects."""
    for line in dump.splitlines():
        table = json.loads(line)
        yield (table["caption"].removesuffix(" table"),
               [dict(zip(table["headings"], row)) for row in table["data"]])


def row_lines(tables, is_redacted):
    """A line for each row, so that whoever looks for one finds it whole."""
    lines = []
    for name, rows in tables:
        lines.append(f"{name}: {len(rows)} rows")
        for row in rows:
            if is_redacted:
                row = {column: without_foreign(column, value)
                       for column, value in row.items()}
            lines.append("  " + json.dumps(row, sort_keys=True))
    return "".join(f"{line}\n" for line in lines)


def as_map(value):
    """The pairs of a map column."""
    return dict(value[1]) if value[:1] == ["map"] else {}


def as_set(value):
    """The members of a set column; one alone stands without its set."""
    return value[1] if value[:1] == ["set"] else [value]


def our_switch_rows(answer):
    """Of the switch's rows those of router ports, and their bridges; the
    others' number only."""
    tables = dict(answer)
    interfaces = [row for row in tables["Interface"]
                  if as_map(row["external_ids"]).keys()
                  & {"snat-router", "snat-owner"}]
    wanted = {row["_uuid"][1] for row in interfaces}
    ports = rows_with(tables["Port"], "interfaces", wanted)
    bridges = rows_with(tables["Bridge"], "ports",
                        {row["_uuid"][1] for row in ports})
    for bridge in bridges:
        bridge["ports"] = f"{len(as_set(bridge['ports']))} in all"
    return [("Open_vSwitch", tables["Open_vSwitch"]), ("Bridge", bridges),
            ("Port", ports), ("Interface", interfaces)]


def rows_with(rows, column, uuids):
    """Those that refer to one of these."""
    return [row for row in rows
            if any(uuid in uuids for _, uuid in as_set(row[column])
                   if row[column])]
