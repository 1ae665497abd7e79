#include "accept_nat_options.hh"

#include "names.hh"

#include <charconv>
#include <iterator>
#include <tuple>

namespace snat {

std::optional<Network>
parse_network_or_host(const std::string &text)
{
    if (const auto ip = parse_ip(text)) {
        return host_network(*ip);
    }
    const auto network = parse_network(text);
    return network ? std::optional{*network} : std::nullopt;
}

Check
read_boolean(const Options &options, const char *key, bool &out)
{
    const auto found = options.find(key);
    if (found != options.end()) {
        if (found->second != "true" && found->second != "false") {
            return refuse(std::string{"option "} + key + " "
                          + quoted(found->second)
                          + ": expected true or false");
        }
        out = found->second == "true";
    }
    return std::nullopt;
}

Check
read_option(const Options &options, const char *key, uint32_t least,
            uint32_t most, uint32_t &out)
{
    const auto found = options.find(key);
    if (found == options.end() || found->second.empty()) {
        return std::nullopt;
    }
    const std::string &text = found->second;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc{} && stop == end && out >= least && out <= most
               ? Check{}
               : refuse(std::string{"option "} + key + " " + quoted(text)
                        + ": expected a whole number from "
                        + std::to_string(least) + " to "
                        + std::to_string(most));
}

Check
read_peers(const Options &options, const char *key, std::vector<Network> &out)
{
    constexpr size_t most = 256;
    const auto found = options.find(key);
    if (found == options.end()) {
        return std::nullopt;
    }
    for (const std::string &word : words_of(found->second)) {
        const auto network = parse_network_or_host(word);
        if (!network || network->base() != *network) {
            return refuse(std::string{"option "} + key + " " + quoted(word)
                          + ": expected networks such as 198.51.100.0/24, "
                            "with commas or spaces between them");
        }
        out.push_back(*network);
    }
    if (out.size() > most) {
        return refuse(std::string{"option "} + key + " has "
                      + std::to_string(out.size())
                      + " networks: expected at most " + std::to_string(most));
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return std::nullopt;
}

Check
read_rate_options(const Options &options, Rate &in, Rate &out)
{
    constexpr uint32_t least = 16; // A packet of 1,500 bytes is 12 kbit.
    constexpr uint32_t most = 4'000'000'000; // 4 Tbit/s.
    constexpr std::tuple<const char *, const char *> keys[]
        = {{"rate-in", "burst-in"}, {"rate-out", "burst-out"}};
    Rate *const rates[] = {&in, &out};
    for (size_t i = 0; i < std::size(keys); i++) {
        const auto [rate, burst] = keys[i];
        Check refused
            = read_option(options, rate, least, most, rates[i]->kbit);
        if (!refused) {
            refused
                = read_option(options, burst, 1, most / 1000, rates[i]->burst);
        }
        if (!refused && rates[i]->burst && !rates[i]->kbit) {
            refused = refuse(std::string{"option "} + burst + " without "
                             + rate + ": expected both or none");
        }
        if (refused) {
            return refused;
        }
    }
    return std::nullopt;
}

} // namespace snat
