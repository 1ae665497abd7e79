// What passes through a router by how many floating IPs it has, and by which
// kind of rules: see sites.hh.

#include "bench.hh"
#include "flows.hh"
#include "places.hh"
#include "sites.hh"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

constexpr int rounds = 6;

struct Traffic {
    double new_flows, packets, connections, throughput; // See flows.hh.
};

// The best of some rounds: what disturbs makes it slower only.
class Measurement {
public:
    explicit Measurement(const Site &site)
        : site_{site}, way_{site.outside, site.inside, {}}
    {
        for (const auto &[external, internal] : site.floating_ips) {
            way_.addresses.push_back(inet_addr(external.c_str()));
        }
    }

    void
    run_once()
    {
        for (const auto &[what, measure] :
             {std::pair{&Traffic::new_flows, &new_flows},
              std::pair{&Traffic::packets, &packets},
              std::pair{&Traffic::connections, &connections},
              std::pair{&Traffic::throughput, &throughput}}) {
            run("ip netns exec " + site_.router + " conntrack -F 2>&1");
            best_.*what = std::max(best_.*what, measure(way_));
        }
    }

    Traffic
    best() const
    {
        return best_;
    }

private:
    const Site &site_;
    Way way_;
    Traffic best_{};
};

void
print(const std::string &rules, const Site &site, const Traffic &traffic)
{
    const size_t n = site.floating_ips.size();
    printf("%5zu floating IPs, %-7s %7.0f new flows/s %8.0f packets/s %6.0f "
           "connections/s %5.2f Gbit/s  loaded in %.0f ms\n",
           n, rules.c_str(), traffic.new_flows, traffic.packets,
           traffic.connections, traffic.throughput, site.load_ms);
    printf("{\"what\": \"traffic, %s\", \"floating_ips\": %zu, "
           "\"new_flows_s\": %.0f, \"packets_s\": %.0f, \"connections_s\": "
           "%.0f, \"gbit_s\": %.3f, \"load_ms\": %.1f}\n",
           rules.c_str(), n, traffic.new_flows, traffic.packets,
           traffic.connections, traffic.throughput, site.load_ms);
}

void
compare(const Site &own, const Site &list)
{
    Measurement of_own{own}, of_list{list};
    for (int i = 0; i < rounds; i++) {
        of_own.run_once();
        of_list.run_once();
    }
    const Traffic ours = of_own.best(), theirs = of_list.best();
    print("tables", own, ours);
    print("lists", list, theirs);
    printf("%-24s %.1f x the new flows, %.2f x the packets of one, %.1f x "
           "the connections, %.2f x the throughput\n",
           "  tables : lists", ours.new_flows / theirs.new_flows,
           ours.packets / theirs.packets,
           ours.connections / theirs.connections,
           ours.throughput / theirs.throughput);
}

} // namespace

void
measure_traffic(Client &client, const Timing &)
{
    const std::vector<int> sizes{10, 1000, 10000};
    const auto own = wire_by_daemon(client, sizes);
    for (size_t i = 0; i < own.size(); i++) {
        compare(own[i], wire_by_lists(i, sizes[i]));
        fflush(stdout);
    }
}

} // namespace bench
