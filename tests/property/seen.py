"""What is there, as values like the model's."""
import re

RULE = re.compile(r'comment "([^"]* [^"]*)"')
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
        "ports": {link["ifname"]: wired_port(link, switch)
                  for link in inside["links"] if link["ifname"] != "lo"},
        "routes": routes(inside),
        **rules(inside["nftables"]),
        "forwards": all(inside["sysctls"].get(name) == "1\n" for name in (
            "ipv4/ip_forward", "ipv6/conf/all/forwarding")),
    }


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


def routes(inside):
    found = {}
    for version in "4", "6":
        for route in inside[f"routes -{version}"]:
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
    _, _, listed = nftables.partition("\n\tset rules {\n")
    told = RULE.findall(listed.partition("\n\t}\n")[0])
    translated = {match[2]: match[1] for match in map(DEFAULT.fullmatch, told)
                  if match}
    return {"translated": translated,
            "rules": sorted(words for words in told
                            if not DEFAULT.fullmatch(words))}


def from_history(good, rules):
    """What the history says a router is, with what it can tell of it."""
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
            [rule_words(rule) for rule in rules]
            + [f"{rule_words(rule)} on {name}"
               for name, port in good["ports"].items()
               for rule in port["nat"]]),
    }


def rule_words(rule):
    words = [rule["type"], rule["external"], rule["logical"].split("/")[0]]
    if "protocol" in rule:
        words += [rule["protocol"]]
        words += [str(rule[ports]["first"])
                  for ports in ("external_ports", "internal_ports")]
    return " ".join(words)
