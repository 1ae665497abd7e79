#include "rule_entries.hh"

#include "entries.hh"
#include "rules.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

std::string
rate_text(const Rate &rate)
{
    return std::to_string(rate.kbit) + " " + std::to_string(rate.burst);
}

class Entries {
public:
    explicit Entries(const Placed_rule &placed)
        : placed_{placed}, rule_{placed.rule}, family_{rule_.family()},
          mark_{mark_text(placed.mark)}
    {
    }

    std::vector<Nat_entry>
    all()
    {
        add_name();
        if (placed_.is_default) {
            put("default", placed_.ports.front(), mark_);
            add_action();
            return std::move(entries_);
        }
        if (rule_.translates_destination() && !rule_.no_nat) {
            rule_.is_forward() ? add_forward() : add_destination();
        }
        if (rule_.translates_source()) {
            add_source();
        }
        return std::move(entries_);
    }

private:
    void add_name();
    void add_destination();
    void add_forward();
    void add_forwarded(uint32_t nth);
    void add_source();
    void add_host();
    void add_stateless();
    void add_action();

    void
    put(const char *table, const std::string &key,
        const std::string &value = "")
    {
        entries_.push_back({nat_table(table, family_), key, value});
    }
    void
    put_of_all(const char *table, const std::string &key,
               const std::string &value = "")
    {
        entries_.push_back({table, key, value});
    }

    const Placed_rule &placed_;
    const Nat_rule &rule_;
    const Family family_;
    const std::string mark_;
    std::vector<Nat_entry> entries_;
};

void
Entries::add_name()
{
    if (!rule_.no_nat) {
        for (const std::string &port : placed_.ports) {
            put("leaving", port);
        }
    }
    put_of_all("rules", mark_, placed_.name);
    put_of_all("replies", mark_);
    if (rule_.log) {
        put_of_all("logged", mark_);
    }
}

void
Entries::add_destination()
{
    const std::string address = to_string(*rule_.external);
    if (!rule_.has_peers()) {
        put("floating", address, mark_);
    } else {
        for (const Ip_range &peers : peers_of(rule_)) {
            put("floating_by_peer", entry_key({address, to_string(peers)}),
                mark_);
        }
    }
    put("inside", mark_, to_string(rule_.logical->ip));
}

void
Entries::add_forward()
{
    for (uint32_t nth = 0; nth < rule_.external_ports->size(); nth++) {
        add_forwarded(nth);
    }
    if (rule_.has_peers()) {
        for (const Ip_range &peers : peers_of(rule_)) {
            put("forwards_by_peer",
                entry_key({to_string(*rule_.external),
                           std::to_string(number_of(*rule_.protocol)),
                           to_string(*rule_.external_ports),
                           to_string(peers)}),
                mark_);
        }
    }
    put("inside", mark_, to_string(rule_.logical->ip));
}

// Ports that stay as they are need no entry for each to say so.
void
Entries::add_forwarded(uint32_t nth)
{
    const std::string port = std::to_string(rule_.external_ports->first + nth);
    if (!rule_.has_peers()) {
        put("forwards",
            entry_key({to_string(*rule_.external),
                       std::to_string(number_of(*rule_.protocol)), port}),
            mark_);
    }
    if (rule_.internal_ports != rule_.external_ports) {
        put("inside_ports", entry_key({mark_, port}),
            entry_key({to_string(rule_.logical->ip),
                       std::to_string(rule_.internal_ports->first + nth)}));
    }
}

void
Entries::add_source()
{
    if (rule_.type == Nat_type::dnat_and_snat) {
        add_host();
    }
    if (rule_.stateless) {
        add_stateless();
    }
    if (!rule_.no_nat) {
        add_action();
    }
}

void
Entries::add_host()
{
    const Ip &host = rule_.logical->ip;
    for (const std::string &port : placed_.ports) {
        // Without connection tracking it comes as its host's at once.
        for (const auto &limits :
             {limit_entries(port, rule_.stateless ? host : *rule_.external,
                            rule_.in, {}),
              limit_entries(port, *rule_.external, {}, rule_.out)}) {
            std::ranges::copy(limits, std::back_inserter(entries_));
        }
        if (!rule_.has_peers()) {
            put("hosts", entry_key({port, to_string(host)}), mark_);
        }
    }
    if (!rule_.has_peers()) {
        put("hairpin", to_string(host), to_string(*rule_.external));
    }
}

// Beside what it has of a floating IP that hosts inside call.
void
Entries::add_stateless()
{
    const std::string external = to_string(*rule_.external),
                      inside = to_string(rule_.logical->ip);
    for (const std::string &port : placed_.ports) {
        put("stateless_in", entry_key({port, external}), inside);
        put("stateless_out", entry_key({port, inside}), external);
    }
    put("stateless", inside);
    put("stateless_marks", external, mark_);
    put("stateless_marks", inside, mark_);
}

void
Entries::add_action()
{
    put(rule_.random_ports ? "random" : "to", mark_,
        to_string(*rule_.external));
    if (rule_.port_block) {
        for (const Block &block : all_blocks(rule_)) {
            const std::string host = entry_key({mark_, to_string(block.host)});
            put("block_first", host, std::to_string(block.ports.first));
            put("block_last", host, std::to_string(block.ports.last));
        }
    } else if (rule_.external_ports) {
        put("first_port", mark_, std::to_string(rule_.external_ports->first));
        put("last_port", mark_, std::to_string(rule_.external_ports->last));
    }
    if (rule_.max_flows) {
        for (const Ip &host : hosts_of(rule_)) {
            put("most_flows", entry_key({mark_, to_string(host)}),
                std::to_string(rule_.max_flows));
        }
    }
}

} // namespace

std::vector<Nat_entry>
entries_of(const Placed_rule &placed)
{
    return Entries{placed}.all();
}

std::vector<Nat_entry>
limit_entries(const std::string &port, const Ip &ip, const Rate &in,
              const Rate &out)
{
    std::vector<Nat_entry> entries;
    const std::string key = entry_key({port, to_string(ip)});
    if (in.kbit) {
        entries.push_back(
            {nat_table("limits_in", ip.family), key, rate_text(in)});
    }
    if (out.kbit) {
        entries.push_back(
            {nat_table("limits_out", ip.family), key, rate_text(out)});
    }
    return entries;
}

std::string
nat_table(const char *name, Family family)
{
    return std::string{name} + (family == Family::ipv4 ? "4" : "6");
}

} // namespace snat
