// The end of the way forward: it is read back until all is as wished and
// usable.

#include "change/transaction.hh"

#include "plan/plan.hh"

#include <algorithm>

namespace snat {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{2};
constexpr milliseconds longest_pause{100};

// A namespace that is dropped takes its pairs with it, in the kernel's own
// time; but somebody may hold it whom we do not know.
constexpr milliseconds pairs_timeout{1000};

// How often the change goes on with what ovs-vswitchd has spoilt; whoever
// does so all the time has his way in the end.
constexpr int most_mended = 3;

// Letting go late of a device that is gone, ovs-vswitchd sets the new one of
// that name to how it had found the old one.
bool
was_set_down(const Step &step)
{
    const auto *device = std::get_if<Set_device>(&step);
    if (!device || !device->was || !device->becomes) {
        return false;
    }
    Device was = *device->was;
    was.node_up = true;
    return was == *device->becomes;
}

bool
can_be_mended(const std::vector<Step> &rest)
{
    return !rest.empty() && std::ranges::all_of(rest, [](const Step &step) {
        return was_set_down(step)
               || std::holds_alternative<Remove_abandoned>(step);
    });
}

} // namespace

void
Transaction::check()
{
    phase_ = Phase::checking;
    look_until_ = {};
    observe(&Transaction::checked);
}

// Observes again after a pause; false if 'patience' has come to its end.
bool
Transaction::look_later(milliseconds patience,
                        void (Transaction::*then)(Wired))
{
    if (look_until_ == milliseconds{}) {
        look_until_ = world_.clock.now() + patience;
        look_pause_ = first_pause;
    }
    if (world_.clock.now() >= look_until_) {
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

void
Transaction::checked(Wired wired)
{
    const Picture seen = complete(std::move(wired));
    const auto rest = plan(wished_, seen);
    if (can_be_mended(rest) && mended_++ < most_mended) {
        record_more(rest);
        return;
    }
    if (!rest.empty()) {
        look_again_if_asked_for("still to do: " + words(rest.front()));
        return;
    }
    if (!wished_.kernel.exists) {
        checked_unwired(seen);
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

void
Transaction::checked_unwired(const Picture &seen)
{
    const auto device = find_leftover(seen);
    if (!device) {
        commit();
        return;
    }
    const milliseconds until = look_until_
                               - milliseconds{job_.limits.check_timeout}
                               + pairs_timeout;
    const bool is_late
        = look_until_ != milliseconds{} && world_.clock.now() >= until;
    if (is_late && seen.kernel.on_node.at(*device).wiring == Wiring::veth
        && mended_++ < most_mended) {
        record_more({Remove_abandoned{*device}});
    } else {
        look_again("the device " + *device + " is still there");
    }
}

// A device on the node that must go with the router: the end of a pair, or
// the switch's own where the port's row was ours.
std::optional<std::string>
Transaction::find_leftover(const Picture &seen) const
{
    for (const auto &[name, device] : seen.kernel.on_node) {
        bool ours = device.wiring == Wiring::veth;
        for (const auto &router : {job_.before, job_.after}) {
            const auto switch_ports = wish(router).switch_ports;
            ours = ours
                   || (switch_ports.contains(name)
                       && !seen.user_ports.contains(name));
        }
        if (ours) {
            return name;
        }
    }
    return std::nullopt;
}

} // namespace snat
