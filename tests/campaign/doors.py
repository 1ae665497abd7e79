"""The words by which configurations are told to either door.  Each edit has
the number by which its end can be told."""
import node

QUOTES = '""'  # The empty string, as these tools read it.


def quoted_set(values):
    return "[" + ",".join(f'"{value}"' for value in values) + "]"


class Snatctl:
    """Rows of OVS_SNAT, by ovs-snatctl."""

    def __init__(self, wiring):
        self.wiring = wiring
        self.number = 0

    def prepare(self, ways):
        """Nothing needs to be there."""

    def clean_up(self):
        """Nothing is left."""

    def edit(self, before, after):
        words = []
        for name in sorted(before.keys() - after.keys()):
            words += ["--", "router-del", name]
        for name, router in sorted(after.items()):
            words += self.edit_router(name, before.get(name), router)
        self.number += 1
        node.run("ovs-snatctl", "--no-wait", *words, "--", "set",
                 "SNAT_Global", ".", f"next_cfg={self.number}")

    def edit_router(self, name, before, after):
        words = [] if before else ["--", "router-add", name]
        was = before.ports if before else {}
        for port in sorted(was.keys() - after.ports.keys()):
            words += ["--", "port-del", port]
        for port, value in sorted(after.ports.items()):
            if port not in was:
                words += self.add_port(name, port, value)
            elif was[port] != value:
                words += self.set_port(port, value)
                words += self.edit_options(port, self.options(was[port]),
                                           self.options(value))
        for column, is_so, was_so in (
                ("enabled", after.enabled, not before or before.enabled),
                ("enable_snat", after.snat, not before or before.snat)):
            if is_so != was_so:
                words += ["--", "set", "Router", name,
                          f"{column}={str(is_so).lower()}"]
        if after.options != (before.options if before else ()):
            words += ["--", "clear", "Router", name, "options"]
            for option in after.options:
                words += ["--", "set", "Router", name, f"options:{option}"]
        return [*words,
                *self.edit_nat(name, before.nat if before else (), after.nat),
                *self.edit_routes(name, before.routes if before else (),
                                  after.routes)]

    @staticmethod
    def edit_routes(router, before, after):
        words = []
        for route in before:
            if route not in after:
                policy = f"--policy={route.policy}"
                table = f"--route-table={route.table}"
                words += ["--", policy, table, "route-del", router,
                          route.prefix, route.hop]
        for route in after:
            if route not in before:
                words += ["--", *route.options, "route-add", router,
                          route.prefix, route.hop, *route.by]
        return words

    @staticmethod
    def edit_nat(router, before, after):
        words = []
        for rule in before:
            if rule not in after:
                words += ["--", "nat-del", router, rule.type, rule.external,
                          *rule.forward[:2]]
        for number, rule in enumerate(after):
            if rule not in before:
                words += Snatctl.add_rule(router, rule,
                                          f"@nat-{router}-{number}")
        return words

    @staticmethod
    def add_rule(router, rule, row):
        if rule.options:
            return ["--", f"--id={row}", "create", "NAT", *rule.columns,
                    "--", "add", "Router", router, "nat", row]
        return ["--", "nat-add", router, rule.type, rule.external,
                rule.inside, *rule.forward]

    def add_port(self, router, name, port):
        options = {"bridge": port.bridge,
                   "gateway": ",".join(port.gateway.split()),
                   "tag": port.tag, "mtu": port.mtu, "mac": port.mac,
                   "wiring": port.wiring or self.wiring}
        return ["--", *(f"--{key}={value}" for key, value in options.items()
                        if value), "port-add", router, name, *port.networks,
                *self.edit_options(name, {}, self.options(port))]

    @staticmethod
    def options(port):
        found = dict(option.split("=") for option in port.options)
        return found | ({"address-scope": port.scope} if port.scope else {})

    @staticmethod
    def edit_options(name, was, now):
        words = []
        if was.keys() - now.keys():
            words += ["--", "remove", "Router_Port", name, "options",
                      *sorted(was.keys() - now.keys())]
        if was != now and now:
            words += ["--", "set", "Router_Port", name,
                      *(f'options:{key}="{value}"'
                        for key, value in sorted(now.items()))]
        return words

    def set_port(self, name, port):
        columns = {"networks": quoted_set(port.networks),
                   "gateway_ips": quoted_set(port.gateway.split()),
                   "bridge": port.bridge,
                   "options:wiring": port.wiring or self.wiring,
                   "mtu": port.mtu or "[]", "tag": port.tag or "[]",
                   "mac": f'"{port.mac}"' if port.mac else "[]"}
        return ["--", "set", "Router_Port", name,
                *(f"{column}={value}" for column, value in columns.items())]

    def is_over(self):
        row, = node.select_rows("OVS_SNAT", "SNAT_Global", ["cur_cfg"])
        return row["cur_cfg"] >= self.number

    def states(self):
        """Of the rows, by name: state and error."""
        return {row["name"]: (row["state"], row["error"])
                for row in node.select_rows("OVS_SNAT", "Router",
                                            ["name", "state", "error"])}


