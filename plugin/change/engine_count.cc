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

// If its options ask for it.
void
Engine::count_at_interval(Life &life)
{
    const milliseconds interval{life.limits.stats_interval};
    if (interval == milliseconds{}) {
        life.counted.reset(); // It is not read any more.
    }
    if (std::exchange(life.count_interval, interval) != interval
        && interval != milliseconds{}) {
        count_later(life);
    }
}

void
Engine::count_later(Life &life)
{
    life.next_count = world_.clock.now() + life.count_interval;
    world_.clock.after(life.count_interval, [this, name = life.name] {
        const auto found = routers_.find(name);
        // The interval may be another one, with a timer of its own.
        if (found != routers_.end()
            && found->second.count_interval != milliseconds{}
            && world_.clock.now() >= found->second.next_count) {
            count_later(found->second);
            count(name, true, [](const Result<Nat_counts> &) {});
        }
    });
}

} // namespace snat
