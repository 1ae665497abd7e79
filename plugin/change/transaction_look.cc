// What is there, and whether there is anything to do.

#include "change/transaction.hh"

#include "plan/plan.hh"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <ranges>
#include <set>

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr const char *not_running = "ovs-vswitchd is not running";

} // namespace

void
Transaction::observe(void (Transaction::*then)(Wired))
{
    // This look may tell otherwise.
    lacks_switch_ = lacks_switch_ && phase_ == Phase::undoing;
    Observe what;
    what.router = job_.change.router;
    what.links = links();
    what.lent = !wished_.kernel.exists;
    what.remembered = trusts_news();
    what.expected = expected_;
    if (!what.remembered) {
        what.sysctls = sysctls();
    }
    ask(kernel_process);
    world_.kernel.observe(what, [self = shared_from_this(), then,
                                 remembered = what.remembered,
                                 look = ++look_](Result<Wired> seen) {
        if (look != self->look_) {
            return; // Nobody waits for it any more.
        }
        if (!seen) {
            self->fail_to_look(seen.error(), then);
            return;
        }
        if (remembered) {
            seen->sysctls = self->wished_.kernel.sysctls;
        }
        (self.get()->*then)(std::move(*seen));
    });
}

// Tables that keep changing, as those of addresses do while thousands are
// checked for duplicates, are looked at again.
void
Transaction::fail_to_look(const Error &error, void (Transaction::*then)(Wired))
{
    const milliseconds patience{job_.limits.check_timeout};
    if (error.code != EAGAIN || !look_later(patience, then)) {
        fail(error);
    }
}

std::vector<std::string>
Transaction::sysctls() const
{
    std::set<std::string> keys;
    for (const auto *router : {&job_.before, &job_.after}) {
        if (*router) {
            std::ranges::copy(std::views::keys(wire_sysctls(**router)),
                              std::inserter(keys, keys.end()));
        }
    }
    return {keys.begin(), keys.end()};
}

// Whether it is enough for a look that no news have told of anything else than
// what it remembers; of sysctls, of which none tell, the sweep takes care.
// Who finds anything amiss looks anew.
bool
Transaction::trusts_news() const
{
    const bool changes_rules_only
        = !is_repair() && job_.before && job_.after
          && job_.before->ports == job_.after->ports
          && job_.before->settings == job_.after->settings;
    return changes_rules_only && phase_ != Phase::undoing && !job_.resumed
           && !looking_since_;
}

Picture
Transaction::complete(Wired wired) const
{
    Picture seen;
    seen.kernel = std::move(wired);
    seen.switch_ports = world_.vswitch.owned(job_.change.router);
    const auto asked = links();
    auto names = asked;
    std::ranges::copy(std::views::keys(seen.kernel.links),
                      std::back_inserter(names));
    for (const auto &[name, type] : world_.vswitch.user_ports(names)) {
        seen.user_ports.insert(name);
    }
    std::erase_if(seen.kernel.links, [&](const auto &link) {
        return std::ranges::find(asked, link.first) == asked.end()
               && !seen.user_ports.contains(link.first);
    });
    seen.open_ports = world_.vswitch.open_ports(asked);
    for (const auto &[name, device] : seen.kernel.on_node) {
        // A pair bears our mark.
        const bool ours
            = device.wiring == Wiring::veth || was_ours(name, seen);
        if (device.abandoned && ours) {
            seen.left.insert(name);
        }
    }
    return seen;
}

// Whether the row that a tap on the node was made for can only have been
// ours: it asks for a pair by now, or was the router's and is gone.
bool
Transaction::was_ours(const std::string &name, const Picture &seen) const
{
    const auto row = seen.switch_ports.find(name);
    if (row != seen.switch_ports.end()) {
        return row->second.wiring == Wiring::veth;
    }
    const auto had = [&](const std::optional<Router> &router) {
        return wish_switch_ports(router).contains(name);
    };
    return !seen.user_ports.contains(name)
           && (had(job_.before)
               || (had(job_.after) && (job_.resumed || applied_ > 0)));
}

void
Transaction::consider(Wired wired)
{
    if (wired.name == Name_state::foreign && wished_.kernel.exists) {
        fail({0, "the name " + namespace_name(job_.change.router)
                     + " is taken by " + wired.taken_by
                     + ", which is not ours and left alone: remove it, or "
                       "rename the router"});
        return;
    }
    if (is_overtaken()) {
        finish(End::unchanged);
        return;
    }
    namespace_is_gone_
        = job_.resumed && !wished_.kernel.exists && !wired.exists;
    const Picture seen = complete(std::move(wired));
    steps_ = plan(wished_, seen);
    const bool is_to_do = !steps_.empty() || job_.resumed;
    if (const Checks checks = this->checks(); is_to_do && checks != Checks{}) {
        steps_ = plan(wished_, seen, checks);
    }
    if (job_.dry_run) {
        finish(End::unchanged);
        return;
    }
    if (meets_leaving(steps_, seen)
        && look_later(leaving_timeout, &Transaction::consider)) {
        return;
    }
    if (may_be_early() && look_later(news_timeout, &Transaction::consider)) {
        return;
    }
    if (steps_.empty() && job_.resumed) {
        check();
    } else if (const auto port = find_taken(steps_, seen);
               port && !job_.resumed) {
        fail({EEXIST, "cannot add the port " + *port
                          + " to the switch: the node has a device of that "
                            "name already, which is not ours"});
    } else if (job_.resumed && needs_dead_switch()) {
        put_off(not_running);
    } else if (steps_.empty() || needs_dead_switch()) {
        note_unusable(seen);
        finish(End::unchanged);
    } else if (!job_.repairs) {
        drift_ = "not as it should be, and left so (option drift=observe); "
                 + (steps_.size() == 1
                        ? std::string{"one step would repair it: "}
                        : "first of " + std::to_string(steps_.size())
                              + " steps to repair it: ")
                 + words(steps_.front());
        finish(End::unchanged);
    } else {
        record();
    }
}

// Not begun, and to be tried again: what the record says stays true.
void
Transaction::put_off(const std::string &why)
{
    lacks_switch_ = true;
    if (job_.backwards) {
        job_.change.state = Change_state::undo_failed; // And stays so.
    }
    finish(End::undo_failed, why);
}

// A repair that only ovs-vswitchd can complete waits until it runs.
bool
Transaction::needs_dead_switch() const
{
    return is_repair() && !world_.vswitch.is_running()
           && std::ranges::any_of(steps_, is_switch_step);
}

// What is found may be but the beginning of what is asked for by now: as a
// port's row is made one of another type, ovs-vswitchd deletes its device.
bool
Transaction::is_overtaken() const
{
    return is_repair() && !job_.resumed && job_.superseded
           && job_.superseded();
}

// Of a port that somebody deletes, ovs-vswitchd lets go at once: the kernel
// may tell so before the database has told that the row is gone.
bool
Transaction::may_be_early() const
{
    return is_repair() && !job_.resumed
           && std::ranges::any_of(steps_, [](const Step &step) {
                  return std::holds_alternative<Set_open>(step);
              });
}

void
Transaction::note_unusable(const Picture &seen)
{
    const auto unusable = find_unusable(wished_, seen);
    const auto unready = world_.vswitch.find_unready(links());
    lacks_switch_ = needs_dead_switch()
                    || (!unusable && unready && wished_.kernel.exists);
    if (needs_dead_switch()) {
        unusable_ = not_running;
    } else if (unusable) {
        unusable_ = unusable->what;
    } else if (lacks_switch_) {
        unusable_ = *unready;
    }
}

} // namespace snat
