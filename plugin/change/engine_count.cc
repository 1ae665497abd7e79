// What the rules of routers have translated, on demand or at an interval.

#include "change/engine.hh"

#include "router/rules.hh"

#include <algorithm>

namespace snat {

using std::chrono::milliseconds;

void
Engine::count(const std::string &router, bool write,
              std::function<void(Result<Nat_counts>)> then)
{
    const auto found = routers_.find(router);
    if (found == routers_.end()) {
        then(Error{0, "there is no router " + router});
        return;
    }
    world_.kernel.count({router},
                        [this, router, write, then = std::move(then)](
                            const Result<Nat_counts> &counts) {
                            const auto life = routers_.find(router);
                            if (counts && life != routers_.end()) {
                                note_counts(life->second, *counts, write);
                            }
                            then(counts);
                        });
}

void
Engine::note_counts(Life &life, const Nat_counts &counts, bool write)
{
    // What is not read again and again would soon not be so any more.
    if (life.good && life.limits.stats_interval) {
        metrics_.add(life.counted.get(), counts);
        life.counted = std::make_shared<const Nat_counts>(counts);
    }
    if (write) {
        write_counts(life, counts);
    }
}

void
Engine::write_counts(const Life &life, const Nat_counts &counts)
{
    std::map<Row_id, Nat_count> rows;
    for (const auto &[rule, id] : life.accepted.rules) {
        const auto count = counts.find(rule_words(rule));
        if (count != counts.end()) {
            rows[id] = count->second;
        }
    }
    world_.journal.show_counts(life.name, rows);
}

// Routers whose options ask for it, each round as long as the shortest of
// their intervals.
void
Engine::count_at_interval()
{
    milliseconds round{};
    for (const auto &[name, life] : routers_) {
        const milliseconds own{life.limits.stats_interval};
        if (own != milliseconds{}
            && (round == milliseconds{} || own < round)) {
            round = own;
        }
    }
    if (counting_ || round == milliseconds{}) {
        return;
    }
    counting_ = true;
    world_.clock.after(round, [this] {
        counting_ = false;
        const auto now = world_.clock.now();
        for (auto &[name, life] : routers_) {
            const milliseconds own{life.limits.stats_interval};
            if (own != milliseconds{} && now >= life.next_count) {
                life.next_count = now + own;
                count(name, true, [](const Result<Nat_counts> &) {});
            }
        }
        count_at_interval();
    });
}

} // namespace snat
