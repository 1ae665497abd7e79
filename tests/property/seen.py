"""What is there, as values like the model's."""
import re

from model import is_gateway

RULE = re.compile(r'(0x[0-9a-f]+)[^"]* comment "([^"]* [^"]*)"')
SCOPE = re.compile(r'"([^"]+)" : (0x[0-9a-f]+)')
MSS = re.compile(r'"([^"]+)" : (\d+)')
NAME = re.compile(r'"([^"]+)"')
MARK = re.compile(r"0x[0-9a-f]+")
MOST_FLOWS = re.compile(r"(0x[0-9a-f]+) \. \S+ ct count over (\d+)")
HELPER = re.compile(r'(\w+) \. (\d+) : "(\S+)-\d+-\d+"')
TRACKED = re.compile(r"0-255 \. \S+ ct count over (\d+)")
LOOSE = "netfilter/nf_conntrack_tcp_loose"
TIMEOUTS = {f"netfilter/nf_conntrack_{name}_timeout": name
            for name in ("icmp", "udp")}
USUAL = "30"  # Seconds, of both.
DEFAULT = re.compile(r"default snat (\S+) on (\S+)")


def wired_routers(look):
    """By router, from a snapshot of the node."""
    switch = switch_rows(look["switch"])
    return {name.removeprefix("snat-"): wired_router(inside, switch)
            for name, inside in look["routers"].items() if inside}


def switch_rows(switch):
    bridges = {port: row["name"] for row in switch["Bridge"]
               for port in row["ports"]}
    tags = {row["name"]: row["tag"] for row in switch["Port"]}
    return {row["name"]: {
        "bridge": bridges.get(row["name"]),
        "tag": tags.get(row["name"]) or 0,
        "wiring": row["type"] or "veth",
        "keys": kept_keys(row["external_ids"]),
    } for row in switch["Interface"]}


def kept_keys(keys):
    """Of a user's row nothing is the daemon's."""
    return keys if "snat-owner" in keys else {}


def wired_router(inside, switch):
    return {
        "ports": {link["ifname"]: {**wired_port(link, switch),
                                   **forwarding(link["ifname"], inside)}
                  for link in inside["links"] if link["ifname"] != "lo"},
        "routes": routes(inside),
        "nowhere": sorted(black_holes(inside)),
        **rules(inside["nftables"]),
        "settings": settings(
            {name: value.strip() for name, value
             in inside["sysctls"].items() if name in (LOOSE, *TIMEOUTS)},
            [f"{name}:{port}/{protocol}" for protocol, port, name
             in HELPER.findall(elements(inside["nftables"], "map helpers"))],
            sum(map(int, TRACKED.findall(elements(inside["nftables"],
                                                  "set tracked"))))),
        "forwards": all(inside["sysctls"].get(name) == "1\n" for name in (
            "ipv4/ip_forward", "ipv6/conf/all/forwarding")),
    }


def forwarding(port, inside):
    """What the port says of packets that are forwarded by it."""
    nftables = inside["nftables"]
    scopes = dict(SCOPE.findall(elements(nftables, "map scopes4")))
    most = dict(MSS.findall(elements(nftables, "map most_mss")))
    options = [f"mss-clamp={most[port]}"] if port in most else []
    if port in NAME.findall(elements(nftables, "set mss_of_path")):
        options.append("mss-clamp=pmtu")
    options += [f"ndp-proxy={proxy['dst']}" for proxy in inside["proxies"]
                if proxy["dev"] == port]
    return {"scope": int(scopes.get(port, "0"), 16), "options": options}


def wired_port(link, switch):
    row = switch.get(link["ifname"], {"bridge": None})
    return {
        "up": {"UP", "LOWER_UP"} <= set(link["flags"]),
        "mac": link["address"],
        "mtu": link["mtu"],
        "addresses": sorted(
            f"{address['local']}/{address['prefixlen']}"
            + (" is being checked" if address.get("tentative") else "")
            for address in link["addr_info"] if address["scope"] != "link"),
        **row,
    }


def without_black_holes(routes):
    return [route for route in routes if route.get("type") != "blackhole"]


