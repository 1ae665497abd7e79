// What changes behind our back.

#include "change/engine.hh"

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
    for (const auto &[name, life] : routers_) {
        if (moved.all) {
            suspect(name);
        }
    }
    for (const std::string &router : moved.routers) {
        suspect(router);
    }
    for (const std::string &link : moved.links) {
        const auto holder = holders_.find(link);
        if (holder != holders_.end()) {
            suspect(holder->second);
        }
    }
    consider_later();
}

// What is not wired has nothing that could move.
void
Engine::suspect(const std::string &router)
{
    const auto found = routers_.find(router);
    if (found != routers_.end() && found->second.good) {
        found->second.suspect = true;
    }
}

void
Engine::look_for_drift(Life &life)
{
    life.cause = "drift";
    Job job = new_job(life);
    job.repairs = !life.limits.observe_drift;
    start(life, std::move(job));
}

// After a look, be it that it found nothing.
void
Engine::note_drift(Life &life, const Transaction::Ending &ending)
{
    const milliseconds now = world_.clock.now();
    if (ending.end == Transaction::End::committed) {
        life.fight.repaired(now);
    }
    if (!life.fight.is_on(now)) {
        life.truce.reset();
        wait(life, look_pause);
        return;
    }
    life.drift = "somebody keeps undoing what ovs-snatd repairs; it looks "
                 "again ever more seldom";
    life.suspect = true; // To see whether the fight is over.
    wait(life, life.truce.next(first_truce, longest_truce));
}

} // namespace snat
