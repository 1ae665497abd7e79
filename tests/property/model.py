"""What should be there, told from the rows alone: plain values, which know
nothing of how the daemon comes to it."""
import ipaddress
from dataclasses import dataclass, field
from itertools import combinations

DEFAULT_MTU, LEAST_IPV6_MTU = 1500, 1280
WRONG_OPTIONS = ("max-translations=0",)


@dataclass
class Refusal:
    """One of these rows, ports by name or rules by their words, is refused,
    or, where 'waits', all that it lacks is something on the switch."""
    rows: tuple
    waits: bool = False


@dataclass
class Asked:
    """What the rows of one router ask for."""
    wired: dict = None  # None: nothing is to be wired.
    refusals: list = field(default_factory=list)
    disabled: bool = False

    @property
    def state(self):
        if self.refusals:
            return "pending" if all(refusal.waits for refusal
                                    in self.refusals) else "failed"
        return "disabled" if self.disabled else "active"


def is_gateway(name):
    return name.startswith("qg-")


def is_unfit(text):
    """Whether no interface can have that address."""
    try:
        address = ipaddress.ip_interface(text)
    except ValueError:
        return True
    ip, network = address.ip, address.network
    ends = (network.network_address, network.broadcast_address)
    return ("/" not in text or network.prefixlen == 0
            or ip.version == 4 and network.prefixlen < 31 and ip in ends
            or ip.is_multicast or ip.is_unspecified or ip.is_loopback)


def is_wrong(port):
    has_ipv6 = any(":" in text for text in (*port.networks, port.gateway,
                                            *port.options))
    return (not port.networks or any(map(is_unfit, port.networks))
            or bool(port.mac and int(port.mac[:2], 16) & 1)
            or bool(port.mtu) and (
                has_ipv6 and port.mtu < LEAST_IPV6_MTU
                or port.wiring == "internal" and port.mtu > DEFAULT_MTU))


def ip_of(text):
    return text.split("/")[0]


def refusals_of(ports, rules, bridges):
    found = [Refusal((rule.words,)) for rule in rules
             if rule.options == WRONG_OPTIONS]
    found += [Refusal((name,)) for name, (_, port) in sorted(ports.items())
             if is_wrong(port)]
    found += [Refusal((name,), waits=True)
              for name, (_, port) in sorted(ports.items())
              if not is_wrong(port) and port.bridge not in bridges]
    alone = {name for refusal in found for name in refusal.rows}
    for pair in combinations(sorted(ports.keys() - alone), 2):
        one, other = ({ip_of(text) for text in ports[name][1].networks}
                      for name in pair)
        if one & other:
            found.append(Refusal(pair))
    return found


def ask(by_door, bridges):
    """What a router is asked for, where 'by_door' is its value, or None, as
    it was told through each door."""
    users, ours = by_door["vsctl"], by_door["snatctl"]
    ports = {port: (door, value) for door, router in by_door.items() if router
             for port, value in router.ports.items()}
    asked = Asked(refusals=refusals_of(ports, ours.nat if ours else (),
                                       bridges),
                  disabled=bool(ours and not ours.enabled))
    if ports and not asked.refusals and not asked.disabled:
        translating = {
            "snatctl": not ours or ours.snat,
            "vsctl": bool(users and users.snat) and (not ours or ours.snat)}
        asked.wired = wire(ports, translating, placed_rules(by_door, ports),
                           ours.options if ours else ())
        asked.wired["nowhere"] = sorted(map(
            route_words, ours.routes if ours else ()))
    return asked


def route_words(route):
    """Of one that leads nowhere."""
    metric = route.metric or (1024 if ":" in route.prefix else 0)
    return (f"from {route.prefix}" if route.policy
            else f"{route.prefix} metric {metric}")


@dataclass
class Placed:
    """A rule and the gateway ports that it is for."""
    rule: object
    ports: list
    words: str


def placed_rules(by_door, ports):
    """Rules of door 1 are those of a port.  Others are for the gateway port
    in whose network the address is, and if there is none, for all of them."""
    gateways = sorted(filter(is_gateway, ports))
    users, ours = by_door["vsctl"], by_door["snatctl"]
    found = [Placed(rule, [users.nat_port],
                    f"{rule.words} on {users.nat_port}")
             for rule in users.nat if users.nat_port] if users else []
    for rule in ours.nat if ours and gateways else ():
        holding = [name for name in gateways
                   if is_on_link(rule.external, ports[name][1])]
        found.append(Placed(rule, holding or gateways, rule.words))
    return found


def is_on_link(ip, port):
    return any(ipaddress.ip_address(ip) in ipaddress.ip_interface(text).network
               for text in port.networks)


def wire(ports, translating, placed, options):
    return {
        "ports": {name: wire_port(door, port, {
            one.rule.external for one in placed if name in one.ports})
                  for name, (door, port) in ports.items()},
        "routes": routes(ports),
        "translated": {
            name: address for name, (door, port) in ports.items()
            if is_gateway(name) and translating[door]
            and (address := first_ipv4(door, port))},
        "rules": sorted(" ".join((one.words, *one.rule.options))
                        for one in placed),
        "settings": list(options),
    }


