"""What is in the namespaces of routers, by the tools of the system."""
from .collector import Source

# Sysctls that are set for a router, or tell why packets do not pass.
SYSCTL_FILES = ("ip_forward", "arp_announce", "arp_ignore",
                "promote_secondaries", "rp_filter", "forwarding", "accept_dad",
                "accept_ra", "addr_gen_mode", "autoconf", "disable_ipv6", "mtu",
                "nf_conntrack_*")
SYSCTL_PLACES = ("ipv4/ip_forward", "ipv4/conf/all", "ipv6/conf", "netfilter")

LOOKS = {
    "links": "ip -details -statistics link",
    "addresses": "ip -details address",
    "routes-4": "ip -4 route show table all",
    "routes-6": "ip -6 route show table all",
    "rules-4": "ip -4 rule",
    "rules-6": "ip -6 rule",
    "neighbours": "ip -statistics neighbour",
    "proxies": "ip neighbour show proxy",
    "nftables": "nft -a list ruleset",
    "conntrack": "cat /proc/net/stat/nf_conntrack",
    "snmp": "cat /proc/net/snmp /proc/net/snmp6",
}


def inside(node, namespace, command):
    return ("nsenter", f"--net={node.netns_dir}/{namespace}", "--",
            *command.split())


def sysctls(node, namespace):
    """A line each: grep tells the name of the file, and the value."""
    return (*inside(node, namespace, "grep -rs"),
            *(f"--include={name}" for name in SYSCTL_FILES), "",
            *(f"/proc/sys/net/{place}" for place in SYSCTL_PLACES))


def is_ours(node, namespace):
    """Whether it bears our mark: others' may have such a name, too."""
    return " ovs_snat\n" in node.ask(
        inside(node, namespace, "nft list tables"), "")


def chosen(node, known, routers, most):
    """The routers to look into: those asked for, or at first those that are
    not as they should be."""
    there = [name.removeprefix("snat-") for name in node.namespaces()]
    if routers:
        return [name for name in there if name in routers]
    there.sort(key=lambda name: known.routers.get(name) == "active")
    ours = (name for name in there if name in known.routers
            or is_ours(node, f"snat-{name}"))
    return [name for name, _ in zip(ours, range(most))]


def namespaces(node, known, routers, most):
    yield Source("namespaces/names.txt", ("ls", "-l", node.netns_dir))
    for name in chosen(node, known, routers, most):
        namespace = f"snat-{name}"
        for look, command in LOOKS.items():
            yield Source(f"namespaces/{namespace}/{look}.txt",
                         inside(node, namespace, command))
        yield Source(f"namespaces/{namespace}/sysctls.txt",
                     sysctls(node, namespace))
