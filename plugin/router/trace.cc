#include "trace.hh"

#include "entries.hh"
#include "port_entries.hh"
#include "route_lookup.hh"
#include "rules.hh"
#include "translate.hh"
#include "wired.hh"

#include <algorithm>

namespace snat {
namespace {

// What the kernel draws from where it does not keep a port.
constexpr Port_range any_port{1, 65535};

// Whether a field of a ranged key holds the value.  Names are no ranges.
bool
holds(std::string_view field, const std::string &value)
{
    if (field == value) {
        return true;
    }
    if (const auto ip = parse_ip(value)) {
        const auto range = entry_range(field);
        return range && ip->family == range->first.family
               && range->first <= *ip && *ip <= range->last;
    }
    const size_t dash = field.find('-');
    const bool is_number = value.find_first_not_of("0123456789") == value.npos;
    return is_number && dash != field.npos
           && entry_number(field.substr(0, dash)) <= entry_number(value)
           && entry_number(value) <= entry_number(field.substr(dash + 1));
}

// The tables of one family, asked as the kernel asks them.
class Tables {
public:
    Tables(const Router &router, Family family)
        : nat_{translate(router)}, family_{family}
    {
    }

    std::optional<std::string>
    find(const char *name, std::initializer_list<std::string> fields) const
    {
        const std::string *value = get(name).find(entry_key(fields));
        return value ? std::optional{*value} : std::nullopt;
    }

    // In a table whose fields are ranges.
    std::optional<std::string>
    search(const char *name, std::initializer_list<std::string> fields) const
    {
        for (const auto &[key, value] : get(name)) {
            const auto ranges = fields_of(key);
            if (std::ranges::equal(ranges, fields, holds)) {
                return value;
            }
        }
        return std::nullopt;
    }

    std::string
    words(const std::string &mark) const
    {
        const std::string *rule = nat_.table("rules").find(mark);
        return rule ? *rule : "";
    }

private:
    const Nat_table &
    get(const char *name) const
    {
        return nat_.table(name
                          + std::string{family_ == Family::ipv4 ? "4" : "6"});
    }

    Nat nat_;
    Family family_;
};

class Tracer {
public:
    Tracer(const Router &router, const Packet &packet)
        : router_{router}, packet_{packet}, wired_{wire(router)},
          tables_{router, packet.dst.family}, dst_{packet.dst}
    {
    }

    Trace
    trace()
    {
        find_destination();
        find_route();
        if (!trace_.is_local && !trace_.out_ports.empty()) {
            find_source();
            trace_.dropped = why_dropped();
        }
        return trace_;
    }

private:
    bool
    is_gateway(const std::string &port) const
    {
        const auto found = router_.ports.find(port);
        return found != router_.ports.end()
               && found->second.role == Role::gateway;
    }
    bool is_address_of(const std::string &port, const Ip &ip) const;
    void find_destination();
    void take_destination(const std::string &mark);
    void find_route();
    std::optional<Taken> find_caller() const;
    std::optional<std::string> own_scope() const;
    std::optional<std::string> find_default(const std::string &out) const;
    void find_source();
    std::string why_dropped() const;
    void take_source(const std::string &mark, const std::string &from);

