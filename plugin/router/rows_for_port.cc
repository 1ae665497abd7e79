// One port's row, made to mean what it meant: what already means the right
// thing stays as somebody wrote it.

#include "rows_for.hh"

#include "accept_port.hh"
#include "names.hh"

#include <algorithm>

namespace snat {
namespace {

template <typename T>
std::vector<std::string>
texts(const std::vector<T> &values)
{
    std::vector<std::string> out;
    for (const T &value : values) {
        out.push_back(to_string(value));
    }
    return out;
}

// Empty if one of them is not right.
template <typename T>
std::optional<std::vector<T>>
parse_all(const std::vector<std::string> &list,
          Result<T> (*parse)(std::string_view))
{
    std::vector<T> out;
    for (const std::string &text : list) {
        auto value = parse(text);
        if (!value) {
            return std::nullopt;
        }
        out.push_back(*value);
    }
    return out;
}

class Port_writer {
public:
    Port_writer(const Router_row &router, const Port_row &row,
                const Port &wanted, const Limits &limits)
        : router_{router}, row_{row}, wanted_{wanted}, limits_{limits}
    {
    }

    Port_row
    write()
    {
        write_role();
        write_networks();
        write_gateway_ips();
        if (row_.mtu.value_or(default_mtu) != wanted_.mtu) {
            row_.mtu = wanted_.mtu == default_mtu
                           ? std::nullopt
                           : std::optional<int64_t>{wanted_.mtu};
        }
        if (row_.is_door1()) {
            put("snat-router", router_.name);
            write_enable();
            write_nat();
            row_.routes = routes_for(wanted_.routes);
            put("snat-routes", joined(row_.routes, " "));
            write("snat-scope", wanted_.scopes, parse_scopes, to_string);
        } else {
            write_mac();
            write_place();
            write_wiring();
            write_snat_address();
            write_rates();
            put("route-table", wanted_.route_table);
            write("address-scope", wanted_.scopes, parse_scopes, to_string);
            write("mss-clamp", wanted_.mss_clamp, parse_mss_clamp, to_string);
            write("ndp-proxy", wanted_.ndp_proxy, parse_ndp_proxy,
                  ndp_proxy_text);
        }
        return row_;
    }

    // Without the keys and options that nobody knows.
    Port_row
    write_bare()
    {
        std::erase_if(row_.options, [this](const auto &option) {
            return !is_one_of(option.first, known_port_keys(row_.is_door1()));
        });
        return row_;
    }

private:
    // In door 1 the keys are the text, and the other members follow.
    void
    put(const char *key, const std::string &value)
    {
        if (value.empty()) {
            row_.options.erase(key);
        } else {
            row_.options[key] = value;
        }
    }

    // What means the same already stays to the letter.
    template <typename T>
    void
    write(const char *key, const T &wanted,
          Result<T> (*parse)(std::string_view), std::string (*text)(const T &))
    {
        const auto found = row_.options.find(key);
        const bool is_there = found != row_.options.end();
        const auto now = is_there ? parse(found->second) : Result{T{}};
        if (!now || *now != wanted || wanted == T{}) {
            put(key, text(wanted));
        }
    }

    void
    put_if_door1(const char *key, const std::string &value)
    {
        if (row_.is_door1()) {
            put(key, value);
        }
    }

    void
    write_role()
    {
        const std::string role = to_string(wanted_.role);
        const bool told = row_.role.empty()
                          && row_.name.starts_with(
                              wanted_.role == Role::gateway ? "qg-" : "sg-");
        if (!told && row_.role != role) {
            row_.role = role;
            put_if_door1("snat-role", role);
        }
    }

    void
    write_networks()
    {
        auto now = parse_all(row_.networks, parse_network);
        if (now && !row_.is_door1()) {
            std::ranges::sort(*now);
        }
        if (now != wanted_.networks) {
            row_.networks = texts(wanted_.networks);
            put_if_door1("snat-networks", joined(row_.networks, " "));
        }
    }

    void
    write_gateway_ips()
    {
        auto now = parse_all(row_.gateway_ips, parse_ip);
        if (now) {
            std::ranges::sort(*now);
        }
        const bool is_stray = wanted_.role == Role::internal && row_.is_door1()
                              && row_.options.contains("snat-gateway-ips");
        if (now != wanted_.gateway_ips || is_stray) {
            row_.gateway_ips = texts(wanted_.gateway_ips);
            put_if_door1("snat-gateway-ips", joined(row_.gateway_ips, " "));
        }
    }

    void
    write_enable()
    {
        const bool off = wanted_.role == Role::gateway && !wanted_.snat_ip
                         && router_.enable_snat
                         && std::ranges::any_of(wanted_.networks,
                                                [](const Network &network) {
                                                    return network.ip.is_v4();
                                                });
        const std::string &now = row_.enable_snat;
        const bool is_right
            = off ? now == "false"
              : wanted_.snat_ip
                  ? now.empty() || now == "true"
                  : now.empty()
                        || (wanted_.role == Role::gateway
                            && (now == "true" || now == "false"));
        if (!is_right) {
            row_.enable_snat = off ? "false" : "";
            put("snat-enable", row_.enable_snat);
        }
    }

