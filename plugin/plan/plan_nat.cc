// The steps that change the translation of packets, and those that end the
// flows which go by rules that are not any more.

#include "plan/planner.hh"
#include "router/entries.hh"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string_view>

namespace snat {
namespace {

using Item = Change_nat::Item;

std::optional<std::string>
optional_of(const std::string *text)
{
    return text ? std::optional{*text} : std::nullopt;
}

// What differs, table by table; what goes comes before what is new, for in a
// table with ranges that may take the other's place.
std::vector<Item>
difference(const Nat &was, const Nat &becomes)
{
    std::set<std::string> names;
    for (const Nat *nat : {&was, &becomes}) {
        for (const auto &[name, table] : nat->tables) {
            names.insert(name);
        }
    }
    std::vector<Item> items;
    for (const std::string &name : names) {
        std::vector<Item> fresh;
        for_each_difference(was.table(name), becomes.table(name),
                            [&](const std::string &key, const std::string *old,
                                const std::string *now) {
                                (now ? fresh : items)
                                    .push_back({name, key, optional_of(old),
                                                optional_of(now)});
                            });
        std::ranges::move(fresh, std::back_inserter(items));
    }
    return items;
}

bool
is_one_of(std::string_view table, std::initializer_list<const char *> names)
{
    // All but the family, which is the last letter.
    return std::ranges::find(names, table.substr(0, table.size() - 1))
           != names.end();
}

// The tables whose keys are ranges, without their families.
constexpr std::initializer_list<const char *> ranged
    = {"kept",          "forwards_by_peer", "floating_by_peer",
       "hosts_by_peer", "networks",         "unlisted"};

// Whether a key that is not there yet could overlap with one that is: as the
// ranges of a table are those of what its first field names, not if that is
// new as well.
bool
may_overlap(const Nat &now, const Item &item)
{
    if (!is_one_of(item.table, ranged) && item.table != "tracked") {
        return false;
    }
    const Nat_table &table = now.table(item.table);
    const std::string first{fields_of(item.key)[0]};
    const auto at = table.lower_bound(first);
    return at != table.end() && fields_of(at->first)[0] == first;
}

// In the order in which they take flows by where they go.
constexpr std::array destinations
    = {"kept", "forwards_by_peer", "forwards", "floating_by_peer", "floating"};

struct Destination {
    std::string_view address;
    uint8_t protocol = 0; // 0: any.
    Port_range ports{0, 65535};
};

Destination
destination_of(std::string_view table, std::string_view key)
{
    const auto fields = fields_of(key);
    Destination out{fields[0]};
    const bool has_port
        = is_one_of(table, {"kept", "forwards_by_peer", "forwards"});
    if (has_port && fields.size() > 2 && fields[1] != "0-255") {
        out.protocol = static_cast<uint8_t>(entry_number(fields[1]));
        out.ports.first = static_cast<uint16_t>(entry_number(fields[2]));
        out.ports.last = static_cast<uint16_t>(
            entry_number(fields[2].substr(fields[2].find('-') + 1)));
    }
    return out;
}

bool
overlap(const Destination &a, const Destination &b)
{
    return a.address == b.address
           && (!a.protocol || !b.protocol
               || (a.protocol == b.protocol && a.ports.overlaps(b.ports)));
}

// The flows that 'items' concern, once they are done.
class Ending {
public:
    Ending(const Wired &was, const Wired &becomes,
           const std::vector<Item> &items)
        : was_{*was.nat}, becomes_{*becomes.nat}
    {
        step_.untranslated = newly_translated(was, becomes);
        for (const Item &item : items) {
            if (item.table == "rules" && !item.becomes) {
                step_.marks.push_back(entry_number(item.key));
            } else if (item.becomes) {
                note_arrival(item);
                note_source(item);
            }
        }
    }

