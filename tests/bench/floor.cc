#include "floor.hh"

#include <chrono>
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
    snat::Nat nat;            // Of a new one.
    snat::Change_nat entries; // Of another one.
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
    plan.nat = std::move(*wired.nat);
    return plan;
}

snat::Change_nat
entries_between(const snat::Nat &was, const snat::Nat &becomes)
{
    snat::Change_nat step;
    for (const auto &[name, table] : becomes.tables) {
        for (const auto &[key, value] : table) {
            if (!was.table(name).contains(key)) {
                step.entries.push_back({name, key, std::nullopt, value});
            }
        }
    }
    return step;
}

Floor_plan
plan_between(const Sample &was, const Sample &becomes)
{
    Floor_plan plan = plan_of(becomes);
    const Floor_plan old = plan_of(was);
    plan.is_new = false;
    plan.ports = ports_of(rows_of(becomes), old.ports.size());
    plan.entries = entries_between(old.nat, plan.nat);
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

// The switch works meanwhile, on ends of pairs that are there when it hears of
// their ports: so it opens them once, and not in vain first.
void
Floor::make_pairs(const std::vector<Floor_plan> &plans)
{
    for (const Floor_plan &plan : plans) {
        if (!plan.links.empty()) {
            made_.at(plan.router).make_pairs(plan.links);
        }
    }
    switch_.add(all_ports(plans));
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

void
Floor::make(const std::vector<Floor_plan> &plans)
{
    if (is_moved(plans)) {
        switch_.add(all_ports(plans));
    }
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
        inside.load(plan.nat);
    } else if (!plan.entries.entries.empty()) {
        inside.change(plan.entries);
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
    const auto start = Clock::now();
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
    return since(start);
}

} // namespace bench
