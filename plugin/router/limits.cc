#include "limits.hh"

#include "names.hh"
#include "read_settings.hh"

#include <charconv>

namespace snat {

const std::array<Limit, 16> all_limits = {{
    {"max-routers", &Limits::max_routers, 0, 100000, Scope::global},
    {"max-ports-per-router", &Limits::max_ports_per_router, 0, 4096,
     Scope::stricter},
    {"max-nat-per-router", &Limits::max_nat_per_router, 0, 1000000,
     Scope::stricter},
    {"max-routes-per-router", &Limits::max_routes_per_router, 0, 1000000,
     Scope::stricter},
    {"max-addresses-per-port", &Limits::max_addresses_per_port, 1, 65536,
     Scope::stricter},
    {"change-rate", &Limits::change_rate, 0, 1000000, Scope::stricter},
    {"total-change-rate", &Limits::total_change_rate, 0, 1000000,
     Scope::global},
    {"change-history", &Limits::change_history, 1, 1000000, Scope::global},
    {"retry-initial", &Limits::retry_initial, 10, 86400000, Scope::any},
    {"retry-max", &Limits::retry_max, 10, 86400000, Scope::any},
    {"check-timeout", &Limits::check_timeout, 10, 3600000, Scope::any},
    {"switch-timeout", &Limits::switch_timeout, 10, 3600000, Scope::any},
    {"sweep-interval", &Limits::sweep_interval, 0, 86400000, Scope::global},
    {"orphan-grace", &Limits::orphan_grace, 0, 2592000000, Scope::global},
    {"verify-timeout", &Limits::verify_timeout, 10, 60000, Scope::any},
    {"stats-interval", &Limits::stats_interval, 0, 86400000, Scope::any},
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

// An option that says one of two words; 'value' is whether it is the second.
void
read_choice(const Options &options, const char *key, const char *first,
            const char *second, bool &value, std::vector<std::string> &errors)
{
    const auto found = options.find(key);
    if (found == options.end()) {
        return;
    }
    if (found->second == first || found->second == second) {
        value = found->second == second;
    } else {
        errors.push_back("option " + std::string{key} + ": "
                         + quoted(found->second) + ": expected " + first
                         + " or " + second);
    }
}

// Of a rate, 0 is no limit at all.
bool
is_looser(const Limit &limit, uint32_t value, uint32_t global)
{
    const bool any = limit.value == &Limits::change_rate;
    return any && !global ? false : value > global || (any && !value);
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
    read_choice(options, "refused-rows", "stop", "skip",
                limits.skip_refused_rows, errors);
    read_choice(options, "drift", "repair", "observe", limits.observe_drift,
                errors);
    read_choice(options, "verify-duplicates", "false", "true",
                limits.verify_duplicates, errors);
    read_choice(options, "verify-gateway", "false", "true",
                limits.verify_gateway, errors);
    read_settings(options, limits.settings, errors);
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

Limits
read_router_limits(const Limits &global, const Options &options,
                   std::vector<std::string> &errors)
{
    Limits limits = read_limits(global, options, errors);
    for (const Limit &limit : all_limits) {
        uint32_t &value = limits.*limit.value;
        const uint32_t of_all = global.*limit.value;
        const std::string option = "option " + std::string{limit.key};
        if (limit.scope == Scope::global && options.contains(limit.key)) {
            errors.push_back(option
                             + ": expected in SNAT_Global.options, "
                               "not with one router");
            value = of_all;
        } else if (limit.scope == Scope::stricter
                   && is_looser(limit, value, of_all)) {
            errors.push_back(option + ": " + std::to_string(value)
                             + ": expected at most " + std::to_string(of_all)
                             + ", which holds for all routers (see "
                               "SNAT_Global.options)");
            value = of_all;
        }
    }
    return limits;
}

} // namespace snat
