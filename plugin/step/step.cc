#include "step/step.hh"

#include <algorithm>

namespace snat {
namespace {

// Overloads in one place for std::visit.
template <typename... Ts> struct Overloaded : Ts... {
    using Ts::operator()...;
};

std::string
count(size_t n, const char *one)
{
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
}

std::string
count_addresses(size_t n)
{
    return n == 1 ? "1 address" : std::to_string(n) + " addresses";
}

std::string
list(const auto &addresses)
{
    std::string out;
    for (const auto &address : addresses) {
        out += (out.empty() ? "" : ", ") + to_string(address);
    }
    return out.empty() ? "none" : out;
}

std::string
describe_hops(const Route &route)
{
    std::string out = route.discard ? " discarding" : "";
    for (const Hop &hop : route.hops) {
        out += hop.via ? " via " + to_string(*hop.via) : " on-link";
        out += " on " + hop.link;
    }
    out += route.metric ? " metric " + std::to_string(route.metric) : "";
    return out
           + (route.table ? " in table " + std::to_string(route.table) : "");
}

std::string
attributes(const Device &device)
{
    std::string out = " with MTU " + std::to_string(device.mtu);
    if (device.mac) {
        out += ", MAC " + to_string(*device.mac);
    }
    return out;
}

std::string
device_words(const Set_device &s, bool values)
{
    if (!s.was) {
        return "make the veth pair " + s.link
               + (values ? attributes(*s.becomes) : "");
    }
    if (!s.becomes) {
        return "delete the device " + s.link;
    }
    return "change the device " + s.link
           + (values ? attributes(*s.becomes) : "");
}

std::string
addresses_words(const Set_addresses &s, bool values)
{
    if (s.was == s.becomes) {
        return "restore the kernel's routes to the addresses of " + s.link;
    }
    if (values) {
        return "set the addresses of " + s.link + " from " + list(s.was)
               + " to " + list(s.becomes);
    }
    return "set the addresses of " + s.link + " from "
           + count_addresses(s.was.size()) + " to "
           + count_addresses(s.becomes.size());
}

std::string
hosts_words(const Change_hosts &s, bool values)
{
    const auto say = [&](const std::vector<Ip> &hosts) {
        return values ? list(hosts) : count_addresses(hosts.size());
    };
    std::string out;
    if (!s.becomes.empty()) {
        out = "add " + say(s.becomes) + " to " + s.link;
    }
    if (!s.was.empty()) {
        out += (out.empty() ? "" : ", ") + ("remove " + say(s.was)) + " from "
               + s.link;
    }
    return out;
}

std::string
proxies_words(const Set_proxies &s, bool values)
{
    const auto say = [&](const std::set<Ip> &ips) {
        return values ? list(ips) : count_addresses(ips.size());
    };
    return "set the neighbours that " + s.link + " answers for from "
           + say(s.was) + " to " + say(s.becomes);
}

std::string
route_words(const Set_route &s, bool values)
{
    const Route &route = s.becomes ? *s.becomes : *s.was;
    const char *verb = !s.was ? "add" : s.becomes ? "change" : "remove";
    std::string kind
        = route.prefix.length == 0 ? " the default route" : " a route";
    return verb + kind + (route.prefix.ip.is_v4() ? " for IPv4" : " for IPv6")
           + (values ? " to " + to_string(route.prefix) + describe_hops(route)
                     : "");
}

std::string
rule_details(const Route_rule &rule)
{
    return (rule.in_port.empty() ? "" : " for what comes by " + rule.in_port)
           + (rule.from ? " from " + to_string(*rule.from) : "") + " at "
           + std::to_string(rule.priority) + " to table "
           + (rule.table ? std::to_string(rule.table) : "main")
           + (rule.specific ? " but for its default route" : "");
}

std::string
route_rule_words(const Set_route_rule &s, bool values)
{
    const Route_rule &rule = s.becomes ? *s.becomes : *s.was;
    return std::string{s.becomes ? "add" : "remove"} + " a routing rule for "
           + (rule.family == Family::ipv4 ? "IPv4" : "IPv6")
           + (values ? rule_details(rule) : "");
}

std::string
switch_words(const Set_switch &s)
{
    std::string out;
    for (const auto &item : s.ports) {
        const char *verb = !item.was      ? "add"
                           : item.becomes ? "change"
                                          : "remove";
        const auto &there = item.becomes ? item.becomes : item.was;
        out += (out.empty() ? "" : ", ") + std::string{verb} + " the port "
               + item.port + " on the bridge " + there->bridge;
        if (item.becomes && item.becomes->tag) {
            out += " with VLAN " + std::to_string(*item.becomes->tag);
        }
    }
    return out;
}

std::string
list(const std::vector<std::string> &ports)
{
    std::string out;
    for (const std::string &port : ports) {
        out += (out.empty() ? "" : ", ") + port;
    }
    return out;
}

std::string
open_words(const Set_open &s)
{
    return s.becomes ? "have the switch open " + list(s.ports)
                     : "take " + list(s.ports) + " from the switch";
}

size_t
count_asked(const Verify &s)
{
    size_t n = 0;
    for (const auto &[link, ips] : s.links) {
        n += ips.size();
    }
    return n;
}

std::string
verify_words(const Verify &s, bool values)
{
    const size_t n = count_asked(s);
    std::string where;
    for (const auto &[link, ips] : s.links) {
        where += (where.empty() ? "" : ", ") + link;
        for (size_t i = 0; values && i < ips.size(); i++) {
            where += (i ? ", " : ": ") + to_string(ips[i]);
        }
    }
    return s.answers ? "verify that " + count(n, "next hop")
                           + (n == 1 ? " answers on " : " answer on ") + where
                     : "verify that nobody else has " + count_addresses(n)
                           + " of " + where;
}

std::string
nat_words(const Set_nat &s, bool values)
{
    if (!s.becomes) {
        return "unload the NAT rules";
    }
    if (s.becomes->damaged) {
        return "leave the repaired NAT rules as they are";
    }
    const bool repairs = s.was && s.was->damaged;
    const auto rules = s.becomes->tables.find("rules");
    const bool any = rules != s.becomes->tables.end();
    std::string out = repairs ? "repair the " : "load ";
    out += count(any ? rules->second.size() : 0, "NAT rule");
    if (any && values) {
        for (const auto &[mark, name] : rules->second) {
            out += (name == rules->second.begin()->second ? ": " : "; ")
                   + name;
        }
    }
    return out;
}

// The rules that come and go tell what it is about; the entries are how.
std::string
nat_change_words(const Change_nat &s, bool values)
{
    std::string names;
    size_t added = 0, removed = 0;
    for (const auto &item : s.entries) {
        if (item.table == "rules") {
            added += !item.was;
            removed += !item.becomes;
            names += (names.empty() ? ": " : "; ")
                     + std::string{item.becomes ? "add " : "remove "}
                     + item.becomes.value_or(item.was.value_or(""));
        }
    }
    std::string out = "change " + std::to_string(s.entries.size())
                      + (s.entries.size() == 1 ? " entry" : " entries")
                      + " of the NAT tables";
    if (added || removed) {
        out += ", for " + count(added, "rule") + " more and "
               + count(removed, "rule") + " less";
    }
    return out + (values ? names : "");
}

std::string
flows_words(const End_flows &s)
{
    if (!s.becomes) {
        return "leave flows as they are, but end those of new rules in an "
               "undo";
    }
    std::string out;
    const auto say = [&](size_t n, const char *before, const char *one) {
        if (n) {
            out += (out.empty() ? "" : ", ") + std::string{before}
                   + count(n, one);
        }
    };
    const auto without_rule
        = std::ranges::count_if(s.marks, [](uint32_t mark) {
              return mark == no_mark || mark == mark_untranslated;
          });
    if (without_rule) {
        out = "that no rule has taken";
    }
    say(s.marks.size() - static_cast<size_t>(without_rule), "of ",
        "removed rule");
    say(s.arrivals.size(), "to ", "newly translated destination");
    say(s.untranslated.size(), "from ", "newly translated source");
    return "end the flows " + out;
}

} // namespace

Step
inverse(const Step &step)
{
    Step out = step;
    std::visit(Overloaded{[](Move_device &s) { s.inward = !s.inward; },
                          [](Set_switch &s) {
                              std::ranges::reverse(s.ports);
                              for (auto &item : s.ports) {
                                  std::swap(item.was, item.becomes);
                              }
                          },
                          [](Change_nat &s) {
                              std::ranges::reverse(s.entries);
                              for (auto &item : s.entries) {
                                  std::swap(item.was, item.becomes);
                              }
                          },
                          [](Verify &) {}, [](Remove_abandoned &) {},
                          [](auto &s) { std::swap(s.was, s.becomes); }},
               out);
    return out;
}

bool
has_inverse(const Step &step)
{
    return !std::holds_alternative<Verify>(step)
           && !std::holds_alternative<Remove_abandoned>(step);
}

bool
is_kernel_step(const Step &step)
{
    return !is_switch_step(step) && !std::holds_alternative<Verify>(step);
}

bool
is_switch_step(const Step &step)
{
    return std::holds_alternative<Set_switch>(step)
           || std::holds_alternative<Set_open>(step)
           || std::holds_alternative<Await_open>(step);
}

bool
loses_namespace(const Step &step)
{
    const auto *dropped = std::get_if<Set_namespace>(&step);
    const auto *unnamed = std::get_if<Set_name>(&step);
    return (dropped && !dropped->becomes) || (unnamed && !unnamed->becomes);
}

std::string
words(const Step &step, bool values)
{
    return std::visit(
        Overloaded{
            [](const Set_namespace &s) -> std::string {
                return s.becomes ? "make the namespace, without a name yet"
                                 : "drop the namespace and all that is in it";
            },
            [](const Set_name &s) -> std::string {
                return s.becomes ? "give the namespace its name"
                                 : "take the namespace's name away";
            },
            [&](const Set_nat &s) { return nat_words(s, values); },
            [](const Set_sysctl &s) {
                return s.becomes.empty() ? "let go of " + s.key
                                         : "set " + s.key + " to " + s.becomes;
            },
            [&](const Set_device &s) { return device_words(s, values); },
            [&](const Move_device &s) {
                return "move the device " + s.link
                       + (s.inward ? " into" : " out of") + " the namespace"
                       + (values ? attributes(s.inward ? s.inside : s.on_node)
                                 : "");
            },
            [](const Set_up &s) {
                return "set " + s.link + (s.becomes ? " up" : " down");
            },
            [&](const Set_addresses &s) { return addresses_words(s, values); },
            [&](const Change_hosts &s) { return hosts_words(s, values); },
            [&](const Set_proxies &s) { return proxies_words(s, values); },
            [&](const Set_route &s) { return route_words(s, values); },
            [&](const Set_route_rule &s) {
                return route_rule_words(s, values);
            },
            [](const Set_switch &s) { return switch_words(s); },
            [](const Set_open &s) { return open_words(s); },
            [](const Await_open &s) {
                return (s.becomes ? "wait until the switch has opened "
                                  : "wait no more for the switch to open ")
                       + list(s.ports);
            },
            [&](const Verify &s) { return verify_words(s, values); },
            [&](const Change_nat &s) { return nat_change_words(s, values); },
            [](const End_flows &s) { return flows_words(s); },
            [](const Remove_abandoned &s) {
                return "delete the device " + s.link
                       + ", which is left over on the node";
            },
        },
        step);
}

} // namespace snat
