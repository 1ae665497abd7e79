#!/usr/bin/python3
"""A payload as Neutron's server sends it to L3 agents: neutron_payload.py N [EDIT]...

Writes N distributed routers of host "gw" in the form of sync_routers, all alike
but for their numbers, after the edits: Python statements on the list "r" of
routers and the object "p" around it, such as 'r[0]["routes"] = []'.
"""
import json
import sys


def port_id(number, place):
    return f"{number:06x}{place:02x}-0000-4000-8000-000000000000"


def subnet(name, cidr, gateway):
    return {"id": name, "cidr": cidr, "gateway_ip": gateway,
            "dns_nameservers": [], "ipv6_ra_mode": None, "subnetpool_id": None}


def port(number, place, owner, address, subnets):
    """What _populate_mtu_and_subnets_for_ports makes of a port."""
    ident = port_id(number, place)
    return {
        "id": ident, "name": "", "network_id": f"net-{owner}",
        "tenant_id": "", "device_owner": f"network:{owner}", "status": "ACTIVE",
        "mac_address": "fa:16:3e:%02x:%02x:%02x"
                       % (place, number >> 8, number & 0xff),
        "admin_state_up": True, "binding:host_id": "gw",
        "fixed_ips": [{"subnet_id": subnets[0]["id"], "ip_address": address,
                       "prefixlen": int(subnets[0]["cidr"].split("/")[1])}],
        "subnets": subnets, "extra_subnets": [],
        "address_scopes": {"4": None, "6": None}, "mtu": 1450}


def router(number):
    ident = f"{number:08x}-1111-4000-8000-000000000000"
    gateway = port(number, 0xa0, "router_gateway", f"198.51.100.{10 + number}",
                   [subnet("outside", "198.51.100.0/24", "198.51.100.1")])
    inside = port(number, 0xb0, "router_centralized_snat", f"10.{number}.0.3",
                  [subnet(f"inside-{number}", f"10.{number}.0.0/24",
                          f"10.{number}.0.1")])
    return {
        "id": ident, "name": f"router{number}", "tenant_id": "",
        "admin_state_up": True, "status": "ACTIVE", "revision_number": 7,
        "external_gateway_info": {
            "network_id": "net-router_gateway", "enable_snat": True,
            "external_fixed_ips": [
                {"subnet_id": "outside",
                 "ip_address": f"198.51.100.{10 + number}"}]},
        "gw_port_id": gateway["id"], "gw_port": gateway, "enable_snat": True,
        "distributed": True, "ha": False, "flavor_id": None, "routes": [],
        "gw_port_host": "gw", "_snat_router_interfaces": [inside],
        "_floatingip_agent_interfaces": [], "conntrack_helpers": [],
        "enable_ndp_proxy": False,
        "_interfaces": [port(number, 0xc0, "router_interface_distributed",
                             f"10.{number}.0.1", inside["subnets"])]}


def floating_ip(address, fixed, **more):
    return {"id": f"fip-{address}", "floating_ip_address": address,
            "floating_network_id": "net-router_gateway", "router_id": "",
            "port_id": "", "fixed_ip_address": fixed, "status": "DOWN",
            "port_forwardings": [], "qos_policy_id": None,
            "fixed_ip_address_scope": None, "host": "needs_binding",
            "dvr_snat_bound": True, **more}


def forward(protocol, external, internal, port_inside):
    return {"id": "pf", "protocol": protocol, "external_port": external,
            "internal_ip_address": internal, "internal_port": port_inside,
            "internal_port_id": ""}


def main():
    r = [router(number) for number in range(int(sys.argv[1]))]
    names = {"r": r, "p": {"routers": r}, "floating_ip": floating_ip,
             "forward": forward, "port": port, "subnet": subnet}
    for edit in sys.argv[2:]:
        exec(edit, names)  # pylint: disable=exec-used
    json.dump(names["p"], sys.stdout, indent=1)


if __name__ == "__main__":
    main()
