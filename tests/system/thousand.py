#!/usr/bin/python3
"""Writes the rows of a thousand routers, as ovs-snatd would leave them, into
the OVS_SNAT database of this node."""
import json
import os
import socket

# What a change has of a router is as long as this.
TEXT = json.dumps({"name": "x" * 8, "ports": {
    name: {"name": name, "userspace": True, "switch_port": {},
           "filling": "x" * 700} for name in ("qg", "sg")}})


def insert(table, name, row):
    return {"op": "insert", "table": table, "row": row, "uuid-name": name}


def refer(name):
    return ["named-uuid", name]


def port(i, kind, network):
    return insert("Router_Port", f"{kind}{i}", {
        "name": f"{kind}-{i}", "bridge": "br-int", "networks": network,
        "state": "active"})


def router(i):
    high, low = divmod(i, 250)
    yield port(i, "qg", f"198.18.{low}.{high + 1}/24")
    yield port(i, "sg", f"10.{high}.{low}.1/24")
    yield insert("NAT", f"nat{i}", {
        "type": "dnat_and_snat", "external_ip": f"198.19.{low}.{high + 1}",
        "logical_ip": f"10.{high}.{low}.5", "state": "active"})
    yield insert("Static_Route", f"route{i}", {
        "ip_prefix": "203.0.113.0/24", "nexthop": f"198.18.{low}.254",
        "state": "active"})
    yield insert("Router", f"router{i}", {
        "name": f"r{i}", "state": "active", "change": i + 1,
        "ports": ["set", [refer(f"qg{i}"), refer(f"sg{i}")]],
        "nat": refer(f"nat{i}"), "static_routes": refer(f"route{i}")})
    yield insert("Change", f"change{i}", {
        "number": i + 1, "router": f"r{i}", "cause": "edit",
        "state": "committed", "steps": "[]", "before": "", "after": TEXT,
        "started_at": 1, "finished_at": 2})


def main():
    operations = [row for i in range(1000) for row in router(i)]
    request = {"id": 0, "method": "transact",
               "params": ["OVS_SNAT"] + operations}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(os.environ["OVS_RUNDIR"] + "/ovs_snat_db.sock")
        server.sendall(json.dumps(request).encode())
        answer = ""
        while True:
            answer += server.recv(65536).decode()
            try:
                results = json.loads(answer)["result"]
                break
            except ValueError:
                continue
    wrong = [result for result in results if result and "error" in result]
    assert not wrong, wrong


main()
