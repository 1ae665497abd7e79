"""What happens in a life, as the seed decides and nothing else."""
import random
from dataclasses import replace

from faults import ERRNOS, VICTIMS
from model import WRONG_OPTIONS, ask, is_gateway, is_wrong
from moments import (Add_bridge, Arm, Edit, Kill, Mischief, Resync, Rest)
from scenarios import OTHER, Port, Route, Router, Rule

LATE_BRIDGE = "br-late"  # Added in the middle of a life.

# By router and door the ports that it may have.  Those of door 1 whose names
# end in x lose their row with the keys, others keep it.
PORTS = {
    "d1": {"snatctl": ("qg-d1", "sg-d1", "sg-d1b", "qg-d1b")},
    "d2": {"snatctl": ("qg-d2", "sg-d2", "sg-d2b")},
    "m1": {"snatctl": ("qg-m1", "sg-m1"),
           "vsctl": ("sg-m1u", "sg-m1x", "qg-m1u")},
    "v1": {"vsctl": ("qg-v1", "sg-v1", "sg-v1x", "qg-v1x")},
}
DOORS = ("snatctl", "vsctl")
MTUS = (0, 1000, 1280, 1400, 1500)
TAGS = (0, 5, 6)
SCOPES = ("", "blue", "red")
NOT_NETWORKS = ("banana", "10.9.9.9", "10.9.9.0/24", "10.9.9.255/24",
                "127.0.0.2/8", "224.0.0.9/24", "0.0.0.0/0", "10.09.9.9/24",
                "2001:db8:9::1", "ff02::9/64")

# What somebody may do by hand to a port {p} of the router {r}, or to all of
# the router.
ON_PORT = (
    "ip -n snat-{r} link set {p} down",
    "ip -n snat-{r} link set {p} mtu 1333",
    "ip -n snat-{r} address flush dev {p} scope global",
    "ip -n snat-{r} address add 10.99.9.1/24 dev {p}",
    "ip -n snat-{r} address add 2001:db8:99::1/64 dev {p} nodad",
    "ip -n snat-{r} route add 10.200.0.0/16 dev {p}",
    "ip -n snat-{r} route flush dev {p}",
)
ON_OUR_ROW = (
    "ovs-vsctl --no-wait set Port {p} tag=9",
    "ovs-vsctl --no-wait set Interface {p} external_ids:iface-id=other",
    "ovs-vsctl --no-wait --if-exists del-port {p}",
)
ON_PAIR = (
    "ip link set {p} down",
    "ip link delete {p}",
    "ip -n snat-{r} link delete {p}",
)
ON_ROUTER = (
    "ip -n snat-{r} route delete default",
    "ip -n snat-{r} route replace default via 198.51.100.99",
    "ip netns exec snat-{r} nft flush ruleset",
    "ip netns exec snat-{r} nft delete table inet ovs_snat",
    "ip netns exec snat-{r} sysctl -q net.ipv4.ip_forward=0",
)
# If ovs-snatd dies as well before it sees that, the switch's own devices are
# gone, and are made again only for a router that is to have them.
ON_WIRED = (
    "umount /run/netns/snat-{r}",
    "ip netns delete snat-{r}",
)
# More of them would look like a fight, which the daemon takes its time for.
MISCHIEFS_A_ROUTER = 2


