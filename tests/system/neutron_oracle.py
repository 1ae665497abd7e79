#!/usr/bin/python3
"""neutron_oracle.py PAYLOAD: the first router of it, wired by Neutron's own code.

Has Neutron's class DvrEdgeRouter (Debian's python3-neutron) make what it makes
in the namespace snat-, on this node's switch: no agent, no server, no helper
processes.  What is for other namespaces, of the distributed part of a router,
is left out.  "neutron_oracle.py --remove PAYLOAD" takes it away again."""
import json
import logging
import os
import sys
from unittest import mock

from neutron import privileged
from neutron.agent import l3_agent
from neutron.agent.l3 import dvr_edge_router, dvr_local_router
from neutron.agent.linux import interface, ip_lib
from neutron.common import config as common_config
from oslo_config import cfg
from oslo_privsep import priv_context

RUNDIR = os.environ["OVS_RUNDIR"]


def configure():
    """As an agent on this node would have it in its files."""
    conf = cfg.CONF
    common_config.register_common_config_options()
    l3_agent.register_opts(conf)
    conf(["--config-file", "/dev/null"], project="neutron")
    conf.set_override("agent_mode", "dvr_snat")
    conf.set_override("ovsdb_connection", f"unix:{RUNDIR}/db.sock", "OVS")
    conf.set_override("lock_path", RUNDIR, "oslo_concurrency")
    conf.set_override("state_path", RUNDIR)
    for context in vars(privileged).values():
        if isinstance(context, priv_context.PrivContext):
            context.set_client_mode(False)  # We are root, in this process.
    return conf


def make_router(payload, conf):
    router = json.load(payload)["routers"][0]
    driver = interface.OVSInterfaceDriver(conf)
    return dvr_edge_router.DvrEdgeRouter(
        router["gw_port_host"], mock.MagicMock(), router["id"], router, conf,
        driver, use_ipv6=True)


def wire(edge):
    """What the agent does for a router that is new, in its order."""
    gateway = edge.get_ex_gw_port()
    name = edge.get_snat_external_device_interface_name(gateway)
    edge._create_snat_namespace()
    edge._create_dvr_gateway(gateway, name)
    for route in edge.router["routes"]:
        edge._update_routing_table("replace", route, edge.snat_namespace.name)
    edge._handle_router_snat_rules(gateway, name)
    edge.process_address_scope()
    for floating_ip in edge.get_floating_ips():
        edge.add_centralized_floatingip(
            floating_ip, floating_ip["floating_ip_address"] + "/32")


def main():
    logging.disable(logging.WARNING)
    ip_lib.send_ip_addr_adv_notif = mock.Mock()  # It would go on behind us.
    for other in ("_handle_router_snat_rules", "process_address_scope"):
        setattr(dvr_local_router.DvrLocalRouter, other, mock.Mock())
    remove = sys.argv[1] == "--remove"
    with open(sys.argv[-1], encoding="utf-8") as payload:
        edge = make_router(payload, configure())
    if remove:
        edge.snat_namespace.delete()
    else:
        wire(edge)


if __name__ == "__main__":
    main()