    void
    write_nat()
    {
        row_.floating_ips = floating_ips_for(wanted_.nat);
        row_.port_forwards = port_forwards_for(wanted_.nat);
        put("snat-floating-ips", joined(row_.floating_ips, " "));
        put("snat-port-forwards", joined(row_.port_forwards, " "));
    }

    void
    write_rates()
    {
        for (const char *key :
             {"rate-in", "burst-in", "rate-out", "burst-out"}) {
            row_.options.erase(key);
        }
        row_.options.merge(rate_options(wanted_.in, wanted_.out));
    }

    void
    write_mac()
    {
        const auto now = parse_mac(row_.mac);
        if (wanted_.mac ? !now || *now != *wanted_.mac : !row_.mac.empty()) {
            row_.mac = wanted_.mac ? to_string(*wanted_.mac) : "";
        }
    }

    void
    write_place()
    {
        const Switch_port &place = *wanted_.switch_port;
        const std::string &usual = wanted_.role == Role::gateway
                                       ? limits_.default_gateway_bridge
                                       : limits_.default_internal_bridge;
        if (row_.bridge.value_or(usual) != place.bridge) {
            row_.bridge = place.bridge;
        }
        row_.tag
            = place.tag ? std::optional<int64_t>{*place.tag} : std::nullopt;
        const auto id = place.external_ids.find("iface-id");
        row_.external_ids.erase("iface-id");
        if (id != place.external_ids.end()) {
            row_.external_ids.insert(*id);
        }
    }

    void
    write_wiring()
    {
        const bool is_auto = row_.wiring.empty() || row_.wiring == "auto";
        const std::string meant = !is_auto            ? row_.wiring
                                  : wanted_.userspace ? "veth"
                                                      : "internal";
        if (meant != to_string(wanted_.wiring)) {
            row_.wiring = to_string(wanted_.wiring);
            put("wiring", row_.wiring);
        }
    }

    // Without the option it is the lowest, and the networks are sorted.
    void
    write_snat_address()
    {
        const auto lowest = std::ranges::find_if(
            wanted_.networks,
            [](const Network &network) { return network.ip.is_v4(); });
        const bool has_any = lowest != wanted_.networks.end();
        const auto now = parse_ip(row_.snat_address);
        const bool is_own
            = now && now->is_v4()
              && std::ranges::find(wanted_.networks, *now, &Network::ip)
                     != wanted_.networks.end();
        const auto meant = is_own    ? std::optional{*now}
                           : has_any ? std::optional{lowest->ip}
                                     : std::nullopt;
        const auto wanted = wanted_.snat_ip    ? wanted_.snat_ip
                            : wanted_.first_ip ? wanted_.first_ip
                            : has_any && wanted_.role == Role::gateway
                                ? std::optional{lowest->ip}
                                : std::nullopt;
        const bool is_fit = is_own || row_.snat_address.empty();
        if (is_fit && (!wanted || wanted == meant)) {
            return;
        }
        const bool is_lowest = !wanted || (has_any && *wanted == lowest->ip);
        row_.snat_address = is_lowest ? "" : to_string(*wanted);
        put("snat-address", row_.snat_address);
    }

    const Router_row &router_;
    Port_row row_;
    const Port &wanted_;
    const Limits &limits_;
};

// What only the user of a row of door 1 may write.
std::string
users_part(const Port_row &row, const Port &wanted)
{
    const auto mac = parse_mac(row.mac);
    const std::string by_hand = ", and only its user may write that";
    if (wanted.mac ? !mac || *mac != *wanted.mac : !row.mac.empty()) {
        return "the port " + row.name + " had "
               + (wanted.mac ? "another" : "no") + " external_ids:attached-mac"
               + by_hand;
    }
    const bool is_internal = row.wiring == "internal";
    if (is_internal != (wanted.wiring == Wiring::internal)) {
        return "the port " + row.name + " had "
               + (is_internal ? "an empty type" : "the type internal")
               + by_hand;
    }
    return "";
}

} // namespace

Result<Port_row>
rewrite_port(const Router_row &router, const Port_row &row, const Port &wanted,
             const Limits &base)
{
    const auto is_right = [&](const Port_row &now) {
        return meaning(router, now, wanted.userspace, base) == wanted;
    };
    const bool is_member
        = !row.is_door1() || row.options.contains("snat-router");
    if (is_member && is_right(row)) {
        return row;
    }
    if (row.is_door1()) {
        if (std::string why = users_part(row, wanted); !why.empty()) {
            return Error{0, std::move(why)};
        }
    }
    std::vector<std::string> errors;
    const Limits limits = read_limits(base, router.options, errors);
    Port_writer writer{router, row, wanted, limits};
    Port_row written = writer.write();
    if (!is_right(written)) {
        written = writer.write_bare();
    }
    if (!is_right(written)) {
        return Error{0, "no row of the port " + row.name
                            + " can ask for what it was"};
    }
    return written;
}

} // namespace snat
