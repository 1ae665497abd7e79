#include "floor.hh"

#include <algorithm>
#include <chrono>
#include <net/if.h>
#include <thread>
#include <utility>

namespace bench {

// What is to be made, known before the time begins.
struct Floor_plan {
    std::string router;
    bool is_new = false;
    Links links;
    std::vector<Floor_port> ports;
    std::vector<std::pair<std::string, snat::Ip>> hosts; // Of old links.
    std::map<snat::Route_place, snat::Route> routes;
    std::map<std::string, std::string> sysctls;
    Floor_rules rules; // All of a new one's; else what there is more.
};

namespace {

using Clock = std::chrono::steady_clock;

double
since(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start)
        .count();
}

std::vector<Floor_port>
ports_of(const snat::Router_row &rows, size_t first = 0)
{
    std::vector<Floor_port> ports;
    for (size_t i = first; i < rows.ports.size(); i++) {
        const snat::Port_row &row = rows.ports[i];
        ports.push_back({row.name, *row.bridge,
                         row.wiring == "internal" ? "internal" : "",
                         static_cast<int>(row.tag.value_or(0))});
    }
    return ports;
}

Floor_plan
plan_of(const Sample &sample)
{
    const snat::Router_row rows = rows_of(sample);
    snat::Wired wired = wired_of(rows);
    Floor_plan plan;
    plan.router = rows.name;
    plan.is_new = true;
    plan.links = std::move(wired.links);
    plan.ports = ports_of(rows);
    plan.routes = std::move(wired.routes);
    plan.sysctls = std::move(wired.sysctls);
    plan.rules = rules_of(rows);
    return plan;
}

Floor_plan
plan_between(const Sample &was, const Sample &becomes)
{
    Floor_plan plan = plan_of(becomes);
    const Floor_plan old = plan_of(was);
    plan.is_new = false;
    plan.ports = ports_of(rows_of(becomes), old.ports.size());
    std::erase_if(plan.rules.floating_ips, [&](const auto &one) {
        return std::ranges::count(old.rules.floating_ips, one);
    });
    plan.routes.clear();
    for (const auto &[key, value] : old.sysctls) {
        plan.sysctls.erase(key);
    }
    for (const auto &[name, link] : old.links) {
        for (const auto &ip :
             snat::missing(plan.links.at(name).hosts, link.hosts)) {
            plan.hosts.emplace_back(name, ip);
        }
        plan.links.erase(name);
    }
    return plan;
}

std::vector<Floor_port>
all_ports(const std::vector<Floor_plan> &plans)
{
    std::vector<Floor_port> ports;
    for (const Floor_plan &plan : plans) {
        ports.insert(ports.end(), plan.ports.begin(), plan.ports.end());
    }
    return ports;
}

bool
is_moved(const std::vector<Floor_plan> &plans)
{
    return !plans[0].ports.empty() && plans[0].ports[0].type == "internal";
}

} // namespace

void
Floor::make_pairs(const std::vector<Floor_plan> &plans)
{
    for (const Floor_plan &plan : plans) {
        made_.at(plan.router).make_pairs(plan.links);
    }
    for (const Floor_plan &plan : plans) {
        configure(plan);
    }
    switch_.wait_for_ports();
}

void
Floor::move_in(const std::vector<Floor_plan> &plans)
{
    switch_.wait_for_ports();
    for (const Floor_plan &plan : plans) {
        made_.at(plan.router).move_in(plan.links);
        configure(plan);
    }
}

// The switch works on its part meanwhile.  Ends of pairs that are not there
// yet when it hears of their ports, it opens when they come; to have them made
// first is no quicker.
void
Floor::make(const std::vector<Floor_plan> &plans)
{
    switch_.add(all_ports(plans));
    for (const Floor_plan &plan : plans) {
        if (plan.is_new) {
            made_.try_emplace(plan.router, node_, "floor-" + plan.router);
        }
    }
    if (is_moved(plans)) {
        move_in(plans);
    } else {
        make_pairs(plans);
    }
}

void
Floor::configure(const Floor_plan &plan)
{
    Floor_namespace &inside = made_.at(plan.router);
    if (plan.is_new) {
        inside.load(plan.rules);
    } else if (!plan.rules.floating_ips.empty()) {
        inside.add(plan.rules.floating_ips);
    }
    inside.set_sysctls(plan.sysctls);
    if (!plan.links.empty()) {
        inside.configure(plan.links, plan.routes);
    }
    for (const auto &[link, ip] : plan.hosts) {
        inside.add_host(link, ip);
    }
}

double
Floor::add(const std::vector<Sample> &samples, bool apart)
{
    std::vector<snat::Router_row> rows;
    std::vector<Floor_plan> plans;
    for (const Sample &sample : samples) {
        rows.push_back(rows_of(sample));
        plans.push_back(plan_of(sample));
    }
    const auto start = Clock::now();
    time_rows(client_, rows, apart, add_rows, [] { return true; });
    make(plans);
    client_.time_nothing();
    return since(start);
}

double
Floor::grow(const Sample &was, const Sample &becomes)
{
    const auto old_rows = rows_of(was), rows = rows_of(becomes);
    const std::vector<Floor_plan> plans{plan_between(was, becomes)};
    const auto start = Clock::now();
    client_.time(
        [&](ovsdb_idl_txn *txn) { add_more_rows(txn, old_rows, rows); },
        [] { return true; });
    if (plans[0].ports.empty()) {
        configure(plans[0]);
    } else {
        make(plans);
    }
    client_.time_nothing();
    return since(start);
}

// A pair goes with its namespace, and so does a device of the switch; but that
// one is the switch's own, and gone when it has let go of it.
double
Floor::remove(const std::vector<Sample> &samples, bool apart)
{
    std::vector<snat::Router_row> rows;
    std::vector<Floor_port> ports;
    for (const Sample &sample : samples) {
        rows.push_back(rows_of(sample));
        const auto more = ports_of(rows.back());
        ports.insert(ports.end(), more.begin(), more.end());
    }
    removing_ = Clock::now();
    time_rows(client_, rows, apart, delete_rows, [] { return true; });
    for (const auto &row : rows) {
        made_.at(row.name).drop();
        made_.erase(row.name);
    }
    switch_.remove(ports);
    if (samples[0].wiring == "internal") {
        switch_.settle();
    }
    client_.time_nothing();
    removed_ = std::move(ports);
    return since(removing_);
}

double
Floor::wait_until_gone()
{
    constexpr std::chrono::microseconds pause{200};
    constexpr double patience_ms = 300e3;
    for (const Floor_port &port : removed_) {
        while (if_nametoindex(port.name.c_str())) {
            if (since(removing_) > patience_ms) {
                give_up(("the floor: not gone: " + port.name).c_str());
            }
            std::this_thread::sleep_for(pause);
        }
    }
    removed_.clear();
    return since(removing_);
}

} // namespace bench