    const Router &router_;
    const Packet &packet_;
    const Wired wired_;
    const Tables tables_;
    Ip dst_;
    Trace trace_;
};

bool
Tracer::is_address_of(const std::string &port, const Ip &ip) const
{
    return wired_.links.at(port).has(ip);
}

void
Tracer::find_destination()
{
    if (is_gateway(packet_.in_port)
        && !is_address_of(packet_.in_port, packet_.dst)) {
        return;
    }
    const std::string to = to_string(packet_.dst),
                      from = to_string(packet_.src),
                      protocol
                      = packet_.protocol
                            ? std::to_string(number_of(*packet_.protocol))
                            : "1",
                      port = std::to_string(packet_.dport);
    for (const auto &mark :
         {tables_.search("kept", {to, protocol, port, from}),
          tables_.search("forwards_by_peer", {to, protocol, port, from}),
          tables_.find("forwards", {to, protocol, port}),
          tables_.search("floating_by_peer", {to, from}),
          tables_.find("floating", {to})}) {
        if (mark) {
            take_destination(*mark);
            return;
        }
    }
}

void
Tracer::take_destination(const std::string &mark)
{
    Taken taken{tables_.words(mark), {}, {}};
    const auto with_port
        = packet_.protocol ? tables_.find(
              "inside_ports", {mark, std::to_string(packet_.dport)})
                           : std::nullopt;
    const auto address
        = with_port ? with_port : tables_.find("inside", {mark});
    if (!address) {
        trace_.exception = taken.rule;
        return;
    }
    const auto fields = fields_of(*address);
    taken.address = *parse_ip(fields[0]);
    if (with_port) {
        const auto port = static_cast<uint16_t>(entry_number(fields[1]));
        taken.ports = Port_range{port, port};
    }
    dst_ = taken.address;
    trace_.destination = std::move(taken);
}

void
Tracer::find_route()
{
    trace_.is_local = std::ranges::any_of(
        wired_.links, [&](const auto &link) { return link.second.has(dst_); });
    const auto found
        = look_up_route(wired_, packet_.in_port, packet_.src, dst_);
    if (!found) {
        return;
    }
    trace_.route = found->prefix;
    trace_.route_of_port = found->in_port;
    trace_.route_of_source = found->from;
    for (const Hop &hop : found->hops) {
        trace_.out_ports.push_back(hop.link);
        trace_.next_hops.push_back(hop.via);
    }
}

// As whom a host is seen that calls another one by an external address.
std::optional<Taken>
Tracer::find_caller() const
{
    const std::string &out = trace_.out_ports.front();
    std::optional<std::string> shared;
    if (is_gateway(out)) {
        shared = tables_.find("callers", {out});
    }
    if (!shared && !is_gateway(packet_.in_port)) {
        if (const auto own
            = tables_.find("hairpin", {to_string(packet_.src)})) {
            return Taken{"", *parse_ip(*own), {}};
        }
        shared = tables_.find("callers", {packet_.in_port});
    }
    if (!shared) {
        return std::nullopt;
    }
    Taken taken{"", *parse_ip(*shared), {}};
    if (packet_.protocol) {
        taken.ports = any_port;
    }
    return taken;
}

std::optional<std::string>
Tracer::own_scope() const
{
    return tables_.find("scopes", {packet_.in_port});
}

// None between ports of one scope that has a name.
std::optional<std::string>
Tracer::find_default(const std::string &out) const
{
    const auto scope = own_scope();
    const bool is_spared = scope && entry_number(*scope) != no_scope
                           && tables_.find("within", {*scope, out});
    return is_spared ? std::nullopt : tables_.find("default", {out});
}

std::string
Tracer::why_dropped() const
{
    const auto scope = own_scope();
    const std::string &in = packet_.in_port, &out = trace_.out_ports.front();
    if (trace_.destination || trace_.source) {
        return "";
    }
    if (scope && !tables_.find("within", {*scope, out})) {
        return "other scope";
    }
    return tables_.search("unlisted", {in, to_string(dst_)})
               ? "not among the NDP proxies"
               : "";
}

void
Tracer::find_source()
{
    if (trace_.destination) {
        trace_.source = find_caller();
        if (trace_.source) {
            return;
        }
    }
    const std::string &out = trace_.out_ports.front();
    const std::string from = to_string(packet_.src), to = to_string(dst_);
    for (const auto &mark :
         {tables_.search("hosts_by_peer", {out, from, to}),
          tables_.find("hosts", {out, from}),
          tables_.search("networks", {out, from, to}), find_default(out)}) {
        if (mark) {
            take_source(*mark, from);
            return;
        }
    }
}

void
Tracer::take_source(const std::string &mark, const std::string &from)
{
    const auto kept = tables_.find("to", {mark});
    const auto address = kept ? kept : tables_.find("random", {mark});
    if (!address) {
        trace_.exception = tables_.words(mark);
        return;
    }
    Taken taken{tables_.words(mark), *parse_ip(*address), {}};
    if (packet_.protocol) {
        auto first = tables_.find("block_first", {mark, from});
        auto last = tables_.find("block_last", {mark, from});
        if (!first) {
            first = tables_.find("first_port", {mark});
            last = tables_.find("last_port", {mark});
        }
        if (first && last) {
            taken.ports
                = Port_range{static_cast<uint16_t>(entry_number(*first)),
                             static_cast<uint16_t>(entry_number(*last))};
        } else if (!kept) {
            taken.ports = any_port;
        }
    }
    trace_.source = std::move(taken);
}

bool
contains(const std::optional<Port_range> &ports, uint16_t port)
{
    return !ports || ports->overlaps({port, port});
}

} // namespace

Trace
trace(const Router &router, const Packet &packet)
{
    return Tracer{router, packet}.trace();
}

std::vector<Behind>
who_is(const Router &router, const Ip &external, uint16_t port)
{
    std::vector<Behind> found;
    for (const Nat_rule &rule : rules_of(router)) {
        if (rule.external != external || rule.no_nat
            || !contains(rule.external_ports, port)) {
            continue;
        }
        const std::string words = rule_words(rule);
        if (!rule.port_block) {
            found.push_back({words, *rule.logical, rule.external_ports});
            continue;
        }
        for (const Block &block : all_blocks(rule)) {
            if (contains(block.ports, port)) {
                found.push_back(
                    {words, host_network(block.host), block.ports});
            }
        }
    }
    for (const auto &[name, gateway] : router.ports) {
        if (gateway.snat_ip == external) {
            found.push_back({default_words(name, external), {Ip{}, 0}, {}});
        }
    }
    return found;
}

} // namespace snat
