"""What the campaign does with routers, as pairs of configurations: plain
values, from which the words of either door are made."""
from dataclasses import dataclass, field, replace

MACS = [f"02:00:00:00:01:{number:02x}" for number in range(3)]
OTHER = {"veth": "internal", "internal": "veth"}


@dataclass(frozen=True)
class Port:
    networks: tuple
    gateway: str = ""  # Next hops; with one it is a gateway port.
    mtu: int = 0
    mac: str = ""
    tag: int = 0
    wiring: str = ""  # Empty: that of the campaign's row.
    stands_on: str = ""  # Empty: the bridge of its kind.
    scope: str = ""
    options: tuple = ()  # "mss-clamp=pmtu", sorted; by door 2 only.

    @property
    def bridge(self):
        return self.stands_on or ("br-ex" if self.gateway else "br-int")


@dataclass(frozen=True)
class Rule:
    """One of NAT, for the router's gateway port."""
    external: str
    inside: str
    forward: tuple = ()  # Protocol and ports of a port forward.
    options: tuple = ()  # "log=true", sorted; by door 2 only.

    @property
    def type(self):
        return "dnat" if self.forward else "dnat_and_snat"

    @property
    def words(self):
        """As the daemon says it."""
        return " ".join((self.type, self.external, self.inside,
                         *self.forward))

    @property
    def columns(self):
        """Of a row of its own."""
        ports = ("protocol", "external_port", "internal_port")
        return [f"type={self.type}", f"external_ip={self.external}",
                f"logical_ip={self.inside}",
                *map("=".join, zip(ports, self.forward)),
                *(f"options:{option}" for option in self.options)]


@dataclass(frozen=True)
class Route:
    """A static one."""
    prefix: str
    hop: str = "discard"
    port: str = ""  # This and what follows by door 2 only.
    policy: str = ""
    metric: int = 0
    table: str = ""

    @property
    def words(self):
        return " ".join((*self.options, self.prefix, self.hop))

    @property
    def options(self):
        """Of route-add."""
        options = {"policy": self.policy, "metric": self.metric,
                   "route-table": self.table}
        return [f"--{key}={value}" for key, value in options.items() if value]

    @property
    def by(self):
        return [self.port] if self.port else []


@dataclass(frozen=True)
class Router:
    ports: dict = field(default_factory=dict)
    nat: tuple = ()
    enabled: bool = True
    snat: bool = True
    options: tuple = ()  # "ct-limit=100", sorted; by door 2 only.
    routes: tuple = ()

    @property
    def nat_port(self):
        """Whose keys have the rules, in door 1."""
        return min((name for name in self.ports if name.startswith("qg-")),
                   default=None)

    def having(self, **ports):
        """With these ports changed, or taken away where they are None."""
        merged = {**self.ports, **{name.replace("_", "-"): port
                                   for name, port in ports.items()}}
        return replace(self, ports={name: port for name, port
                                    in merged.items() if port})


@dataclass(frozen=True)
class Scenario:
    """The configurations, by router, one after the other; with three of them
    the second edit comes while the first is under way."""
    name: str
    ways: tuple
    doors: tuple = ("vsctl", "snatctl")

    @property
    def routers(self):
        """Those that the edits change."""
        names = sorted({name for way in self.ways for name in way})
        return [name for name in names
                if len({repr(way.get(name)) for way in self.ways}) > 1]


def plain(number=1):
    """A router with a gateway port and two others, as many may be there."""
    return Router({
        f"qg-r{number}": Port((f"198.51.100.1{number}/24",), "198.51.100.1"),
        f"sg-r{number}": Port((f"10.0.{number}.1/24",)),
        f"sg-r{number}b": Port((f"10.1.{number}.1/24",), tag=7),
    })


def with_flow(router, name):
    """Two more ports, which nothing touches, with a computer behind each."""
    return router.having(**{
        f"sg-{name}-{side}": Port((f"{subnet(name, side)}.1/24",),
                                  wiring="veth")
        for side in "ab"})


def subnet(router, side):
    return f"10.10{router[1:]}.{'ab'.index(side)}"


# Another router, with a flow through it, is there all the time.
BESIDE = {"r0": with_flow(Router(), "r0")}


