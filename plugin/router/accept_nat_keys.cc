// NAT rules as door 1's keys say them: read as rows that say the same.

#include "accept_nat.hh"

#include "names.hh"

namespace snat {
namespace {

// "ADDRESS:PORTS" or "[ADDRESS]:PORTS".
bool
split_endpoint(const std::string &text, std::string &address,
               std::string &ports)
{
    const size_t colon = text.rfind(':');
    if (colon == text.npos) {
        return false;
    }
    address = text.substr(0, colon);
    ports = text.substr(colon + 1);
    const bool has_brackets
        = address.starts_with('[') && address.ends_with(']');
    if (has_brackets) {
        address = address.substr(1, address.size() - 2);
    }
    return has_brackets == (address.find(':') != address.npos)
           && !ports.empty();
}

Check
in_key(const char *key, const std::string &text, Check refused)
{
    return refused ? refuse(std::string{key} + " " + quoted(text) + ": "
                            + refused->what)
                   : refused;
}

} // namespace

Check
read_floating_ip(const std::string &text, Nat_rule &rule)
{
    constexpr const char *key = "snat-floating-ips";
    const size_t equals = text.find('=');
    if (equals == text.npos) {
        return refuse(std::string{key} + " " + quoted(text)
                      + ": expected EXTERNAL=INTERNAL such as "
                        "198.51.100.20=10.0.0.5");
    }
    Nat_row row;
    row.type = to_string(Nat_type::dnat_and_snat);
    row.external_ip = text.substr(0, equals);
    row.logical_ip = text.substr(equals + 1);
    return in_key(key, text, read_nat_row(row, rule));
}

Check
read_port_forward(const std::string &text, Nat_rule &rule)
{
    constexpr const char *key = "snat-port-forwards";
    Nat_row row;
    row.type = to_string(Nat_type::dnat);
    const size_t colon = text.find(':'), equals = text.find('=');
    const bool has_parts
        = colon != text.npos && equals != text.npos && colon < equals;
    if (!has_parts
        || !split_endpoint(text.substr(colon + 1, equals - colon - 1),
                           row.external_ip, row.external_port)
        || !split_endpoint(text.substr(equals + 1), row.logical_ip,
                           row.internal_port)) {
        return refuse(std::string{key} + " " + quoted(text)
                      + ": expected PROTO:EXTERNAL:PORT=INTERNAL:PORT such "
                        "as tcp:198.51.100.10:80=10.0.0.5:8080, IPv6 "
                        "addresses in brackets");
    }
    row.protocol = text.substr(0, colon);
    return in_key(key, text, read_nat_row(row, rule));
}

} // namespace snat
