"""A router with rules of all kinds, and packets for it, as a seed decides."""
import ipaddress
import random
from dataclasses import dataclass

from packets import Packet


@dataclass(frozen=True)
class Side:
    """A port of the router, and the host behind it."""
    port: str
    host: str
    networks: tuple  # Addresses of the port.
    hosts: tuple     # Of the host.
    external: tuple = ()  # That rules may have, on the port's networks.


def numbered(text, numbers):
    return tuple(text.format(number) for number in numbers)


FAR = (numbered("10.200.0.{}", range(1, 5))
       + numbered("2001:db8:f::{}", range(1, 5)))
SIDES = (
    Side("sg-a", "in-a", ("10.0.0.1/24", "2001:db8:a::1/64"),
         numbered("10.0.0.{}", range(2, 8))
         + numbered("2001:db8:a::{}", range(2, 8))),
    Side("sg-b", "in-b", ("10.0.1.1/24", "2001:db8:b::1/64"),
         numbered("10.0.1.{}", range(2, 8))
         + numbered("2001:db8:b::{}", range(2, 8))),
    Side("qg-a", "out-a", ("198.51.100.10/24", "2001:db8:100::10/64"),
         numbered("198.51.100.{}", range(1, 4))
         + numbered("2001:db8:100::{}", range(1, 4)) + FAR,
         numbered("198.51.100.{}", range(20, 24))
         + numbered("2001:db8:100::2{}", range(4))),
    Side("qg-b", "out-b", ("203.0.113.10/24", "2001:db8:200::10/64"),
         numbered("203.0.113.{}", range(1, 4))
         + numbered("2001:db8:200::{}", range(1, 4)) + FAR,
         numbered("203.0.113.{}", range(20, 24))
         + numbered("2001:db8:200::2{}", range(4))),
)
GATEWAYS, INSIDE = SIDES[2:], SIDES[:2]
NO_NETWORK = (numbered("10.99.0.{}", range(3))
              + numbered("2001:db8:99::{}", range(1, 4)))
PREFIXES = {4: ("10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16", "10.0.0.4/30",
                "10.0.1.2/31", "0.0.0.0/0"),
            6: ("2001:db8:a::/64", "2001:db8:b::/64", "2001:db8:a::4/126",
                "2001:db8::/32")}
ROUTED = {4: ("0.0.0.0/0", "10.200.0.0/29", "10.200.0.2/31", "10.200.0.3/32"),
          6: ("::/0", "2001:db8:f::/125", "2001:db8:f::2/127",
              "2001:db8:f::3/128")}
PEERS = {4: ("198.51.100.0/24", "203.0.113.0/24", "10.200.0.0/31",
             "10.200.0.2", "198.51.100.2/31", "10.0.1.0/24", "0.0.0.0/0"),
         6: ("2001:db8:100::/64", "2001:db8:200::/64", "2001:db8:f::/127",
             "2001:db8:f::2", "2001:db8:b::/64")}


def version(address):
    return 6 if ":" in address else 4


def ports_text(first, size):
    return f"{first}-{first + size - 1}"


def alike(addresses, other):
    return [a for a in addresses if version(a) == version(other)]


# Rules.

def peers(rule):
    """The other sides that a rule may be for."""
    known = rule["external_ip"] or rule["logical_ip"]
    return [ipaddress.ip_network(text) for text in rule["options"].get(
        "allowed-ext", {4: "0.0.0.0/0", 6: "::/0"}[version(known)]).split()]


def claims(rule):
    """No two rules for the same other side may have a common one."""
    options = rule["options"]
    rank = ("no-nat" in options,
            "allowed-ext" in options or "exempted-ext" in options)
    if rule["type"] != "snat":
        yield (*rank, rule["external_ip"], rule.get("protocol"),
               rule.get("external_port"))
    if rule["type"] != "dnat":
        yield (*rank, rule["type"], rule["logical_ip"])


def source_ports(rule):
    first, _, last = (rule.get("external_port") or "1024-65535").partition("-")
    return int(first), int(last or first)


