#include "sites.hh"

#include "neutron_rules.hh"
#include "places.hh"

#include <chrono>
#include <functional>
#include <iterator>

namespace bench {
namespace {

// No two routers of the daemon have addresses in common.
Site
site(const std::string &kind, const std::string &place, size_t index,
     int floating_ips)
{
    Site out;
    out.name = kind + std::to_string(floating_ips);
    out.router = place + out.name;
    out.outside = "out-" + out.name;
    out.inside = "in-" + out.name;
    out.gateway_ip = "198.18.0." + std::to_string(index + 1);
    const int first = static_cast<int>(index) * 10000;
    for (int i = first; i < first + floating_ips; i++) {
        out.floating_ips.emplace_back(address("198.19.", i),
                                      address("10.1.", i));
    }
    return out;
}

void
add_router(ovsdb_idl_txn *txn, const Site &site)
{
    auto *router = snatrec_router_insert(txn);
    snatrec_router_set_name(router, site.name.c_str());
    const snatrec_router_port *ports[] = {
        add_port(txn, site.device("qg-").c_str(), "br-ex",
                 (site.gateway_ip + "/16").c_str(), "veth"),
        add_port(txn, site.device("sg-").c_str(), "br-int", "10.0.0.1/24",
                 "veth"),
    };
    snatrec_router_set_ports(router, const_cast<snatrec_router_port **>(ports),
                             std::size(ports));
    auto *route = snatrec_static_route_insert(txn);
    snatrec_static_route_set_ip_prefix(route, "10.1.0.0/16");
    snatrec_static_route_set_nexthop(route, "10.0.0.2");
    snatrec_router_set_static_routes(router, &route, 1);
}

const snatrec_router *
router_of(const ovsdb_idl *idl, const Site &site)
{
    for (const auto *router : snat::rows<snatrec_router>(idl)) {
        if (router->name == site.name) {
            return router;
        }
    }
    give_up("a router is gone");
}

double
edit(Client &client, const std::function<void(ovsdb_idl_txn *)> &compose)
{
    return client.time(
        [&](ovsdb_idl_txn *txn) {
            compose(txn);
            count_up(client.idl());
        },
        [&] { return are_all_active(client.idl()); });
}

double
ms_of(const std::function<void()> &task)
{
    const auto start = std::chrono::steady_clock::now();
    task();
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now() - start)
        .count();
}

// The ends of the router's devices on the node become those of hosts.
void
add_hosts(const Site &site)
{
    run("ip netns add " + site.outside + "; ip netns add " + site.inside
        + "; ip link set " + site.device("qg-") + " netns " + site.outside
        + " name eth0; ip link set " + site.device("sg-") + " netns "
        + site.inside + " name eth0");
    run("ip -n " + site.outside + " -batch -",
        "link set lo up\nlink set eth0 arp on up\n"
        "addr add 198.18.255.1/16 dev eth0\n"
        "route add 198.19.0.0/16 via "
            + site.gateway_ip + "\n");
    run("ip -n " + site.inside + " -batch -",
        "link set lo up\nlink set eth0 arp on up\n"
        "addr add 10.0.0.2/24 dev eth0\n"
        "route add default via 10.0.0.1\n"
        "route add local 10.1.0.0/16 dev lo\n");
}

// As the daemon does it, but for the rules.
void
add_devices(const Site &site)
{
    run("ip netns add " + site.router);
    std::string lines = "link set lo up\n";
    for (const std::string &device :
         {site.device("qg-"), site.device("sg-")}) {
        run("ip link add " + device + " type veth peer name " + device
            + " netns " + site.router + "; ip netns exec " + site.router
            + " ethtool -K " + device + " tx off");
        lines += "link set " + device + " up\n";
    }
    lines += "addr add " + site.gateway_ip + "/16 dev " + site.device("qg-")
             + "\naddr add 10.0.0.1/24 dev " + site.device("sg-")
             + "\nroute add 10.1.0.0/16 via 10.0.0.2\n";
    run("ip -n " + site.router + " -batch -", lines);
    run("ip netns exec " + site.router + " sysctl net.ipv4.ip_forward=1");
}

} // namespace

std::vector<Site>
wire_by_daemon(Client &client, const std::vector<int> &sizes)
{
    std::vector<Site> sites;
    for (size_t i = 0; i < sizes.size(); i++) {
        sites.push_back(site("own", "snat-", i, sizes[i]));
    }
    edit(client, [&](ovsdb_idl_txn *txn) {
        for (const Site &site : sites) {
            add_router(txn, site);
        }
    });
    for (Site &site : sites) {
        site.load_ms = edit(client, [&](ovsdb_idl_txn *txn) {
            const auto *router = router_of(client.idl(), site);
            for (const auto &[external, internal] : site.floating_ips) {
                add_floating_ip(txn, router, external, internal);
            }
        });
    }
    run("ovs-appctl -t ovs-snatd exit; timeout 60 sh -c 'while [ -e "
        "$OVS_RUNDIR/ovs-snatd.pid ]; do sleep 0.1; done'");
    for (const Site &site : sites) {
        run("ovs-vsctl del-port " + site.device("qg-") + " -- del-port "
            + site.device("sg-"));
        add_hosts(site);
    }
    return sites;
}

Site
wire_by_lists(size_t index, int floating_ips)
{
    Site site = bench::site("list", "", index, floating_ips);
    add_devices(site);
    std::string addresses;
    for (const auto &[external, internal] : site.floating_ips) {
        addresses
            += "addr add " + external + "/32 dev " + site.device("qg-") + "\n";
    }
    const std::string rules
        = neutron_rules({site.device("qg-"), site.device("sg-"),
                         site.gateway_ip, site.floating_ips});
    site.load_ms = ms_of([&] {
        run("ip netns exec " + site.router + " iptables-restore", rules);
        run("ip -n " + site.router + " -batch -", addresses);
    });
    add_hosts(site);
    return site;
}

} // namespace bench
