#include "forwarding.hh"

#include "names.hh"
#include "ranges.hh"

#include <algorithm>
#include <charconv>

namespace snat {
namespace {

constexpr uint8_t least_proxy_length = 120; // 256 addresses.

bool
is_scope_name(std::string_view name)
{
    constexpr size_t longest = 64;
    const auto is_fit = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= longest
           && std::ranges::all_of(name, is_fit);
}

Error
no_scope(std::string_view text)
{
    return {0, quoted(text)
                   + ": expected a scope of 1 to 64 of A-Z a-z 0-9 . _ -, or "
                     "4:SCOPE, 6:SCOPE or both of these"};
}

// "4:blue" or "6:blue", the family's first.  False if it is not that.
bool
read_scope_of_family(std::string_view word, Scopes &scopes)
{
    std::string &scope = word.starts_with("4:") ? scopes.ipv4 : scopes.ipv6;
    if (!(word.starts_with("4:") || word.starts_with("6:")) || !scope.empty()
        || !is_scope_name(word.substr(2))) {
        return false;
    }
    scope = word.substr(2);
    return true;
}

// An address alone is a prefix of one.
Result<Network>
parse_proxied(std::string_view word)
{
    const auto ip = parse_ip(word);
    const auto network = ip ? Result{host_network(*ip)} : parse_network(word);
    const bool is_fit
        = network && !network->ip.is_v4()
          && network->length >= least_proxy_length
          && network->base() == *network && !network->ip.is_multicast()
          && !network->ip.is_link_local() && !network->ip.is_unspecified();
    return is_fit ? network
                  : Error{0, quoted(word)
                                 + ": expected IPv6 addresses, or prefixes "
                                   "from /120 to /128 such as "
                                   "2001:db8::100/120, with commas or spaces "
                                   "between them"};
}

size_t
size_of(const Network &prefix)
{
    return size_t{1} << (128 - prefix.length);
}

} // namespace

Result<Scopes>
parse_scopes(std::string_view text)
{
    if (text.empty() || is_scope_name(text)) {
        return Scopes{std::string{text}, std::string{text}};
    }
    Scopes scopes;
    const auto words = words_of(text);
    const bool is_fit
        = !words.empty()
          && std::ranges::all_of(words, [&](const std::string &word) {
                 return read_scope_of_family(word, scopes);
             });
    return is_fit ? Result{scopes} : no_scope(text);
}

std::string
to_string(const Scopes &scopes)
{
    if (scopes.ipv4 == scopes.ipv6) {
        return scopes.ipv4;
    }
    std::string out = scopes.ipv4.empty() ? "" : "4:" + scopes.ipv4;
    if (!scopes.ipv6.empty()) {
        out += (out.empty() ? "6:" : ",6:") + scopes.ipv6;
    }
    return out;
}

// Below the least, Linux does not go either (TCP_MIN_SND_MSS, with room for
// its options); above the most, nothing fits into a packet.
Result<Mss_clamp>
parse_mss_clamp(std::string_view text)
{
    constexpr uint16_t least = 88, most = 65495;
    if (text.empty() || text == "pmtu") {
        return Mss_clamp{text == "pmtu", 0};
    }
    Mss_clamp clamp;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, clamp.most);
    return error == std::errc{} && stop == end && clamp.most >= least
                   && clamp.most <= most
               ? Result{clamp}
               : Error{0, quoted(text)
                              + ": expected pmtu or a whole number from 88 to "
                                "65495"};
}

std::string
to_string(const Mss_clamp &clamp)
{
    return clamp.to_path ? "pmtu"
           : clamp.most  ? std::to_string(clamp.most)
                         : "";
}

Result<std::vector<Network>>
parse_ndp_proxy(std::string_view text)
{
    std::set<Network> prefixes;
    size_t size = 0;
    for (const std::string &word : words_of(text)) {
        const auto prefix = parse_proxied(word);
        if (!prefix) {
            return prefix.error();
        }
        const Ip &ip = prefix->ip;
        if (ip.is_unspecified() || ip.is_loopback() || ip.is_multicast()
            || ip.is_link_local()) {
            return Error{0, quoted(word) + ": expected addresses of hosts"};
        }
        size += prefixes.insert(*prefix).second ? size_of(*prefix) : 0;
    }
    if (size > most_proxies) {
        return Error{0, "names " + std::to_string(size)
                            + " addresses: expected at most "
                            + std::to_string(most_proxies)};
    }
    return std::vector<Network>{prefixes.begin(), prefixes.end()};
}

std::string
ndp_proxy_text(const std::vector<Network> &prefixes)
{
    std::vector<std::string> words;
    for (const Network &prefix : prefixes) {
        words.push_back(to_string(prefix));
    }
    return joined(words, " ");
}

std::set<Ip>
proxies_of(const std::vector<Network> &prefixes)
{
    std::set<Ip> ips;
    for (const Network &prefix : prefixes) {
        Ip ip = prefix.ip;
        for (size_t left = size_of(prefix); left-- > 0;) {
            ips.insert(ip);
            ip = left ? next(ip) : ip;
        }
    }
    return ips;
}

} // namespace snat
