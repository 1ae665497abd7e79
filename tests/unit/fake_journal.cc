// The journal of the world of values: changes, and the rows that show them.
#include "fake_world.hh"

#include <algorithm>
#include <utility>

namespace samples {

uint64_t
Fake_world::next_number()
{
    const uint64_t known = changes.empty() ? 0 : changes.rbegin()->first;
    last_number_ = std::max(last_number_, known) + 1;
    return last_number_;
}

bool
Fake_world::remembers(const std::string &router, uint64_t number) const
{
    const auto found = changes.find(number);
    return found != changes.end() && found->second.router == router;
}

void
Fake_world::record(const Change &change, const std::optional<News> &news,
                   std::function<void(Outcome)> then)
{
    answer([this, change, news, then] {
        if (const auto error
            = refuse_record ? refuse_record(change) : std::nullopt) {
            then(*error);
            return;
        }
        records++;
        changes[change.number] = change;
        good_rules[change.router] = change.good().nat();
        if (news) {
            told.push_back(*news);
        }
        then(Done{});
        if (news && news->confirm && confirms.contains(change.router)) {
            auto &row = confirms[change.router];
            const bool newer = row.asked_at != news->confirm->asked_at;
            const auto seconds = row.seconds;
            row = *news->confirm;
            row.seconds = newer ? seconds : 0;
            tell({});
        }
    });
}

void
Fake_world::show(const std::string &, const Status &status)
{
    // Router rows and their ports are told by what they hold.
    const std::string key = status.router_row ? status.router_row->uuid : "";
    shown[key] = status;
}

void
Fake_world::show_counts(const std::string &,
                        const std::map<Row_id, Nat_count> &rows)
{
    shown_counts = rows;
}

// By way of the texts that rows have.
std::vector<Change>
Fake_world::history() const
{
    std::vector<Record> all;
    for (const auto &[number, change] : changes) {
        all.push_back({change, texts_of(change)});
    }
    return read_history(std::move(all), good_rules);
}

void
Fake_world::rewrite(const Rewrite &what, std::function<void(Outcome)> then)
{
    answer([this, what, then] {
        const auto &waiting = what.unconfirmed;
        if (refuse_rewrite
            || (waiting && !what.begins && !confirms.erase(waiting->router))) {
            then(refuse_rewrite.value_or(Error{0, "confirmed"}));
            return;
        }
        then(Done{});
        tell(what);
    });
}

void
Fake_world::forget_request(const Confirm &confirm)
{
    answer([this, confirm] {
        auto &row = confirms[confirm.router];
        if (row.asked_at == confirm.asked_at) {
            row.seconds = 0;
        }
        if (!row.is_asked() && !row.is_waiting()) {
            confirms.erase(confirm.router);
        }
        tell({});
    });
}

void
Fake_world::forget(const Confirm &confirm)
{
    answer([this, confirm] {
        confirms.erase(confirm.router);
        tell({});
    });
}

void
Fake_world::settle(int64_t next_cfg, int64_t vswitch_next_cfg)
{
    settled.emplace_back(next_cfg, vswitch_next_cfg);
}

void
Fake_world::tell(const Rewrite &what)
{
    if (rewritten) {
        rewritten(what);
    }
}

} // namespace samples
