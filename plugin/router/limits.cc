#include "limits.hh"

#include "known_keys.hh"
#include "names.hh"
#include "read_settings.hh"

#include <algorithm>
#include <charconv>
#include <utility>

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

// An option that says one of two words; 'value' is whether it is the second.
struct Choice {
    const char *key, *first, *second;
    bool Limits::*value;
};
constexpr Choice choices[] = {
    {"refused-rows", "stop", "skip", &Limits::skip_refused_rows},
    {"drift", "repair", "observe", &Limits::observe_drift},
    {"verify-duplicates", "false", "true", &Limits::verify_duplicates},
    {"verify-gateway", "false", "true", &Limits::verify_gateway},
};

struct Bridge {
    const char *key;
    std::string Limits::*name;
};
constexpr Bridge bridges[] = {
    {"default-gateway-bridge", &Limits::default_gateway_bridge},
    {"default-internal-bridge", &Limits::default_internal_bridge},
};

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
read_choice(const Choice &choice, const std::string &text, Limits &limits,
            std::vector<std::string> &errors)
{
    if (text == choice.first || text == choice.second) {
        limits.*choice.value = text == choice.second;
    } else {
        errors.push_back("option " + std::string{choice.key} + ": "
                         + quoted(text) + ": expected " + choice.first + " or "
                         + choice.second);
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

const std::vector<const char *> &
known_options()
{
    static const std::vector<const char *> all = [] {
        std::vector<const char *> keys = settings_keys();
        const auto add
            = [&](const auto &option) { keys.push_back(option.key); };
        std::ranges::for_each(all_limits, add);
        std::ranges::for_each(choices, add);
        std::ranges::for_each(bridges, add);
        return keys;
    }();
    return all;
}

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
    for (const Choice &choice : choices) {
        if (auto found = options.find(choice.key); found != options.end()) {
            read_choice(choice, found->second, limits, errors);
        }
    }
    for (const Bridge &bridge : bridges) {
        if (auto found = options.find(bridge.key); found != options.end()) {
            limits.*bridge.name = found->second;
        }
    }
    read_settings(options, limits.settings, errors);
    for (const auto &[key, value] : options) {
        if (auto unknown = find_unknown("option", key, known_options())) {
            errors.push_back(std::move(*unknown));
            break; // There may be any number of them.
        }
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