class Fate:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.ways = {door: {} for door in DOORS}
        self.spared = {name: MISCHIEFS_A_ROUTER for name in PORTS}
        self.deaths = {"ovs-vswitchd": 1, "conf-db": 1, "snat-db": 2,
                       "ovs-snatd": 3, "its kernel process": 2}
        self.late = True  # The late bridge is not there yet.

    def one_in(self, number):
        return self.random.randrange(number) == 0

    def moments(self):
        """All of a life, each after a pause in seconds."""
        count = self.random.randrange(25, 41)
        rests = {count * part // 3 for part in (1, 2, 3)}
        for door in DOORS:
            yield 0, self.edit(door)
        for number in range(1, count + 1):
            pause = self.random.choice((0, 0, 0, 0.05, 0.2, 0.5))
            yield pause, self.moment()
            if number in rests:
                yield 0, Rest()

    def moment(self):
        kind = self.random.choices(
            ("edit", "fail", "crash", "kill", "mischief", "resync", "bridge"),
            (20, 5, 4, 4, 5, 1, 1))[0]
        made = getattr(self, kind)()
        return made or self.edit()

    # Faults.

    def fail(self):
        # Of a time-out others know more: those who wait for it.
        errors = sorted({error for kind in ERRNOS.values() for error in kind}
                        - {"ETIMEDOUT"})
        if self.one_in(3):
            return Arm(("fault/fail-undo", self.random.randrange(1, 8)))
        return Arm(("fault/fail-step", self.random.randrange(1, 25),
                    self.random.choice(errors)))

    def crash(self):
        victim = self.random.choice(VICTIMS)
        if self.one_in(4):
            return Arm(("fault/crash-at-undo", self.random.randrange(1, 8),
                        victim))
        return Arm(("fault/crash-at-step", self.random.randrange(1, 25),
                    victim))

    def kill(self):
        victim = self.random.choice(sorted(self.deaths))
        if not self.deaths[victim]:
            return None
        self.deaths[victim] -= 1
        doors = [door for door in DOORS
                 if (door, victim) not in (("vsctl", "conf-db"),
                                           ("snatctl", "snat-db"))]
        meanwhile = [self.edit(self.random.choice(doors))
                     for _ in range(self.random.randrange(3))]
        return Kill(victim, self.random.choice((0, 0.1, 0.6)),
                    tuple(meanwhile))

    def mischief(self):
        name = self.random.choice(sorted(PORTS))
        ports = [(door, port, value) for door in DOORS
                 for port, value in sorted(
                     self.ways[door].get(name, Router()).ports.items())]
        if not ports or not self.spared[name]:
            return None
        self.spared[name] -= 1
        door, port, value = self.random.choice(ports)
        scripts = ON_PORT + ON_ROUTER
        asked = ask({door: way.get(name) for door, way in self.ways.items()},
                    self.bridges())
        scripts += ON_WIRED if asked.wired else ()
        scripts += ON_OUR_ROW if door == "snatctl" else ()
        scripts += ON_PAIR if value.wiring == "veth" else ()
        script = self.random.choice(scripts)
        return Mischief(script.format(r=name, p=port))

    def resync(self):
        return Resync()

    def bridges(self):
        return {"br-int", "br-ex"} | (set() if self.late else {LATE_BRIDGE})

    def bridge(self):
        late, self.late = self.late, False
        return Add_bridge(LATE_BRIDGE) if late else None

    # Edits.

    def edit(self, door=None):
        door = door or self.random.choice(DOORS)
        before = self.ways[door]
        after = dict(before)
        names = [name for name in sorted(PORTS) if door in PORTS[name]]
        for name in self.random.sample(
                names, self.random.randrange(1, len(names) + 1)):
            router = self.changed(name, door, after.pop(name, None))
            if router:
                after[name] = router
        self.ways[door] = after
        return Edit(door, after, words(before, after))

    def changed(self, name, door, router):
        """None: it is deleted."""
        if not router:
            return self.new_router(name, door)
        if self.one_in(10):
            return None
        for _ in range(self.random.randrange(1, 4)):
            router = self.changed_once(name, door, router)
        if door == "vsctl" and not router.ports:
            return None
        return router

    def new_router(self, name, door):
        ports = [port for port in PORTS[name][door] if not self.one_in(3)]
        ports = ports or PORTS[name][door][:1]
        return Router({port: self.new_port(name, port, door)
                       for port in ports}, self.rules(name, door))

    def changed_once(self, name, door, router):
        port = self.random.choice(PORTS[name][door])
        value = router.ports.get(port)
        if not value or is_wrong(value) and self.one_in(2):
            return with_port(router, port, self.new_port(name, port, door))
        if self.one_in(6):
            return with_port(router, port, None)
        if self.one_in(8):
            return replace(router, snat=not router.snat)
        if self.one_in(5):
            return replace(router, nat=self.rules(name, door))
        if self.one_in(8) and door == "snatctl":
            return replace(router, enabled=not router.enabled)
        if self.one_in(6) and door == "snatctl":
            return replace(router, options=self.settings())
        if self.one_in(6) and door == "snatctl":
            return replace(router, routes=self.routes(name))
        if self.one_in(9):
            return with_port(router, port,
                             self.spoilt(value, router, port, door))
        return with_port(router, port,
                         self.changed_port(name, port, door, value))

    def rules(self, name, door):
        """Floating IPs, and ports of another address.  What is known of a
        router by one door is nothing that the other door says."""
        number = sorted(PORTS).index(name) + 1
        first = 20 * number + 10 + 4 * DOORS.index(door)
        hosts = [f"10.{number}.2.{at + 3 * DOORS.index(door)}"
                 for at in (5, 6, 7)]  # Each can have one floating IP.
        found = [Rule(f"198.51.100.{first + at}", self.random.choice(hosts[at:]))
                 for at in range(2)]
        found += [Rule(f"198.51.100.{first + 2}", self.random.choice(hosts),
                       (self.random.choice(("tcp", "udp")), port, "80"))
                  for port in ("8000", "8001")]
        used, kept = set(), []
        for rule in self.random.sample(found, self.random.randrange(4)):
            if rule.forward or rule.inside not in used:
                kept.append(replace(rule, options=self.options(rule, door)))
                used |= set() if rule.forward else {rule.inside}
        return tuple(kept)

    def options(self, rule, door):
        if door == "vsctl" or self.one_in(2):
            return ()
        if self.one_in(8):
            return WRONG_OPTIONS
        most = self.random.choice((1, 100))
        known = ["log=true"] + ([] if rule.forward else [
            f"max-translations={most}", "random=full"])
        return tuple(option for option in known if self.one_in(2))

    def routes(self, name):
        """Black holes, which need no port."""
        number = 100 + sorted(PORTS).index(name)
        found = (Route(f"10.{number}.0.0/16"),
                 Route(f"2001:db8:{number}::/48", metric=7),
                 Route(f"10.{number}.0.0/24", policy="src-ip"),
                 Route(f"10.{number}.8.0/21", policy="src-ip"),
                 Route(f"2001:db8:{number}::/64", policy="src-ip"))
        return tuple(route for route in found if self.one_in(2))

    def settings(self):
        known = ("conntrack-tcp-loose=true", "ct-helpers=ftp:2121/tcp",
                 self.random.choice(("ct-limit=100", "ct-limit=5000")),
                 self.random.choice(("ct-timeouts=icmp:9,udp:7",
                                     "ct-timeouts=udp:8")))
        return tuple(option for option in known if self.one_in(2))

    # Ports.  No two of a life share an address.

    def new_port(self, name, port, door):
        stands_on = "br-ex" if is_gateway(port) else "br-int"
        if door == "vsctl":  # Nobody asks for another type of a wired port.
            wiring = "internal" if number_of(name, port) % 2 else "veth"
            tag = TAGS[number_of(name, port) % len(TAGS)]
        else:
            wiring = self.random.choice(("veth", "internal"))
            tag = self.random.choice(TAGS)
        value = Port(self.networks(name, port), wiring=wiring, tag=tag,
                     stands_on=stands_on)
        return replace(value, gateway=self.gateway(name, port, value))

    def changed_port(self, name, port, door, value):
        kinds = ["networks", "networks", "mac", "mtu", "gateway"]
        kinds += ["scope"]
        kinds += ["tag", "wiring", "options"] if door == "snatctl" else []
        kind = self.random.choice(kinds)
        if kind == "networks":
            return replace(value, networks=self.networks(name, port))
        if kind == "mac":
            return replace(value, mac=self.mac(name, port))
        if kind == "mtu":
            mtus = MTUS + ((9000,) if value.wiring == "veth" else ())
            return replace(value, mtu=self.random.choice(mtus))
        if kind == "gateway":
            return replace(value, gateway=self.gateway(name, port, value))
        if kind == "scope":
            return replace(value, scope=self.random.choice(SCOPES))
        if kind == "options":
            return replace(value, options=self.port_options(port))
        if kind == "tag":
            return replace(value, tag=self.random.choice(TAGS))
        return replace(value, wiring=OTHER[value.wiring])

    def port_options(self, port):
        options = self.random.choice(
            ((), ("mss-clamp=pmtu",), ("mss-clamp=1200",)))
        if is_gateway(port) and self.one_in(2):
            options += (f"ndp-proxy=2001:db8:66::{self.random.choice('89')}",)
        return options

    def networks(self, name, port):
        router, own = sorted(PORTS).index(name) + 1, number_of(name, port)
        if is_gateway(port):
            net = ("198.51.100", "203.0.113")["b" in port or "x" in port
                                             or "u" in port]
            all_of_them = [f"{net}.{20 * router + at}/24" for at in range(3)]
            all_of_them += [f"2001:db8:{own}::{router}{at}/64"
                            for at in range(2)]
        else:
            all_of_them = [f"10.{router}.{own}.1/24",
                           f"10.{router}.{own}.2/24",
                           f"10.{router}.{own + 100}.1/24",
                           f"2001:db8:{router}:{own}::1/64"]
        count = self.random.choice((1, 1, 2, 3))
        return tuple(self.random.sample(all_of_them, count))

    def mac(self, name, port):
        router, own = sorted(PORTS).index(name) + 1, number_of(name, port)
        return self.random.choice(
            ["", *(f"02:00:00:{router:02x}:{own:02x}:0{at}"
                   for at in range(2))])

    def gateway(self, name, port, value):
        if not is_gateway(port):
            return ""
        hops = self.random.choice(
            ("", "198.51.100.1", "198.51.100.1 198.51.100.2",
             "203.0.113.254", "192.0.2.7 198.51.100.254")).split()
        if any(":" in text for text in value.networks):
            own = number_of(name, port)
            hops += self.random.choice(
                ("", f"2001:db8:{own}::99", f"2001:db8:77::{own}")).split()
        return " ".join(hops)

    def spoilt(self, value, router, port, door):
        """As the rows must not be."""
        others = [other for name, other in sorted(router.ports.items())
                  if name != port and other.networks]
        kind = self.random.choice(("network", "none", "mac", "mtu", "twin",
                                   "bridge"))
        if kind == "network":
            return replace(value, networks=value.networks + (
                self.random.choice(NOT_NETWORKS),))
        if kind == "mac":
            return replace(value, mac="03:00:00:00:00:01")
        if kind == "mtu" and value.wiring == "internal":
            return replace(value, mtu=9000)
        if kind == "mtu":
            return replace(value, mtu=1279,
                           networks=value.networks + ("2001:db8:9::9/64",))
        if kind == "twin" and others:
            twin = self.random.choice(others).networks[0]
            return replace(value, networks=(twin,))
        if kind == "bridge" and door == "snatctl":
            return replace(value, stands_on=LATE_BRIDGE)
        return replace(value, networks=())


def number_of(name, port):
    """Of the port among those that the router may have."""
    return [one for door in DOORS for one in PORTS[name].get(door, ())
            ].index(port) + 1


def with_port(router, port, value):
    ports = {name: other for name, other in router.ports.items()
             if name != port}
    return replace(router, ports={**ports, **({port: value} if value else {})})


# What an edit changes, in words.

def words(before, after):
    changes = []
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was and not now:
            changes.append(f"delete router {name}")
        elif now and was != now:
            changes.append(f"{'change' if was else 'make'} router {name}: "
                           + router_words(was or Router(), now))
    return "; ".join(changes) or "nothing new"


def router_words(was, now):
    changes = [f"{field} {str(getattr(now, field)).lower()}"
               for field in ("enabled", "snat")
               if getattr(was, field) != getattr(now, field)]
    if was.options != now.options:
        changes += [" ".join(now.options) or "without options"]
    if was.routes != now.routes:
        changes += [", ".join(route.words for route in now.routes)
                    or "without routes"]
    changes += [f"without {rule.words}" for rule in was.nat
                if rule not in now.nat]
    changes += [rule.words for rule in now.nat if rule not in was.nat]
    for name in sorted(was.ports.keys() | now.ports.keys()):
        old, new = was.ports.get(name), now.ports.get(name)
        if not new:
            changes.append(f"without {name}")
        elif old != new:
            changes.append(f"{'' if old else 'with '}{name}"
                           + port_words(old, new))
    return ", ".join(changes) or "without ports"


def port_words(old, new):
    return "".join(
        f" {field}={show(getattr(new, field))}"
        for field in ("stands_on", "networks", "gateway", "mac", "mtu", "tag",
                      "wiring", "scope", "options")
        if (getattr(old, field) if old else getattr(Port(()), field))
        != getattr(new, field))


def show(value):
    text = "|".join(value) if isinstance(value, tuple) else str(value)
    return text.replace(" ", "|") or "none"