def changes(wiring):
    """One router with a flow through it, and what becomes of it."""
    base = with_flow(plain(), "r1")
    # A device keeps the MAC address that nobody asks for any more.
    base = base.having(**{name: replace(base.ports[name], mac=mac)
                          for name, mac in (("qg-r1", MACS[0]),
                                            ("sg-r1b", MACS[1]))})
    qg, sg, sgb = (base.ports[name] for name in ("qg-r1", "sg-r1", "sg-r1b"))
    new = Port(("10.0.21.1/24",))
    fip = Rule("198.51.100.40", "10.0.1.5")
    web = Rule("198.51.100.11", "10.0.1.5", ("tcp", "8000", "80"))
    two = ("198.51.100.20/24", "198.51.100.21/24")
    settings = ("arp-announce=1", "ct-helpers=ftp:21", "ct-limit=5000",
                "ct-timeouts=udp:7,icmp:9")
    others = ("conntrack-tcp-loose=true", "ct-helpers=ftp:2121,tftp:69",
              "ct-limit=7000", "ct-timeouts=udp:8")
    return base, {
        "add-port": base.having(sg_r1c=new),
        "addresses": base.having(
            qg_r1=replace(qg, networks=two),
            sg_r1=replace(sg, networks=("10.0.1.1/24", "10.0.22.1/24"))),
        "ipv6": base.having(qg_r1=replace(
            qg, networks=qg.networks + ("2001:db8::10/64",))),
        "mac": base.having(qg_r1=replace(qg, mac=MACS[2])),
        "mtu": base.having(qg_r1=replace(qg, mtu=1400),
                           sg_r1=replace(sg, mtu=1300)),
        "tag": base.having(sg_r1b=replace(sgb, tag=8)),
        "gateway": base.having(qg_r1=replace(qg, gateway="198.51.100.254")),
        "wiring": base.having(sg_r1=replace(sg, wiring=OTHER[wiring])),
        "snat-off": replace(base, snat=False),
        "scopes": base.having(qg_r1=replace(qg, scope="blue"),
                              sg_r1=replace(sg, scope="4:blue,6:red")),
        "port-options": base.having(
            qg_r1=replace(qg, options=("mss-clamp=pmtu",
                                       "ndp-proxy=2001:db8:1::/126")),
            sg_r1=replace(sg, options=("mss-clamp=1200",))),
        "nat": replace(base, nat=(fip, web)),
        # One leads elsewhere, one goes, one comes.
        "other-nat": replace(base, nat=(
            replace(fip, inside="10.0.1.6"),
            Rule("198.51.100.41", "10.0.1.5"))),
        "routes": replace(base, routes=(
            Route("203.0.113.0/24", "198.51.100.2"),
            Route("203.0.113.0/24", "198.51.100.3"),
            Route("192.168.0.0/16"), Route("172.16.0.0/12", "192.168.7.1", "qg-r1"))),
        "special-routes": replace(base.having(sg_r1=replace(
            sg, options=("route-table=blue",))), routes=(
            Route("203.0.113.0/24", "198.51.100.3"),
            Route("192.168.0.0/16", "10.0.1.7", metric=7),
            Route("10.0.1.0/25", "198.51.100.4", policy="src-ip"),
            Route("10.0.1.128/25", policy="src-ip", table="blue"),
            Route("0.0.0.0/0", "198.51.100.5", table="blue"))),
        "settings": replace(base, options=settings),
        "other-settings": replace(base, options=others),
        "mixed": base.having(
            qg_r1=replace(qg, networks=two, mtu=1400), sg_r1=None,
            sg_r1b=replace(sgb, mac=MACS[2]), sg_r1c=new),
    }


def batch():
    """Many routers in one transaction: made, changed, unwired, deleted."""
    before, after = {}, {}
    for number in range(1, 6):
        name, router = f"r{number}", plain(number)
        qg = router.ports[f"qg-r{number}"]
        before[name] = router
        after[name] = router.having(**{
            f"qg_r{number}": replace(qg, networks=(f"198.51.100.3{number}/24",)),
            f"sg_r{number}": None,
            f"sg_r{number}c": Port((f"10.2.{number}.1/24",))})
    del before["r1"], after["r5"]
    after["r1"] = plain(1)
    return Scenario("batch", (before, after))


def all_scenarios(wiring):
    whole = {"r1": plain()}
    base, by_name = changes(wiring)
    in_door2 = ("snatctl",)  # Nothing that ovs-snatd would do with door 1.
    found = [Scenario("create", ({}, whole)), Scenario("delete", (whole, {}))]
    found += [Scenario(name, ({"r1": base}, {"r1": after}),
                       in_door2 if name in ("tag", "wiring", "port-options",
                                            "settings")
                       else ("vsctl", "snatctl"))
              for name, after in by_name.items()
              if name not in ("other-nat", "other-settings",
                              "special-routes")]
    found += [
        Scenario("remove-port", ({"r1": by_name["add-port"]}, {"r1": base})),
        Scenario("change-nat", ({"r1": by_name["nat"]},
                                {"r1": by_name["other-nat"]})),
        Scenario("no-nat", ({"r1": by_name["nat"]}, {"r1": base})),
        Scenario("no-scopes", ({"r1": by_name["scopes"]}, {"r1": base})),
        Scenario("no-port-options", ({"r1": by_name["port-options"]},
                                     {"r1": base}), in_door2),
        Scenario("change-routes", ({"r1": by_name["routes"]},
                                   {"r1": by_name["special-routes"]}),
                 in_door2),
        Scenario("no-routes", ({"r1": by_name["special-routes"]},
                               {"r1": base}), in_door2),
        Scenario("change-settings", ({"r1": by_name["settings"]},
                                     {"r1": by_name["other-settings"]}),
                 in_door2),
        Scenario("no-settings", ({"r1": by_name["settings"]}, {"r1": base}),
                 in_door2),
        Scenario("snat-on", ({"r1": by_name["snat-off"]}, {"r1": base})),
        Scenario("disable", (whole, {"r1": replace(whole["r1"],
                                                   enabled=False)}), in_door2),
        Scenario("enable", ({"r1": replace(whole["r1"], enabled=False)},
                            whole), in_door2),
        Scenario("two-in-flight", ({"r1": base}, {"r1": by_name["mixed"]},
                                   {"r1": by_name["addresses"]})),
        batch()]
    return [replace(scenario, ways=tuple({**way, **BESIDE}
                                         for way in scenario.ways))
            for scenario in found]
