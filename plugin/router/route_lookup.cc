#include "route_lookup.hh"

#include <algorithm>
#include <tuple>

namespace snat {
namespace {

class Lookup {
public:
    Lookup(const Wired &wired, const Ip &dst) : wired_{wired}, dst_{dst} {}

    // The longest prefix, and of equal ones the lowest metric.
    std::optional<Found_route>
    in_table(uint32_t table)
    {
        found_.reset();
        if (!table) {
            consider_networks();
        }
        for (const auto &[place, route] : wired_.routes) {
            if (place.table == table) {
                consider(place.prefix,
                         route.metric ? route.metric
                                      : usual_metric(place.prefix.ip.family),
                         route.hops);
            }
        }
        return found_;
    }

private:
    void
    consider_networks()
    {
        for (const auto &[name, link] : wired_.links) {
            for (const Network &network : link.addresses) {
                consider(network.base(), 0, {{std::nullopt, name}});
            }
            if (link.hosts.contains(dst_)) {
                consider(host_network(dst_), 0, {{std::nullopt, name}});
            }
        }
    }

    // Two networks that are alike, on two links, are as good as one.
    void
    consider(const Network &prefix, uint32_t metric, const std::set<Hop> &hops)
    {
        const bool is_better
            = !found_
              || std::tuple{prefix.length, best_metric_}
                     > std::tuple{found_->prefix.length, metric};
        if (!prefix.contains(dst_)) {
            return;
        }
        if (is_better) {
            found_ = {prefix, hops, {}, {}};
            best_metric_ = metric;
        } else if (prefix == found_->prefix && metric == best_metric_) {
            found_->hops.insert(hops.begin(), hops.end());
        }
    }

    const Wired &wired_;
    const Ip &dst_;
    std::optional<Found_route> found_;
    uint32_t best_metric_ = 0;
};

} // namespace

std::optional<Found_route>
look_up_route(const Wired &wired, const std::string &in_port, const Ip &src,
              const Ip &dst)
{
    Lookup lookup{wired, dst};
    for (const Route_rule &rule : wired.route_rules) { // By priority.
        if (rule.family != dst.family
            || !(rule.in_port.empty() || rule.in_port == in_port)
            || (rule.from && !rule.from->contains(src))) {
            continue;
        }
        auto found = lookup.in_table(rule.table);
        if (found && !(rule.specific && found->prefix.length == 0)) {
            found->in_port = rule.in_port;
            found->from = rule.from;
            return found;
        }
    }
    return lookup.in_table(0);
}

} // namespace snat
