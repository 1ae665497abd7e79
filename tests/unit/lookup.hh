// What becomes of a flow, looked up in the tables of a Nat in the order in
// which the chains of kernel/nft_layout.hh do it.
#pragma once

#include "router/rules.hh"
#include "router/translate.hh"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lookup {

using namespace snat;

// The first packet of a flow.
struct Packet {
    std::string out; // The port it leaves by, if it does.
    Ip from, to;
    uint8_t protocol = 0; // ICMP is 1.
    uint16_t port = 0;

    bool
    has_ports() const
    {
        return protocol == 6 || protocol == 17 || protocol == 132;
    }
};

// By which rule, in words, and what comes out; "kept" is what a no-nat rule
// says, and nothing that no rule says anything.
struct Taken {
    std::string by, how;
};

// A field of a key, as texts whose order is that of the values.
struct Field {
    std::string first, last;
};
using Fields = std::vector<Field>;

inline std::optional<std::string>
ordered(std::string_view text)
{
    if (const auto ip = parse_ip(text)) {
        return (ip->is_v4() ? "4" : "6")
               + std::string{reinterpret_cast<const char *>(ip->bytes.data()),
                             ip->size()};
    }
    const bool is_number
        = !text.empty() && std::ranges::all_of(text, [](char c) {
              return c >= '0' && c <= '9';
          });
    return is_number ? std::optional{std::string(10 - text.size(), '0')
                                     + std::string{text}}
                     : std::nullopt;
}

// A name has no order, and a dash in it means nothing.
inline Field
field(std::string_view text)
{
    const auto first = ordered(text.substr(0, text.find('-'))),
               last = ordered(text.substr(text.find('-') + 1));
    const std::string name{text};
    return first && last ? Field{*first, *last} : Field{name, name};
}

inline Fields
fields(std::string_view key)
{
    Fields out;
    for (size_t end = 0; end != key.npos; key.remove_prefix(end + 3)) {
        end = key.find(" . ");
        out.push_back(field(key.substr(0, end)));
        if (end == key.npos) {
            break;
        }
    }
    return out;
}

inline bool
overlap(const Fields &a, const Fields &b)
{
    return std::ranges::equal(a, b, [](const Field &x, const Field &y) {
        return x.first <= y.last && y.first <= x.last;
    });
}

class Tables {
public:
    explicit Tables(const Nat &nat)
    {
        for (const auto &[name, table] : nat.tables) {
            for (const auto &[key, value] : table) {
                tables_[name].push_back({fields(key), key, value});
            }
        }
    }

    // Two entries of one table that could take the same packet, which the
    // kernel does not let in; nothing if there are none.
    std::string
    find_overlap() const
    {
        for (const auto &[name, entries] : tables_) {
            for (size_t i = 0; i < entries.size(); i++) {
                for (size_t j = 0; j < i; j++) {
                    if (overlap(entries[i].fields, entries[j].fields)) {
                        return name + ": " + entries[j].key + " and "
                               + entries[i].key;
                    }
                }
            }
        }
        return "";
    }

    // Chain "destination".
    Taken
    destination(const Packet &packet) const
    {
        const std::string to = to_string(packet.to),
                          from = to_string(packet.from),
                          protocol = std::to_string(packet.protocol),
                          port = std::to_string(packet.port);
        const std::vector<std::vector<std::string>> keys
            = {{"kept", to, protocol, port, from},
               {"forwards_by_peer", to, protocol, port, from},
               {"forwards", to, protocol, port},
               {"floating_by_peer", to, from},
               {"floating", to}};
        for (const auto &key : keys) {
            if (const auto mark = find(key, packet.to.family)) {
                return {rule(*mark), inside(*mark, packet)};
            }
        }
        return {};
    }

    // Chain "postrouting" for flows whose destination is as it was.
    Taken
    source(const Packet &packet) const
    {
        const std::string from = to_string(packet.from),
                          to = to_string(packet.to);
        const std::vector<std::vector<std::string>> keys
            = {{"hosts_by_peer", packet.out, from, to},
               {"hosts", packet.out, from},
               {"networks", packet.out, from, to},
               {"default", packet.out}};
        for (const auto &key : keys) {
            if (const auto mark = find(key, packet.to.family)) {
                return {rule(*mark), seen_as(*mark, packet)};
            }
        }
        return {};
    }

    // 'key' is the table, without its family, and the fields.
    std::optional<std::string>
    find(const std::vector<std::string> &key, Family family) const
    {
        const auto table
            = tables_.find(key[0] + (family == Family::ipv4 ? "4" : "6"));
        Fields wanted;
        for (size_t i = 1; i < key.size(); i++) {
            const std::string same = ordered(key[i]).value_or(key[i]);
            wanted.push_back({same, same});
        }
        if (table != tables_.end()) {
            for (const Entry &entry : table->second) {
                if (overlap(entry.fields, wanted)) {
                    return entry.value;
                }
            }
        }
        return std::nullopt;
    }

private:
    struct Entry {
        Fields fields;
        std::string key, value;
    };

    std::string
    rule(const std::string &mark) const
    {
        for (const Entry &entry : tables_.at("rules")) {
            if (entry.key == mark) {
                return entry.value;
            }
        }
        return "a mark of no rule";
    }

    // Chain "inside".
    std::string
    inside(const std::string &mark, const Packet &packet) const
    {
        const Family family = packet.to.family;
        const auto with_port
            = packet.has_ports() ? find(
                  {"inside_ports", mark, std::to_string(packet.port)}, family)
                                 : std::nullopt;
        const auto address = find({"inside", mark}, family);
        return with_port ? *with_port
               : address ? *address + " . " + std::to_string(packet.port)
                         : "kept";
    }

    // Chain "source".
    std::string
    seen_as(const std::string &mark, const Packet &packet) const
    {
        const Family family = packet.to.family;
        const auto first = find({"first_port", mark}, family),
                   last = find({"last_port", mark}, family),
                   to = find({"to", mark}, family),
                   random = find({"random", mark}, family);
        if (!to && !random) {
            return "kept";
        }
        return to.value_or(random.value_or("")) + (random ? " random" : "")
               + (packet.has_ports() && first ? " from " + *first + "-" + *last
                                              : "");
    }

    std::map<std::string, std::vector<Entry>> tables_;
};

} // namespace lookup