def black_holes(inside):
    for version in "4", "6":
        holes = [route for route in inside[f"routes -{version}"]
                 if route.get("type") == "blackhole"]
        sources = {rule["table"]: rule for rule in inside[f"rules -{version}"]
                   if rule.get("protocol") == "static" and "srclen" in rule}
        for route in holes:
            rule = sources.pop(route.get("table"), None)
            yield (f"from {rule['src']}/{rule['srclen']}" if rule else
                   f"{route['dst']} metric {route.get('metric', 0)}")
        yield from map(str, sources.values())  # That lead to nothing.


def routes(inside):
    found = {}
    for version in "4", "6":
        for route in without_black_holes(inside[f"routes -{version}"]):
            if (route["protocol"] != "kernel"
                    and route.get("table", "main") == "main"):
                hops = route.get("nexthops", [route])
                found.setdefault(f"{route['dst']} -{version}", set()).update(
                    (hop.get("gateway", ""), hop["dev"]) for hop in hops)
    return {destination: sorted(hops)
            for destination, hops in sorted(found.items())}


def rules(nftables):
    """None if the table is not there, or more than that."""
    tables = re.findall(r"^table (.*) {$", nftables, re.MULTILINE)
    if tables != ["inet ovs_snat"]:
        return {"translated": None, "rules": None}
    told = RULE.findall(elements(nftables, "set rules"))
    options = options_by_mark(nftables)
    translated = {match[2]: match[1]
                  for match in (DEFAULT.fullmatch(words) for _, words in told)
                  if match}
    return {"translated": translated,
            "rules": sorted(" ".join([words, *sorted(options.get(mark, []))])
                            for mark, words in told
                            if not DEFAULT.fullmatch(words))}


def settings(sysctls, helpers, limit):
    """The options that make these."""
    found = []
    if sysctls.get(LOOSE) == "1":
        found.append("conntrack-tcp-loose=true")
    if helpers:
        found.append("ct-helpers=" + ",".join(sorted(helpers)))
    if limit:
        found.append(f"ct-limit={limit}")
    timeouts = [f"{name}:{sysctls[path]}" for path, name in TIMEOUTS.items()
                if sysctls.get(path, USUAL) != USUAL]
    return found + (["ct-timeouts=" + ",".join(timeouts)] if timeouts else [])


NO_SETTINGS = {"sysctls": {}, "helpers": [], "max_flows": 0}


def told_settings(told):
    return settings(
        {path.removeprefix("net/"): value
         for path, value in told["sysctls"].items()},
        [f"{helper['name']}:{helper['port']}/{helper['protocol']}"
         for helper in told["helpers"]], told["max_flows"])


def elements(nftables, name):
    _, _, listed = nftables.partition(f"\n\t{name} {{\n")
    return listed.partition("\n\t}\n")[0]


def options_by_mark(nftables):
    found = {}
    for name, option in ("set logged", "log=true"), ("map random4",
                                                     "random=full"):
        for mark in MARK.findall(elements(nftables, name)):
            found.setdefault(mark, []).append(option)
    for mark, most in MOST_FLOWS.findall(elements(nftables,
                                                  "set most_flows4")):
        found.setdefault(mark, []).append(f"max-translations={most}")
    return found


def from_history(good, rules):
    """What the history says a router is, with what it can tell of it.  Rules
    wait for a gateway port."""
    if good and not any(map(is_gateway, good["ports"])):
        rules = []
    return good and {
        "ports": {name: {
            "mac": port.get("mac", ""),
            "mtu": port["mtu"],
            "addresses": sorted(port["networks"]),
            "wiring": port["wiring"],
        } for name, port in good["ports"].items()},
        "translated": {name: port["snat_ip"]
                       for name, port in good["ports"].items()
                       if "snat_ip" in port},
        "rules": sorted(
            [" ".join([rule_words(rule), *rule_options(rule)])
             for rule in rules]
            + [f"{rule_words(rule)} on {name}"
               for name, port in good["ports"].items()
               for rule in port.get("nat", ())]),
        "settings": told_settings(good.get("settings", NO_SETTINGS)),
    }


def rule_words(rule):
    words = [rule["type"], rule["external"], rule["logical"].split("/")[0]]
    if "protocol" in rule:
        words += [rule["protocol"]]
        words += [str(rule[ports]["first"])
                  for ports in ("external_ports", "internal_ports")]
    return " ".join(words)


def rule_options(rule):
    return ((["log=true"] if "log" in rule else [])
            + ([f"max-translations={rule['max_flows']}"]
               if "max_flows" in rule else [])
            + (["random=full"] if "random_ports" in rule else []))