    // Nothing if there are none.
    std::optional<Step>
    step(bool becomes)
    {
        step_.was = !becomes;
        step_.becomes = becomes;
        const bool is_empty = step_.marks.empty() && step_.arrivals.empty()
                              && step_.untranslated.empty();
        return is_empty ? std::nullopt : std::optional<Step>{step_};
    }

private:
    void
    note_arrival(const Item &item)
    {
        const std::string_view name = item.table;
        const auto rank
            = std::ranges::find(destinations, name.substr(0, name.size() - 1));
        if (rank == destinations.end()) {
            return;
        }
        const Destination to = destination_of(name, item.key);
        const auto address = parse_ip(to.address);
        if (!address) {
            return;
        }
        End_flows::Arrival arrival{*address, to.protocol, to.ports, {}, {}};
        if (is_one_of(name, ranged)) {
            arrival.from = entry_range(fields_of(item.key).back());
        }
        for (auto later = rank + 1; later != destinations.end(); ++later) {
            add_marks(std::string{*later} + name.back(), to, arrival.over);
        }
        step_.arrivals.push_back(std::move(arrival));
    }

    // Of the rules in that table that could have taken flows to there.
    void
    add_marks(const std::string &name, const Destination &to,
              std::vector<uint32_t> &marks) const
    {
        const Nat_table &table = becomes_.table(name);
        auto entry = table.lower_bound(std::string{to.address});
        for (; entry != table.end() && entry->first.starts_with(to.address);
             ++entry) {
            if (overlap(destination_of(name, entry->first), to)) {
                marks.push_back(entry_number(entry->second));
            }
        }
    }

    // A source that was translated all the same keeps its flows.
    void
    note_source(const Item &item)
    {
        const bool is_default = is_one_of(item.table, {"default"});
        if (!is_default
            && !is_one_of(item.table,
                          {"hosts", "hosts_by_peer", "networks"})) {
            return;
        }
        const auto fields = fields_of(item.key);
        const auto &defaults
            = was_.table(std::string{"default"} + item.table.back());
        if (defaults.contains(std::string{fields[0]})) {
            return;
        }
        Ip none;
        none.family = item.table.back() == '4' ? Family::ipv4 : Family::ipv6;
        const auto source
            = is_default ? everybody(none.family) : entry_range(fields.at(1));
        if (source) {
            step_.untranslated.push_back(*source);
        }
    }

    const Nat &was_, &becomes_;
    End_flows step_;
};

} // namespace

// Rules are there before the addresses and the ports that they are for.  What
// is changed waits until all that is new is there, and a port that goes keeps
// its translation until it is down.
void
Planner::load_new_nat()
{
    const Nat &wished = *wished_.kernel.nat;
    const bool is_right = now_.kernel.nat && !now_.kernel.nat->damaged;
    if (!is_right) {
        add(Set_nat{now_.kernel.nat, wished});
        return;
    }
    // On the way back this comes last, when the rules are what they were.
    const auto all = difference(*now_.kernel.nat, wished);
    const Change_nat back = std::get<Change_nat>(inverse(Change_nat{all}));
    if (const auto step
        = Ending{wished_.kernel, now_.kernel, back.entries}.step(false)) {
        add(*step);
    }
    Change_nat fresh;
    for (const Item &item : all) {
        if (!item.was && !may_overlap(*now_.kernel.nat, item)) {
            fresh.entries.push_back(item);
        }
    }
    if (!fresh.entries.empty()) {
        add(fresh);
    }
}

void
Planner::load_rest_of_nat()
{
    Change_nat rest{difference(*now_.kernel.nat, *wished_.kernel.nat)};
    if (!rest.entries.empty()) {
        add(std::move(rest));
    }
}

// As a namespace that is new, so has a table that was broken no rule to tell
// flows by; but those that began meanwhile have no mark of one.
void
Planner::end_flows()
{
    const auto &was = seen_.kernel.nat;
    if (!was) {
        return;
    }
    if (was->damaged) {
        End_flows all;
        all.marks = {no_mark, mark_untranslated};
        add(all);
        return;
    }
    const auto items = difference(*was, *wished_.kernel.nat);
    if (const auto step
        = Ending{seen_.kernel, wished_.kernel, items}.step(true)) {
        add(*step);
    }
}

} // namespace snat