class Vsctl:
    """Keys of Interface rows, by ovs-vsctl.  The ports are there before and
    after; who has keys is a router port."""

    def __init__(self, wiring):
        self.wiring = wiring
        self.number = 0
        self.added = []

    def prepare(self, ways):
        ports = {name: port for way in reversed(ways)
                 for router in way.values()
                 for name, port in router.ports.items()}
        words, waits = [], []
        for name, port in sorted(ports.items()):
            words += self.add_row(name, port)
            if self.is_internal(port):
                waits += ["--", "wait-until", "Interface", name, "ofport>0"]
        node.run("ovs-vsctl", "--no-wait", *words)
        if waits:
            node.run("ovs-vsctl", "--timeout=15", *waits)
        self.added.append(sorted(ports))

    def add_row(self, name, port):
        words = ["--", "add-port", port.bridge, name]
        if port.tag:
            words += [f"tag={port.tag}"]
        if self.is_internal(port):
            words += ["--", "set", "Interface", name, "type=internal"]
        return words

    def is_internal(self, port):
        return (port.wiring or self.wiring) == "internal"

    def clean_up(self):
        words = []
        for name in self.added.pop():
            words += ["--", "del-port", name]
        node.run("ovs-vsctl", *words)

    def edit(self, before, after):
        def rows(way):
            return {name: (router_name, router.snat, port,
                           *((router.nat, router.routes)
                             if name == router.nat_port else ((), ())))
                    for router_name, router in way.items()
                    for name, port in router.ports.items()}
        was, now = rows(before), rows(after)
        words = []
        for name in sorted(was.keys() - now.keys()):
            words += self.drop(name)
        for name, row in sorted(now.items()):
            if was.get(name) != row:
                words += self.set_port(name, *row)
        self.number = 1 + self.row()["next_cfg"]  # Others write it too.
        node.run("ovs-vsctl", "--no-wait", *words, "--", "set",
                 "Open_vSwitch", ".", f"next_cfg={self.number}")

    def drop(self, name):
        return self.clear(name)

    def clear(self, name):
        return ["--", "remove", "Interface", name, "external_ids",
                "snat-router", "snat-networks", "snat-gateway-ips",
                "snat-enable", "snat-floating-ips", "snat-port-forwards",
                "snat-routes",
                "snat-scope", "attached-mac"]

    def set_port(self, name, router, snat, port, nat, routes):
        keys = {"snat-router": router,
                "snat-networks": ", ".join(port.networks)}
        if port.gateway:
            keys["snat-gateway-ips"] = port.gateway
        if name.startswith("qg-"):
            keys["snat-enable"] = str(snat).lower()
        if port.mac:
            keys["attached-mac"] = port.mac
        if port.scope:
            keys["snat-scope"] = port.scope
        keys.update(self.nat_keys(nat))
        if routes:
            keys["snat-routes"] = " ".join(
                f"{route.prefix}={route.hop}" for route in routes)
        return [*self.clear(name), "--", "set", "Interface", name,
                f"type={'internal' if self.is_internal(port) else QUOTES}",
                f"mtu_request={port.mtu or '[]'}",
                *(f'external_ids:{key}="{value}"'
                  for key, value in keys.items())]

    @staticmethod
    def nat_keys(nat):
        floating = [f"{rule.external}={rule.inside}" for rule in nat
                    if not rule.forward]
        forwards = [f"{rule.forward[0]}:{rule.external}:{rule.forward[1]}"
                    f"={rule.inside}:{rule.forward[2]}"
                    for rule in nat if rule.forward]
        return {key: " ".join(words)
                for key, words in (("snat-floating-ips", floating),
                                   ("snat-port-forwards", forwards)) if words}

    def is_over(self):
        number = self.row()["external_ids"].get("snat-cfg", 0)
        return int(number) >= self.number

    @staticmethod
    def row():
        row, = node.select_rows("Open_vSwitch", "Open_vSwitch",
                                ["external_ids", "next_cfg"])
        return row

    def states(self):
        """That of the row which is worst off."""
        found = {}
        for row in node.select_rows("Open_vSwitch", "Interface",
                                    ["external_ids"]):
            keys = row["external_ids"]
            if "snat-router" in keys:
                state = (keys.get("snat-state", ""),
                         keys.get("snat-error", ""))
                if state[1] or keys["snat-router"] not in found:
                    found[keys["snat-router"]] = state
        return found


DOORS = {"snatctl": Snatctl, "vsctl": Vsctl}
