// Acceptance of a router as a whole, whose ports are accepted one by one.

#include "accept.hh"

#include "accept_nat.hh"
#include "accept_port.hh"
#include "accept_routes.hh"
#include "names.hh"
#include "rows_for.hh"
#include "rules.hh"
#include "wire_routes.hh"

#include <algorithm>
#include <span>

namespace snat {
namespace {

// Of both doors.
size_t
count_rules(const Router_row &row)
{
    size_t n = row.nat.size();
    for (const Port_row &port : row.ports) {
        n += port.floating_ips.size() + port.port_forwards.size();
    }
    return n;
}

size_t
count_routes(const Router_row &row)
{
    size_t n = row.static_routes.size();
    for (const Port_row &port : row.ports) {
        n += port.routes.size();
    }
    return n;
}

void
check_router(const Router_row &row, const Limits &limits,
             std::vector<Refusal> &refusals)
{
    const auto refuse = [&](std::string what) {
        refusals.push_back({std::nullopt, row.name, std::move(what)});
    };
    if (auto fine = check_router_name(row.name); !fine) {
        refuse(fine.error().what);
    }
    if (row.ports.size() > limits.max_ports_per_router) {
        refuse(std::to_string(row.ports.size()) + " ports: expected at most "
               + std::to_string(limits.max_ports_per_router)
               + " (option max-ports-per-router)");
    }
    const size_t rules = count_rules(row);
    if (rules > limits.max_nat_per_router) {
        refuse(std::to_string(rules) + " NAT rules: expected at most "
               + std::to_string(limits.max_nat_per_router)
               + " (option max-nat-per-router)");
    }
    const size_t routes = count_routes(row);
    if (routes > limits.max_routes_per_router) {
        refuse(std::to_string(routes) + " static routes: expected at most "
               + std::to_string(limits.max_routes_per_router)
               + " (option max-routes-per-router)");
    }
}

using Taken = std::map<Ip, std::string>; // Which port has the address.

// An address given twice in the router, be it on one port or on two.
Check
check_twins(const Taken &taken, const Port &port)
{
    Taken own;
    for (const Network &network : port.networks) {
        const auto other = taken.find(network.ip);
        const bool fresh = own.emplace(network.ip, port.name).second;
        if (other != taken.end() || !fresh) {
            return refuse("the address " + to_string(network)
                          + " is given twice in the router, also on "
                          + (fresh ? other->second : port.name)
                          + ": expected every address once");
        }
    }
    return std::nullopt;
}

// The on-link routes to it would be one of several paths, and IPv6 has no such
// route without a next hop (ip6_route_info_create()).
Check
check_next_hops(const Taken &reached, const Port &port)
{
    for (const Ip &ip : port.gateway_ips) {
        const auto other = reached.find(ip);
        if (other != reached.end() && !ip.is_v4()
            && needs_on_link_route(port, ip)) {
            return refuse("the next hop " + to_string(ip)
                          + ", which is in none of its networks, is given on "
                          + other->second
                          + " too: expected it on one port, or a link-local "
                            "address");
        }
    }
    return std::nullopt;
}

void
take_addresses(const Port &port, Taken &taken, Taken &reached)
{
    for (const Network &network : port.networks) {
        taken[network.ip] = port.name;
    }
    for (const Ip &ip : port.gateway_ips) {
        if (needs_on_link_route(port, ip)) {
            reached[ip] = port.name;
        }
    }
}

// What a key of door 1 says is refused with the port that it stands on.
// 'all_of' is what the port's keys say, 'add' takes one of them, and 'words'
// say it as its key does.
void
accept_keys(const Router_row &row, auto all_of, auto add, auto words,
            Accepted &accepted)
{
    for (const Port_row &port_row : row.ports) {
        const auto port = accepted.router.ports.find(port_row.name);
        if (port == accepted.router.ports.end()
            || port_row.is_door1() == port->second.switch_port.has_value()) {
            continue;
        }
        const auto all = all_of(port->second);
        for (auto one : all) {
            if (Check refused = add(one, port_row.name)) {
                accepted.refusals.push_back(
                    {port_row.id, port_row.name,
                     words(one) + ": " + refused->what});
                accepted.router.ports.erase(port);
                break;
            }
        }
    }
}

std::string
key_words(const Nat_rule &rule)
{
    return rule.is_forward()
               ? "snat-port-forwards " + quoted(port_forwards_for({rule})[0])
               : "snat-floating-ips " + quoted(floating_ips_for({rule})[0]);
}

std::string
key_words(const Static_route &route)
{
    return "snat-routes " + quoted(routes_for({route})[0]);
}

void
accept_ports_rules(const Router_row &row, Nat_rules &rules, Accepted &accepted)
{
    accept_keys(
        row, [](const Port &port) { return port.nat; },
        [&](Nat_rule &rule, const std::string &port) {
            rule.gateway_port = port;
            return rules.add(rule);
        },
        [](const Nat_rule &rule) { return key_words(rule); }, accepted);
}

struct Read_rule {
    const Nat_row *row = nullptr;
    Nat_rule rule;
};

// In the words of nat-add, which tell it from all others.
std::string
row_words(const Nat_row &nat)
{
    std::string words = "NAT row";
    for (const std::string *word :
         {&nat.type, &nat.external_ip, &nat.logical_ip, &nat.protocol,
          &nat.external_port, &nat.internal_port}) {
        words += word->empty() ? "" : " " + plain(*word);
    }
    return words;
}

void
refuse_row(const Nat_row &nat, const Check &refused, Accepted &accepted)
{
    accepted.refusals.push_back(
        {nat.id, row_words(nat), refused->what, refused->pending});
}

// Those that say something that makes sense.
std::vector<Read_rule>
read_rows(const Router_row &row, Accepted &accepted)
{
    std::vector<Read_rule> all;
    for (const auto &[uuid, nat] : row.nat) {
        Read_rule read{&nat, {}};
        if (Check refused = read_nat_row(nat, read.rule)) {
            refuse_row(nat, refused, accepted);
        } else {
            all.push_back(std::move(read));
        }
    }
    return all;
}

void
accept_rows_rules(std::span<const Read_rule> all, Nat_rules &rules,
                  Accepted &accepted)
{
    for (const auto &[row, rule] : all) {
        if (Check refused = rules.add(rule)) {
            refuse_row(*row, refused, accepted);
        } else {
            accepted.router.nat.insert(rule);
            accepted.rules.set(rule, row->id);
        }
    }
}

void
accept_ports_routes(const Router_row &row, Static_routes &routes,
                    Accepted &accepted)
{
    accept_keys(
        row, [](const Port &port) { return port.routes; },
        [&](Static_route &route, const std::string &) {
            return routes.add(route);
        },
        [](const Static_route &route) { return key_words(route); }, accepted);
}

struct Read_route {
    const Route_row *row = nullptr;
    Static_route route;
};

// In the words of route-add.
std::string
row_words(const Route_row &route)
{
    std::string words = "Static_Route row " + plain(route.ip_prefix);
    for (const std::string *word : {&route.nexthop, &route.output_port}) {
        words += word->empty() ? "" : " " + plain(*word);
    }
    return words;
}

// Where two conflict, the one that is in force stays.
void
accept_rows_routes(const Router_row &row, const Router *held,
                   Static_routes &routes, Accepted &accepted)
{
    std::vector<Read_route> all;
    const auto refuse_row = [&](const Route_row &route, const Check &refused) {
        accepted.refusals.push_back(
            {route.id, row_words(route), refused->what, refused->pending});
    };
    for (const auto &[uuid, route_row] : row.static_routes) {
        Read_route read{&route_row, {}};
        if (Check refused = read_route_row(route_row, read.route)) {
            refuse_row(route_row, refused);
        } else {
            all.push_back(std::move(read));
        }
    }
    std::ranges::stable_partition(all, [&](Read_route &read) {
        return held && !routes.find_port(read.route)
               && held->routes.contains(read.route);
    });
    for (auto &[route_row, route] : all) {
        if (Check refused = routes.add(route)) {
            refuse_row(*route_row, refused);
        } else {
            accepted.router.routes.insert(route);
            accepted.routes.emplace(route, route_row->id);
        }
    }
}

void
accept_routes(const Router_row &row, const Router *held, Accepted &accepted)
{
    // Without ports they wait, as rules do; see change/status.cc.
    if (row.ports.empty() || !count_routes(row)) {
        return;
    }
    Static_routes routes{accepted.router, held ? held->nat : Nat_set{}};
    accept_ports_routes(row, routes, accepted);
    accept_rows_routes(row, held, routes, accepted);
}

// The router without its rules.  False if there is so much of it that none of
// it is looked at.
bool
accept_ports(const Router_row &row, const Surroundings &surroundings,
             const Limits &base, Accepted &accepted)
{
    accepted.router.name = row.name;
    std::vector<std::string> errors;
    const Limits limits = read_router_limits(base, row.options, errors);
    accepted.router.settings = limits.settings;
    for (std::string &what : errors) {
        accepted.refusals.push_back({std::nullopt, row.name, what});
    }
    check_router(row, limits, accepted.refusals);
    if (row.ports.size() > limits.max_ports_per_router
        || count_rules(row) > limits.max_nat_per_router
        || count_routes(row) > limits.max_routes_per_router) {
        return false; // However many, they cost nothing more.
    }
    Taken taken, reached;
    for (const Port_row &port_row : row.ports) {
        Port port;
        Check refused
            = Port_reader{row, port_row, surroundings, limits}.read(port);
        if (!refused) {
            refused = check_twins(taken, port);
        }
        if (!refused) {
            refused = check_next_hops(reached, port);
        }
        if (refused) {
            accepted.refusals.push_back(
                {port_row.id, port_row.name, refused->what, refused->pending});
        } else {
            take_addresses(port, taken, reached);
            accepted.router.ports.emplace(port.name, std::move(port));
        }
    }
    return true;
}

} // namespace

Accepted
Acceptor::accept(const Router_row &row, const Surroundings &surroundings,
                 const Limits &limits, const Router *held)
{
    Accepted fresh;
    if (!accept_ports(row, surroundings, limits, fresh)) {
        last_.reset();
        return fresh;
    }
    const bool may_differ_in_rules
        = last_ && has_same_frame(fresh) && row.static_routes == last_routes_;
    if (!may_differ_in_rules || !accept_difference(row.nat)) {
        accept_routes(row, held, fresh);
        accepted_ = std::move(fresh);
        accept_all(row, held);
    }
    if (has_few_rules(accepted_.router)) {
        rules_.reset();
    }
    last_routes_ = row.static_routes;
    last_ = accepted_.refusals.empty() ? std::optional{row.nat} : std::nullopt;
    return accepted_;
}

bool
Acceptor::has_same_frame(const Accepted &fresh) const
{
    return fresh.refusals.empty() && fresh.router.name == accepted_.router.name
           && fresh.router.ports == accepted_.router.ports
           && fresh.router.settings == accepted_.router.settings;
}

// Where two conflict, the one that is in force stays.
void
Acceptor::accept_all(const Router_row &row, const Router *held)
{
    Nat_rules &rules = rules_.emplace(accepted_.router);
    auto all = read_rows(row, accepted_);
    const auto others
        = std::ranges::stable_partition(all, [&](const Read_rule &read) {
              return held && held->nat.contains(read.rule);
          });
    accept_rows_rules({all.begin(), others.begin()}, rules, accepted_);
    accept_ports_rules(row, rules, accepted_);
    accept_rows_rules({others.begin(), others.end()}, rules, accepted_);
}

// False if one of them is not right: then it matters in which order they are
// looked at.
bool
Acceptor::accept_difference(const Nat_rows &rows)
{
    if (!rules_) {
        return rows == *last_;
    }
    std::vector<Nat_row> gone, fresh;
    for_each_difference(
        *last_, rows,
        [&](const std::string &, const Nat_row *was, const Nat_row *becomes) {
            if (was) {
                gone.push_back(*was);
            }
            if (becomes) {
                fresh.push_back(*becomes);
            }
        });
    for (const Nat_row &row : gone) {
        let_go_of_row(row);
    }
    return std::ranges::all_of(
        fresh, [this](const Nat_row &row) { return take_row(row); });
}

bool
Acceptor::take_row(const Nat_row &row)
{
    Nat_rule rule;
    if (read_nat_row(row, rule) || rules_->add(rule)) {
        return false;
    }
    accepted_.router.nat.insert(rule);
    accepted_.rules.set(rule, row.id);
    return true;
}

void
Acceptor::let_go_of_row(const Nat_row &row)
{
    Nat_rule rule;
    (void)read_nat_row(row, rule); // It was right.
    rules_->remove(rule);
    accepted_.router.nat.erase(rule);
    accepted_.rules.erase(rule);
}

Accepted
accept(const Router_row &row, const Surroundings &surroundings,
       const Limits &limits, const Router *held)
{
    return Acceptor{}.accept(row, surroundings, limits, held);
}

std::string
summary(const std::vector<Refusal> &refusals)
{
    constexpr size_t most_named = 3;
    std::string out;
    for (size_t i = 0; i < refusals.size() && i < most_named; i++) {
        const Refusal &refusal = refusals[i];
        out += (i ? "; " : "")
               + (refusal.row ? plain(refusal.name) + ": " : std::string{})
               + refusal.what;
    }
    if (refusals.size() > most_named) {
        out += "; and " + std::to_string(refusals.size() - most_named)
               + " more";
    }
    return out;
}

} // namespace snat
