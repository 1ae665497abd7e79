// The end of the way forward: it is read back until all is as wished and
// usable.

#include "change/transaction.hh"

#include "plan/plan.hh"

#include <algorithm>
#include <utility>

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{2};
constexpr milliseconds longest_pause{100};

// How often the change goes on with what ovs-vswitchd has spoilt; whoever
// does so all the time has his way in the end.
constexpr int most_mended = 3;

bool
sets_only_node_end(const Step &step)
{
    const auto *device = std::get_if<Set_device>(&step);
    if (!device || !device->was || !device->becomes) {
        return false;
    }
    Device was = *device->was;
    was.node_up = device->becomes->node_up;
    return was == *device->becomes;
}

// Letting go late of a device that is gone, ovs-vswitchd sets the new one of
// that name to how it had found the old one.  And that it has the old one open
// it may tell only after the new one was made.
bool
can_be_mended(const std::vector<Step> &rest)
{
    return !rest.empty() && std::ranges::all_of(rest, [](const Step &step) {
        return sets_only_node_end(step)
               || std::holds_alternative<Set_open>(step)
               || std::holds_alternative<Remove_abandoned>(step);
    });
}

// Whether something of that name is on the node that no step would delete.
bool
is_leaving(const std::string &name, const Picture &seen)
{
    const auto device = seen.kernel.on_node.find(name);
    return device != seen.kernel.on_node.end()
           && (device->second.wiring == Wiring::veth
               || !seen.left.contains(name));
}

} // namespace

void
Transaction::check()
{
    enter(Phase::checking);
    if (std::exchange(looks_ahead_, false)) {
        return;
    }
    looking_since_.reset();
    observe(&Transaction::checked);
}

// Whether it has been looked again and again for so long.
bool
Transaction::looked_for(milliseconds time) const
{
    return looking_since_ && world_.clock.now() - *looking_since_ >= time;
}

// A namespace that nobody holds any more, dropped or lost in a crash, takes
// its pairs with it, but in the kernel's own time; as ovs-vswitchd does with
// what it has made.
bool
Transaction::meets_leaving(const std::vector<Step> &steps, const Picture &seen)
{
    return std::ranges::any_of(
               steps,
               [&](const Step &step) {
                   const auto *make = std::get_if<Set_device>(&step);
                   const auto *remove = std::get_if<Remove_abandoned>(&step);
                   return (make && !make->was && is_leaving(make->link, seen))
                          || (remove && is_leaving(remove->link, seen));
               })
           || find_taken(steps, seen);
}

// A port to be added for a device that the switch makes, while there is one of
// its name that the router has not: ovs-vswitchd would take even a stranger's
// for its own.
std::optional<std::string>
Transaction::find_taken(const std::vector<Step> &steps, const Picture &seen)
{
    for (const Step &step : steps) {
        if (const auto *rows = std::get_if<Set_switch>(&step)) {
            for (const auto &[port, was, becomes] : rows->ports) {
                if (!was && becomes && becomes->wiring == Wiring::internal
                    && is_leaving(port, seen)
                    && !seen.kernel.links.contains(port)
                    && !seen.switch_ports.contains(port)) {
                    return port;
                }
            }
        }
    }
    return std::nullopt;
}

// Observes again after a pause; false if 'patience' has come to its end.
bool
Transaction::look_later(milliseconds patience,
                        void (Transaction::*then)(Wired))
{
    if (!looking_since_) {
        looking_since_ = world_.clock.now();
        look_pause_ = first_pause;
    }
    if (looked_for(patience)) {
        return false;
    }
    asked_ = nullptr;
    world_.clock.after(look_pause_, [self = shared_from_this(), then] {
        self->observe(then);
    });
    look_pause_ = std::min(2 * look_pause_, longest_pause);
    return true;
}

void
Transaction::look_again(const std::string &why)
{
    if (!look_later(milliseconds{job_.limits.check_timeout},
                    &Transaction::checked)) {
        give_up(why);
    }
}

// What is gone again because nobody asks for it any more will not come back:
// a user's port that was deleted in the middle of the change.
void
Transaction::look_again_if_asked_for(const std::string &why)
{
    if (job_.superseded && job_.superseded()) {
        give_up(why + ", and something else is asked for by now");
    } else {
        look_again(why);
    }
}

void
Transaction::give_up(const std::string &why)
{
    fail({0, "the check after the change failed: " + why});
}

// Damage may be done, or not be over, while a change is under way: of a port
// whose row has been deleted, ovs-vswitchd makes the device anew for the row
// that was brought back, and one that is started again makes all of its own.
// Whoever asks for something else by now does none.
bool
Transaction::can_be_repaired(const std::vector<Step> &rest) const
{
    const bool is_wanted_edit = wished_.kernel.exists && !job_.backwards
                                && !(job_.superseded && job_.superseded());
    return !rest.empty() && looked_for(news_timeout)
           && (is_repair() || is_wanted_edit)
           && std::ranges::all_of(rest, is_kernel_step);
}

void
Transaction::checked(Wired wired)
{
    const Picture seen = complete(std::move(wired));
    const auto rest = plan(wished_, seen);
    if (can_be_mended(rest) || can_be_repaired(rest)) {
        if (meets_leaving(rest, seen) && !looked_for(leaving_timeout)) {
            look_again("still to do: " + words(rest.front()));
            return;
        }
        if (mended_++ < most_mended) {
            record_more(rest);
            return;
        }
    }
    if (!rest.empty()) {
        look_again_if_asked_for("still to do: " + words(rest.front()));
        return;
    }
    const auto device = find_leftover(seen);
    if (device && (!wished_.kernel.exists || !waited_for_switch())) {
        look_again("the device " + *device + " is still there");
        return;
    }
    if (job_.backwards) { // As it was, be that usable or not.
        commit();
        return;
    }
    if (auto unusable = find_unusable(wished_, seen)) {
        if (unusable->lasting) {
            give_up(unusable->what);
        } else {
            look_again(unusable->what);
        }
        return;
    }
    std::vector<std::string> ports;
    for (const auto &[name, link] : wished_.kernel.links) {
        ports.push_back(name);
    }
    if (auto unready = world_.vswitch.find_unready(ports)) {
        lacks_switch_ = true;
        look_again_if_asked_for(*unready);
        return;
    }
    commit();
}

// A device of the switch that is still on the node, though its row was ours
// and is gone: ovs-vswitchd is about to delete it, or dies before it has.
std::optional<std::string>
Transaction::find_leftover(const Picture &seen) const
{
    for (const auto *router : {&job_.before, &job_.after}) {
        for (const auto &[name, row] : wish_switch_ports(*router)) {
            const auto device = seen.kernel.on_node.find(name);
            if (row.wiring == Wiring::internal
                && device != seen.kernel.on_node.end()
                && device->second.wiring == Wiring::internal
                && !seen.switch_ports.contains(name)
                && !seen.user_ports.contains(name)
                && !seen.left.contains(name)) {
                return name;
            }
        }
    }
    return std::nullopt;
}

// What is still there after so long may be a stranger's of the same name.
bool
Transaction::waited_for_switch() const
{
    return looked_for(milliseconds{job_.limits.check_timeout});
}

} // namespace snat
