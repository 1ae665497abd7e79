// What changes behind our back.

#include "change/engine.hh"

#include <algorithm>

namespace snat {
namespace {

using std::chrono::milliseconds;

// Between two looks at what is always moving.
constexpr milliseconds look_pause{100};

constexpr milliseconds first_truce{1000}, longest_truce{60000};

} // namespace

void
Engine::moved(const Moved &moved)
{
    const auto look_at = [this](Life &life) {
        if (suspect(life)) {
            consider_later(life.name);
        }
    };
    if (moved.all) {
        for (auto &[name, life] : routers_) {
            look_at(life);
        }
        return;
    }
    for (const std::string &router : moved.routers) {
        const auto found = routers_.find(router);
        if (found != routers_.end()) {
            look_at(found->second);
        }
    }
    for (const std::string &link : moved.links) {
        if (const std::string *holder = holder_of(link)) {
            look_at(routers_.at(*holder));
        }
    }
}

// What is neither wired nor being so has nothing that could move.  False if
// that makes no difference.
bool
Engine::suspect(Life &life)
{
    return !std::exchange(life.suspect,
                          life.suspect || life.good || life.running)
           && life.suspect;
}

// Somebody may have edited or deleted rows of ours.
void
Engine::notice_rows(Life &life)
{
    auto rows = world_.vswitch.owned(life.name);
    if (rows != life.rows) {
        life.rows = std::move(rows);
        life.suspect = true;
    }
}

void
Engine::look_for_drift(Life &life)
{
    life.cause = "drift";
    life.observes = life.limits.observe_drift;
    start(life, new_job(life));
}

// How long not to look again after a look, be it that it found nothing.
milliseconds
Engine::rest_after_look(Life &life, const Transaction::Ending &ending)
{
    const milliseconds now = world_.clock.now();
    if (ending.end == Transaction::End::committed) {
        life.fight.repaired(now);
    }
    if (!life.fight.is_on(now)) {
        life.truce.reset();
        return look_pause;
    }
    life.drift = "somebody keeps undoing what ovs-snatd repairs; it looks "
                 "again ever more seldom";
    life.suspect = true; // To see whether the fight is over.
    return life.truce.next(first_truce, longest_truce);
}

// What no event tells, as most sysctls: each router is looked at once in a
// while, one after the other.
void
Engine::sweep()
{
    const milliseconds round{limits_.sweep_interval};
    if (sweeping_ || round == milliseconds{}) {
        return;
    }
    sweeping_ = true;
    auto next = routers_.upper_bound(swept_);
    if (next == routers_.end()) {
        look_for_orphans();
        next = routers_.begin();
    }
    if (next != routers_.end()) {
        swept_ = next->first;
        if (suspect(next->second)) {
            consider_later(next->first);
        }
    }
    const auto share
        = round / static_cast<int64_t>(std::max<size_t>(1, routers_.size()));
    world_.clock.after(std::max(share, milliseconds{1}), [this] {
        sweeping_ = false;
        sweep();
    });
}

} // namespace snat