def share_blocks(rule, other):
    """Of source ports; they are one host's."""
    both = rule, other
    ports, others = map(source_ports, both)
    return (rule["external_ip"] == other["external_ip"]
            and all(one["type"] != "dnat" for one in both)
            and any("port-block-size" in one["options"] for one in both)
            and ports[0] <= others[1] and others[0] <= ports[1])


def conflict(rule, other):
    return share_blocks(rule, other) or bool(set(claims(rule)) & set(claims(other))) and any(
        a.overlaps(b) for a in peers(rule) for b in peers(other)
        if a.version == b.version)


def place(route):
    return (route["policy"], route["options"], route["ip_prefix"],
            route["metric"])


def exclude(route, other):
    """No black hole is one of several ways."""
    return place(route) == place(other) and (
        "discard" in (route["nexthop"], other["nexthop"]) or route == other)


class Chance:
    """Rules and packets, as the seed decides."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.apart = random.Random(f"scopes {seed}")
        self.hosts = [a for side in INSIDE for a in side.hosts]
        self.external = [a for side in GATEWAYS for a in side.external]
        self.external += [n.split("/")[0] for side in GATEWAYS
                          for n in side.networks]
        self.external += NO_NETWORK

    def is_so(self, probability):
        return self.random.random() < probability

    def pick(self, some):
        return self.random.choice(list(some))

    def scopes(self):
        """By port, in every other router."""
        choices = (("",) if self.apart.randrange(2) else
                   ("", "blue", "red", "4:blue", "4:red,6:blue"))
        return {side.port: self.apart.choice(choices) for side in SIDES}

    def networks(self):
        """By port; now and then one to the outside has IPv4 only."""
        return {side.port: side.networks[:1]
                if side in GATEWAYS and self.is_so(0.15) else side.networks
                for side in SIDES}

    def next_hops(self, networks):
        """By gateway port; now and then there are several ways."""
        both = self.is_so(0.25)
        first = self.pick(GATEWAYS)
        return {side.port: [alike(side.hosts, network)[0]
                            for network in networks[side.port]]
                if both or side == first else [] for side in GATEWAYS}

    def tables(self):
        """Of routes, by the port that packets come in by."""
        return {side.port: self.pick(("blue", "red")) for side in SIDES
                if self.is_so(0.3)}

    def routes(self, networks):
        """Some that do not conflict."""
        routes = []
        for _ in range(self.pick((0, 6, 12))):
            route = self.route(networks)
            if not any(exclude(route, other) for other in routes):
                routes.append(route)
        return routes

    def route(self, networks):
        family = self.pick((4, 4, 6))
        policy = self.pick(("", "", "src-ip"))
        hops = [hop for side in GATEWAYS for network in networks[side.port]
                if version(network) == family
                for hop in alike(side.hosts, network)[:2]]
        # The default route of the usual metric is the ports'.
        return {
            "ip_prefix": self.pick(PREFIXES[family][:4] if policy
                                   else ROUTED[family][1:]),
            "nexthop": "discard" if not hops or self.is_so(0.2)
            else self.pick(hops),
            "policy": policy,
            "metric": self.pick((7, 8) if policy else ("", 7)),
            "options": {"route-table": self.pick(("blue", "red"))}
            if self.is_so(0.3) else {}}

    def rules(self):
        """Some that do not conflict, whichever of them is looked at first."""
        kinds = ([self.floating] * 9 + [self.source] * 4 + [self.forward] * 7
                 + [self.whole] * 2 + [self.block] * 2 + [self.kept_source] * 2
                 + [self.kept_destination] * 2)
        rules = []
        for kind in kinds:
            rule = kind()
            if not any(conflict(rule, other) for other in rules):
                rules.append(rule)
        return rules

    def rule(self, kind, external, logical, **columns):
        columns = {"type": kind, "external_ip": external,
                   "logical_ip": logical, **columns}
        options = columns.setdefault("options", {})
        others = [side for side in GATEWAYS if not any(
            network.split("/")[0] == external
            for other in GATEWAYS if other != side
            for network in other.networks)]
        if self.is_so(0.15):  # Another port's own address it cannot have.
            columns["gateway_port"] = self.pick(others).port
        known = external or logical
        for key in ("allowed-ext", "exempted-ext"):
            if self.is_so(0.15):
                options[key] = " ".join(self.random.sample(
                    PEERS[version(known)], self.random.randint(1, 2)))
        return columns

    def somebody(self, external):
        """Whom a rule leads to: now and then it is somebody outside."""
        outside = alike(FAR + GATEWAYS[0].hosts, external)
        return self.pick(outside if self.is_so(0.07)
                         else alike(self.hosts, external))

    def random_ports(self, *kinds):
        return {"random": self.pick(kinds)} if self.is_so(0.4) else {}

    def floating(self):
        external = self.pick(self.external)
        return self.rule("dnat_and_snat", external, self.somebody(external),
                         options=self.random_ports("full", "none"))

    def source(self):
        external = self.pick(self.external)
        ports = self.random.randrange(1024, 60000)
        return self.rule(
            "snat", external,
            self.pick(PREFIXES[version(external)]
                      + tuple(alike(self.hosts, external))),
            external_port=f"{ports}-{ports + 999}" if self.is_so(0.4) else "",
            options=self.random_ports("none", "persistent"))

    def block(self):
        external = self.pick(NO_NETWORK)  # Default SNAT has gateways' own.
        return self.rule(
            "snat", external, "10.0.0.0/24" if version(external) == 4
            else "2001:db8:b::/125",
            external_port=self.pick(("", "2000-59999")),
            options={"port-block-size": "100", **self.random_ports("none")})

    def forward(self):
        external = self.pick(self.external)
        first = self.random.randrange(1, 400) * 100
        size = self.pick((1, 1, 10))
        internal = first + self.pick((0, 7))
        return self.rule("dnat", external, self.somebody(external),
                         protocol=self.pick(("udp", "udp", "tcp")),
                         external_port=ports_text(first, size),
                         internal_port=self.pick(
                             ("", ports_text(internal, size))))

    def whole(self):
        external = self.pick(self.external)
        return self.rule("dnat", external, self.somebody(external))

    def kept_source(self):
        family = self.pick((4, 4, 6))
        addresses = alike(self.hosts, PREFIXES[family][0])
        return self.rule("snat", "", self.pick(PREFIXES[family][1:4]
                                               + tuple(addresses)),
                         options={"no-nat": "true"})

    def kept_destination(self):
        ports = {"protocol": "udp", "external_port": self.pick(
            ("1-20000", "20001-65535"))} if self.is_so(0.7) else {}
        return self.rule("dnat", self.pick(self.external), "",
                         options={"no-nat": "true"}, **ports)

    def packet(self, number, rules):
        """Somebody's to somebody, and which port it comes in by."""
        side = self.pick(INSIDE + SIDES)
        src = self.pick(side.hosts)
        own = [n.split("/")[0] for s in SIDES for n in s.networks]
        called = [rule["external_ip"] for rule in rules
                  if rule["logical_ip"] and rule["type"] != "snat"]
        ruled = called + [rule["external_ip"] for rule in rules
                          if rule["logical_ip"] and rule["external_ip"]] + own
        others = (ruled, self.hosts, FAR, FAR,
                  GATEWAYS[0].hosts + GATEWAYS[1].hosts)
        if alike(called, src):
            others = (called,) * 4 + others
        dst = self.pick([other for other in alike(self.pick(others), src)
                         if other != src])
        protocol = self.pick(("udp",) * 6 + ("tcp", "tcp", "icmp"))
        ports = [rule["external_port"].split("-") for rule in rules
                 if rule["external_ip"] == dst and rule.get("protocol")]
        if protocol == "icmp":
            return side, Packet("icmp", src, 0, dst, 0)
        dport = self.random.randint(1, 65535)
        if ports and self.is_so(0.8):
            first, last = map(int, self.pick(ports))
            dport = self.random.randint(max(first - 1, 1), last + 1)
        sport = self.pick((10000, 300)) + number
        return side, Packet(protocol, src, sport, dst, dport)
