#include "settings_entries.hh"

#include "entries.hh"

namespace snat {
namespace {

// The kernel goes through a list for a new flow, but once a tick, and needs
// some 0.4 us for each flow in it: 20 ms for 50,000.  A list of less than 2000
// takes a fifth of a processor at worst, and is exact; a share takes 0.1 ms
// for a new flow.
constexpr uint32_t least_shared = 2000, flows_of_a_share = 250;
constexpr uint32_t hashes = 65536;
constexpr const char *any_protocol = "0-255";

void
append_helpers(const Settings &settings, std::vector<Nat_entry> &entries)
{
    for (const auto &[protocol, port, name] : settings.helpers) {
        const auto number = std::to_string(number_of(protocol));
        entries.push_back(
            {"helpers", entry_key({number, std::to_string(port)}), name});
    }
}

void
append_shares(const Settings &settings, std::vector<Nat_entry> &entries)
{
    if (!settings.max_flows) {
        return;
    }
    const uint32_t shares = settings.max_flows < least_shared
                                ? 1
                                : settings.max_flows / flows_of_a_share;
    for (uint32_t i = 0; i < shares; i++) {
        const uint32_t flows
            = settings.max_flows / shares + (i < settings.max_flows % shares);
        const std::string range
            = std::to_string(i * hashes / shares) + "-"
              + std::to_string((i + 1) * hashes / shares - 1);
        entries.push_back({"tracked", entry_key({any_protocol, range}),
                           std::to_string(flows)});
    }
}

} // namespace

std::vector<Nat_entry>
settings_entries(const Settings &settings)
{
    std::vector<Nat_entry> entries;
    append_helpers(settings, entries);
    append_shares(settings, entries);
    return entries;
}

} // namespace snat
