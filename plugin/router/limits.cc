#include "limits.hh"

#include "names.hh"

#include <charconv>

namespace snat {

const std::array<Limit, 11> all_limits = {{
    {"max-routers", &Limits::max_routers, 0, 100000},
    {"max-ports-per-router", &Limits::max_ports_per_router, 0, 4096},
    {"max-nat-per-router", &Limits::max_nat_per_router, 0, 1000000},
    {"max-routes-per-router", &Limits::max_routes_per_router, 0, 1000000},
    {"max-addresses-per-port", &Limits::max_addresses_per_port, 1, 65536},
    {"change-rate", &Limits::change_rate, 0, 1000000},
    {"change-history", &Limits::change_history, 1, 1000000},
    {"retry-initial", &Limits::retry_initial, 10, 86400000},
    {"retry-max", &Limits::retry_max, 10, 86400000},
    {"check-timeout", &Limits::check_timeout, 10, 3600000},
    {"switch-timeout", &Limits::switch_timeout, 10, 3600000},
}};

namespace {

void
read_number(const Limit &limit, const std::string &text, Limits &limits,
            std::vector<std::string> &errors)
{
    uint32_t value = 0;
    const char *end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc{} && stop == end && value >= limit.least
        && value <= limit.most) {
        limits.*limit.value = value;
        return;
    }
    errors.push_back("option " + std::string{limit.key} + ": " + quoted(text)
                     + ": expected a whole number from "
                     + std::to_string(limit.least) + " to "
                     + std::to_string(limit.most));
}

void
read_refused_rows(const std::string &text, Limits &limits,
                  std::vector<std::string> &errors)
{
    if (text == "skip" || text == "stop") {
        limits.skip_refused_rows = text == "skip";
    } else {
        errors.push_back("option refused-rows: " + quoted(text)
                         + ": expected stop or skip");
    }
}

} // namespace

Limits
read_limits(const Limits &base, const Options &options,
            std::vector<std::string> &errors)
{
    Limits limits = base;
    for (const Limit &limit : all_limits) {
        if (auto found = options.find(limit.key); found != options.end()) {
            read_number(limit, found->second, limits, errors);
        }
    }
    if (auto found = options.find("refused-rows"); found != options.end()) {
        read_refused_rows(found->second, limits, errors);
    }
    if (auto found = options.find("default-gateway-bridge");
        found != options.end()) {
        limits.default_gateway_bridge = found->second;
    }
    if (auto found = options.find("default-internal-bridge");
        found != options.end()) {
        limits.default_internal_bridge = found->second;
    }
    return limits;
}

} // namespace snat
