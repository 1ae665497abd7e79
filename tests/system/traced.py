#!/usr/bin/python3
"""traced.py SEED [PACKETS]: whether nat/trace says what becomes of packets.

To be run in a node with the hosts in-a, in-b, out-a and out-b of SIDES.  Makes
the router "traced" with rules as the seed decides, sends packets through it,
each of a flow of its own, and compares where and how each comes out with what
nat/trace had said.  Tells each difference, and fails if there is one."""
import ipaddress
import json
import subprocess
import sys
import time

from chance import FAR, GATEWAYS, SIDES, Chance, version
from packets import Host, Local, command_socket, receive_all

ROUTER = "traced"
NAMESPACE = "snat-" + ROUTER
BATCH = 25  # Packets that are under way at once.
PATIENCE = 3  # Seconds for one that does not come.
GRACE = 0.2  # And for one that shall not, or came already.


# What the router is.

def column(key, value):
    if isinstance(value, dict):
        return f"{key}=" + ",".join(f'"{k}"="{v}"' for k, v in value.items())
    return f"{key}={value}" if isinstance(value, int) else f'{key}="{value}"'


def run(*command):
    done = subprocess.run(command, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


def snatctl(*arguments):
    return run("ovs-snatctl", "--timeout=20", *arguments)


def make_router(chance):
    """Returns its rules, and whether it has address scopes."""
    networks, rules = chance.networks(), chance.rules()
    scopes = chance.scopes()
    hops = chance.next_hops(networks)
    routes, tables = chance.routes(networks), chance.tables()
    words = ["router-add", ROUTER]
    for side in SIDES:
        words += ["--"]
        if side in GATEWAYS:
            words += [f"--gateway={','.join(hops[side.port])}"
                      ] if hops[side.port] else []
            words += ["--tag=2"] if side.port == "qg-b" else []
        words += ["port-add", ROUTER, side.port, *networks[side.port]]
        if scopes[side.port]:
            words += ["--", "set", "Router_Port", side.port,
                      f'options:address-scope="{scopes[side.port]}"']
    for i, rule in enumerate(rules):
        words += ["--", f"--id=@rule{i}", "create", "NAT"]
        words += [column(*item) for item in rule.items() if item[1]]
        words += ["--", "add", "Router", ROUTER, "nat", f"@rule{i}"]
    for i, route in enumerate(routes):
        words += ["--", f"--id=@route{i}", "create", "Static_Route"]
        words += [column(*item) for item in route.items() if item[1]]
        words += ["--", "add", "Router", ROUTER, "static_routes",
                  f"@route{i}"]
    for port, table in tables.items():
        words += ["--", "set", "Router_Port", port,
                  f"options:route-table={table}"]
    snatctl(*words)
    return rules, any(scopes.values())


# What becomes of packets.

class Daemon:
    def __init__(self):
        self.socket = command_socket("ovs-snatd")

    def trace(self, side, packet):
        words = [f"in-port={side.port}", f"src={packet.src}",
                 f"dst={packet.dst}", f"proto={packet.protocol}"]
        if packet.protocol != "icmp":
            words += [f"sport={packet.sport}", f"dport={packet.dport}"]
        self.socket.sendall(json.dumps({
            "id": 0, "method": "nat/trace",
            "params": [ROUTER, *words, "--format=json"]}).encode())
        text = ""
        while True:
            text += self.socket.recv(65536).decode()
            try:
                answer = json.loads(text)
            except ValueError:
                continue
            assert not answer["error"], answer
            return json.loads(answer["result"])


def is_side_as(taken, address, port, seen_address, seen_port):
    """Whether an end of a packet is what a part of a trace says."""
    ports = taken.get("ports", str(port)).split("-")
    return (ipaddress.ip_address(taken.get("address", address))
            == ipaddress.ip_address(seen_address)
            and (int(ports[0]) <= seen_port <= int(ports[-1])))


def is_lost(trace):
    return not trace["local"] and not trace.get("hops")


def is_as_traced(trace, packet, seen, is_scoped):
    if is_lost(trace):
        return not seen
    if trace["local"]:
        places = ["router"]
    else:
        hosts = {side.port: side.host for side in SIDES}
        places = [hosts[hop["port"]] for hop in trace["hops"]]
    # A source, and whether it is dropped, is told for the first of several
    # ways only.
    if not seen and ("dropped" in trace or is_scoped and len(places) > 1):
        return True
    if len(seen) != 1:
        return False
    place, came = seen[0]
    if "dropped" in trace and place == places[0]:
        return False
    return (place in places and came.protocol == packet.protocol
            and is_side_as(trace.get("destination", {}), packet.dst,
                           packet.dport, came.dst, came.dport)
            and (place != places[0]
                 or is_side_as(trace.get("source", {}), packet.src,
                               packet.sport, came.src, came.sport)))


class Wires:
    """Sends packets and sees what comes out."""

    def __init__(self):
        self.hosts = {side.host: Host(side.host) for side in SIDES}
        self.watchers = {**self.hosts, "router": Local(NAMESPACE)}
        links = json.loads(run("ip", "-n", NAMESPACE, "-j", "link"))
        self.macs = {link["ifname"]: bytes.fromhex(
            link["address"].replace(":", "")) for link in links}

    def pass_through(self, packets, missing):
        """Who saw which of the packets, by their number; waits as long as
        some of 'missing' are not seen."""
        subprocess.run(["ip", "netns", "exec", NAMESPACE, "conntrack", "-F"],
                       check=True, stderr=subprocess.DEVNULL)
        seen = {number: [] for number in packets}
        for number, (side, packet) in packets.items():
            self.hosts[side.host].send(self.macs[side.port], packet, number,
                                       number % 65536)
        end = time.monotonic() + PATIENCE
        missing = set(missing)
        while (left := end - time.monotonic()) > 0:
            for number, place, packet in receive_all(
                    self.watchers, min(left, GRACE)):
                if number in seen:
                    seen[number].append((place, packet))
                missing.discard(number)
            if not missing and end - time.monotonic() > GRACE:
                end = time.monotonic() + GRACE
        return seen


def tell(side, packet, trace, seen):
    came = ["    at {}: {}".format(*one) for one in seen] or ["    nowhere"]
    print(f"in {side.port}: {packet}", json.dumps(trace, indent=4), "seen",
          *came, sep="\n", flush=True)


def add_addresses():
    """Of the hosts, beyond those that they were made with."""
    for side in SIDES:
        lines = ["link set lo up"]
        for address in side.hosts:
            where, length = "dev eth0", {4: "/24", 6: "/64"}[version(address)]
            if address in FAR:
                where, length = "dev lo", ""
            if version(address) == 6:
                where += " nodad"
            lines.append(f"addr replace {address}{length} {where}")
        for network in side.networks:
            lines.append("route replace default via "
                         + network.split("/")[0])
        subprocess.run(["ip", "-n", side.host, "-batch", "-"], check=True,
                       text=True, input="\n".join(lines))


def main():
    seed = int(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chance = Chance(seed)
    print(f"SEED {seed}", flush=True)
    add_addresses()
    rules, is_scoped = make_router(chance)
    wires, daemon = Wires(), Daemon()
    wrong, kinds = 0, {}
    for first in range(0, count, BATCH):
        packets = {number: chance.packet(number, rules)
                   for number in range(first, min(first + BATCH, count))}
        traces = {number: daemon.trace(*packet)
                  for number, packet in packets.items()}
        seen = wires.pass_through(packets, [
            number for number, trace in traces.items()
            if not is_lost(trace) and "dropped" not in trace])
        for number, (side, packet) in packets.items():
            trace = traces[number]
            kind = " ".join(sorted(
                set(trace) & {"destination", "source", "exception", "dropped",
                              "route_of_port", "route_of_source"})) or (
                "local" if trace["local"] else "plain")
            kinds[kind] = kinds.get(kind, 0) + 1
            if not is_as_traced(trace, packet, seen[number], is_scoped):
                wrong += 1
                tell(side, packet, trace, seen[number])
    print(kinds)
    if wrong:
        print(snatctl("nat-list", ROUTER), snatctl("route-list", ROUTER))
        sys.exit(f"SEED {seed}: {wrong} of {count} packets went otherwise")


main()
