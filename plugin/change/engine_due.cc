// Which routers have something to do.  Whatever may make a difference to one
// has it judged, which is to look at its rows again, or only considered; in
// the next pass that is done for these, in the order of their names, and for
// nobody else.

#include "change/engine.hh"

namespace snat {

void
Engine::judge_all()
{
    for (const auto &[name, life] : routers_) {
        to_judge_.insert(name);
    }
}

void
Engine::judge_later(const std::string &router)
{
    to_judge_.insert(router);
    come_back();
}

void
Engine::consider_later(const std::string &router)
{
    to_consider_.insert(router);
    come_back();
}

// Not from within an answer, and once for all that ends in one turn.
void
Engine::come_back()
{
    if (!std::exchange(comes_back_, true)) {
        world_.clock.after({}, [this] {
            comes_back_ = false;
            if (!to_judge_.empty()) {
                milestones_.add(numbers_);
                judge();
            }
            consider_due();
        });
    }
}

void
Engine::consider_due()
{
    const auto names = std::exchange(to_consider_, {});
    for (const std::string &name : names) {
        const auto found = routers_.find(name);
        if (found == routers_.end()) {
            continue;
        }
        consider(found->second);
        note_since(found->second);
        if (is_over(found->second)) {
            lacking_switch_.erase(name);
            found->second.unsettled_since.reset();
            found->second.edited_since.reset();
            note_since(found->second);
            routers_.erase(found);
        }
    }
    settle();
    if (!to_judge_.empty() || !to_consider_.empty()) {
        come_back();
    }
}

// A router that nobody asks for, that is not wired, and whose end has been
// told, is forgotten.
bool
Engine::is_over(const Life &life) const
{
    return !life.row && !life.good && !life.running && !life.queued
           && life.looked && !life.interrupted && life.failure.empty()
           && !life.confirm && life.rewriting.empty();
}

void
Engine::judge()
{
    const bool had_excess
        = std::exchange(excess_, routers_asked_for_ > limits_.max_routers);
    if (excess_ || had_excess) {
        judge_all();
    }
    const auto names = std::exchange(to_judge_, {});
    for (const std::string &name : names) {
        const auto found = routers_.find(name);
        if (found == routers_.end()) {
            continue;
        }
        Life &life = found->second;
        edit(life);
        hasten(life);
        notice_rows(life);
        remember(life);
        note_since(life);
        await_confirm(life);
        to_consider_.insert(name);
    }
    refuse_excess();
}

// Once it runs again its ports may be as they were, and tell nothing.
void
Engine::look_for_switch()
{
    if (lacking_switch_.empty()) {
        return;
    }
    const bool runs = world_.vswitch.is_running();
    if (!std::exchange(switch_runs_, runs) && runs) {
        to_judge_.insert(lacking_switch_.begin(), lacking_switch_.end());
    }
}

void
Engine::note_lack(Life &life, bool lacks_switch)
{
    life.lacks_switch = lacks_switch;
    if (!lacks_switch) {
        lacking_switch_.erase(life.name);
        return;
    }
    if (lacking_switch_.empty()) {
        switch_runs_ = world_.vswitch.is_running();
    }
    lacking_switch_.insert(life.name);
}

// Of what is settled now, nobody need be told by who waits for it.
void
Engine::note_since(Life &life)
{
    const auto since
        = life.unsettled_since ? life.unsettled_since : life.edited_since;
    const auto was = std::exchange(life.noted_since, since);
    if (was == since) {
        return;
    }
    if (was) {
        unsettled_.erase(unsettled_.find(*was));
    }
    if (since) {
        unsettled_.insert(*since);
    }
    wake_waiters(life);
}

// Of the edits that are not realised or refused yet, 'but' one router's.
std::optional<uint64_t>
Engine::oldest_unsettled(const Life *but) const
{
    auto oldest = unsettled_.begin();
    if (but && oldest != unsettled_.end() && but->noted_since == *oldest) {
        ++oldest;
    }
    return oldest == unsettled_.end() ? std::nullopt : std::optional{*oldest};
}

void
Engine::settle()
{
    if (auto passed = milestones_.pass(oldest_unsettled(nullptr))) {
        world_.journal.settle(passed->next_cfg, passed->vswitch_next_cfg);
    }
}

} // namespace snat
