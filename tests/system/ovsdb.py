"""Questions to a node's databases and daemons, in JSON-RPC (RFC 7047), without
a process of its own for each."""
import json
import os
import socket

RUNDIR = os.environ["OVS_RUNDIR"]
SOCKETS = {"Open_vSwitch": "db.sock", "OVS_SNAT": "ovs_snat_db.sock"}


class Unanswered(Exception):
    """Nobody is there who could answer, or the answer is an error."""


def ask(path, method, params):
    """One question, and the result in its answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        try:
            line.connect(os.path.join(RUNDIR, path))
            line.sendall(json.dumps({"id": 0, "method": method,
                                     "params": params}).encode())
            answer = hear(line, method)
        except OSError as error:
            raise Unanswered(f"{method}: {error}") from error
    if answer["error"]:
        raise Unanswered(f"{method}: {answer['error']}")
    return answer["result"]


def hear(line, method):
    text = b""
    while part := line.recv(1 << 18):
        text += part
        try:
            return json.loads(text)
        except ValueError:
            continue  # There is more to come.
    raise Unanswered(f"{method}: hung up")


def plain(value):
    """A value of OVSDB's JSON as one of Python's."""
    if isinstance(value, list) and value[0] == "set":
        return sorted((plain(v) for v in value[1]), key=str)
    if isinstance(value, list) and value[0] == "map":
        return {str(plain(k)): plain(v) for k, v in value[1]}
    if isinstance(value, list) and value[0] == "uuid":
        return value[1]
    return value


def select(database, *queries):
    """The rows that each query, as select_rows() takes it, finds; all at the
    same moment."""
    results = ask(SOCKETS[database], "transact", [database, *(
        {"op": "select", "table": table, "columns": columns,
         "where": list(where)} for table, columns, where in queries)])
    return [[{column: plain(value) for column, value in row.items()}
             for row in result["rows"]] for result in results]


def select_rows(database, table, columns, where=()):
    return select(database, (table, columns, where))[0]