def wire_port(door, port, floating):
    keys = {}
    if door == "snatctl":
        keys = {"snat-owner": "ovs-snatd"}
        keys.update({"attached-mac": port.mac} if port.mac else {})
    return {
        "up": True,
        "mac": port.mac,
        "mtu": port.mtu or DEFAULT_MTU,
        "addresses": sorted((*port.networks,
                             *(f"{ip}/32" for ip in floating))),
        "scope": number_of_scope(port.scope),
        "options": list(port.options),
        "bridge": port.bridge,
        "tag": port.tag,
        "wiring": port.wiring,
        "keys": keys,
    }


def number_of_scope(name):
    """As the kernel has it: FNV-1a, and 0 where there is none."""
    number = 0x811c9dc5 if name else 0
    for byte in name.encode():
        number = (number ^ byte) * 0x01000193 & 0xffffffff
    return number


def first_ipv4(door, port):
    """Door 1 has an order of its own; a set has none."""
    own = [ip_of(text) for text in port.networks if ":" not in text]
    if door == "snatctl":
        own.sort(key=ipaddress.ip_address)
    return own[0] if own else ""


def routes(ports):
    """All but those that the kernel makes: by destination the next hops."""
    found = {}
    for name, (_, port) in ports.items():
        for hop in port.gateway.split():
            version = 6 if ":" in hop else 4
            found.setdefault(f"default -{version}", set()).add((hop, name))
            if not is_on_link(hop, port):
                found.setdefault(f"{hop} -{version}", set()).add(("", name))
    return {destination: sorted(hops)
            for destination, hops in sorted(found.items())}


def without_deleted(wired, rows):
    """Nobody can keep a port of a user's without its row."""
    ports = {name: port for name, port in wired["ports"].items()
             if port["keys"] or name in rows} if wired else {}
    if not ports:
        return None
    left = {destination: [hop for hop in hops if hop[1] in ports]
            for destination, hops in wired["routes"].items()}
    return {
        "ports": ports,
        "routes": {destination: hops for destination, hops in left.items()
                   if hops},
        "nowhere": wired["nowhere"],
        "translated": {name: address for name, address
                       in wired["translated"].items() if name in ports},
        "rules": [words for words in wired["rules"]
                  if rule_stays(words, ports)],
        "settings": wired["settings"],
    }


def rule_stays(words, ports):
    """One of a deleted port goes with it, and all with the last gateway
    port."""
    _, of_port, port = words.partition(" on ")
    return port in ports if of_port else any(map(is_gateway, ports))


class Model:
    """What was told through both doors, and what may have come of it."""

    def __init__(self, bridges):
        self.bridges = set(bridges)
        self.told = {"vsctl": {}, "snatctl": {}}
        self.since = {}  # By router and door: all it was told of late.
        self.gone = {}  # By router: ports whose rows were deleted of late.
        self.good = {}  # By router: all that it may have been wired as.

    def tell(self, door, way):
        for name in way.keys() | self.told[door].keys():
            self.versions(name, door).append(way.get(name))
            was, now = self.told[door].get(name), way.get(name)
            self.gone.setdefault(name, set()).update(
                (was.ports.keys() if was else set())
                - (now.ports.keys() if now else set()))
        self.told[door] = way

    def versions(self, name, door):
        return self.since.setdefault(name, {}).setdefault(
            door, [self.told[door].get(name)])

    def names(self):
        return sorted({name for way in self.told.values() for name in way}
                      | self.good.keys())

    def asked(self, name):
        return ask({door: way.get(name) for door, way in self.told.items()},
                   self.bridges)

    def has_gateway(self, name):
        return any(is_gateway(port) for way in self.told.values()
                   if name in way for port in way[name].ports)

    def may_be(self, name, rows):
        """All that may be wired for it now.  What is refused stays as it was
        last, but for ports whose 'rows' their users have deleted, be they
        back by now or not: the doors are read one by one, so that may be any
        mix of what they were told of late."""
        asked = self.asked(name)
        if not asked.refusals or asked.disabled:
            return [asked.wired]
        allowed = list(self.good.get(name, [None]))
        for users in self.versions(name, "vsctl"):
            for ours in self.versions(name, "snatctl"):
                mixed = ask({"vsctl": users, "snatctl": ours}, self.bridges)
                if ((not mixed.refusals or mixed.disabled)
                        and mixed.wired not in allowed):
                    allowed.append(mixed.wired)
        back = self.gone.get(name, set()) & set(rows)
        return [without_deleted(wired, set(rows) - set(some))
                for wired in allowed for count in range(len(back) + 1)
                for some in combinations(sorted(back), count)]

    def saw(self, name, wired):
        self.good[name] = [wired]
        self.since.pop(name, None)
        self.gone.pop(name, None)
