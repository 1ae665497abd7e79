#include "kernel/execute.hh"

#include "kernel/abandoned.hh"
#include "kernel/anycast.hh"
#include "kernel/device.hh"
#include "kernel/failure.hh"
#include "kernel/links.hh"
#include "kernel/move.hh"
#include "kernel/nft.hh"
#include "kernel/proxies.hh"
#include "kernel/route_rules.hh"
#include "kernel/routes.hh"
#include "kernel/set_addresses.hh"

#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

namespace snat {
namespace {

// Whether a step only takes something away, so that it is done where there
// is nothing left to take it from.
bool
takes_away(const Step &step)
{
    const auto says = [](const auto &s) {
        using T = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<T, Move_device>) {
            return !s.inward;
        } else if constexpr (requires { s.becomes.has_value(); }) {
            return !s.becomes.has_value();
        } else if constexpr (requires { s.becomes.empty(); }) {
            return s.becomes.empty();
        } else if constexpr (
            !requires { s.becomes; } || requires { s.ports; }) {
            return false; // Not one inside a namespace.
        } else {
            return !s.becomes;
        }
    };
    return std::visit(says, step);
}

// Whether the news of what the step does to Seen_inside are there when it is
// done.
bool
tells_at_once(const Step &step)
{
    return std::holds_alternative<Change_hosts>(step)
           || std::holds_alternative<Change_nat>(step)
           || std::holds_alternative<Set_nat>(step)
           || std::holds_alternative<End_flows>(step);
}

// The link that listens to router advertisements no more.  The routes that it
// has of them would be in the way of those that are given instead.
std::optional<std::string>
deaf_link(const Set_sysctl &step)
{
    constexpr std::string_view start = "net/ipv6/conf/";
    if (step.was != "2" || step.becomes == "2"
        || !step.key.starts_with(start)) {
        return std::nullopt;
    }
    const auto link
        = step.key.substr(start.size(), step.key.rfind('/') - start.size());
    const auto [advertisements, proxies] = link_sysctls(link);
    return advertisements == step.key ? std::optional{link} : std::nullopt;
}

// One overload for each kind of step that happens inside a namespace.  A step
// that fails has had no effect.
class Inside {
public:
    Inside(Namespace &inside, Sysctls &sysctls, Flow_ender &flow_ender,
           const std::string &router, bool undoing)
        : inside_{inside}, sysctls_{sysctls},
          flow_ender_{flow_ender}, router_{router}, undoing_{undoing}
    {
    }

    Outcome operator()(const Set_nat &step) const;
    Outcome operator()(const Change_nat &step) const;
    Outcome operator()(const End_flows &step) const;
    Outcome operator()(const Set_sysctl &step) const;
    Outcome operator()(const Set_up &step) const;
    Outcome operator()(const Set_addresses &step) const;
    Outcome operator()(const Change_hosts &step) const;
    Outcome operator()(const Set_proxies &step) const;
    Outcome operator()(const Set_route &step) const;
    Outcome operator()(const Set_route_rule &step) const;
    Outcome
    operator()(const Set_device &step) const
    {
        return set_device(inside_, router_, step);
    }
    Outcome
    operator()(const Move_device &step) const
    {
        return move_device(inside_, step);
    }
    // Set_namespace, Set_name, Remove_abandoned and those of the switch.
    Outcome
    operator()(const auto &) const
    {
        return Error{EINVAL, "this step is not one inside a namespace"};
    }

private:
    Namespace &inside_;
    Sysctls &sysctls_;
    Flow_ender &flow_ender_;
    const std::string &router_;
    bool undoing_;
};

Outcome
Inside::operator()(const Set_nat &step) const
{
    const auto netfilter = inside_.netfilter();
    return netfilter ? set_nat(**netfilter, router_, step.becomes)
                     : netfilter.error();
}

Outcome
Inside::operator()(const Change_nat &step) const
{
    const auto netfilter = inside_.netfilter();
    return netfilter ? change_nat(**netfilter, step, inside_.nat_memory())
                     : netfilter.error();
}

Outcome
Inside::operator()(const End_flows &step) const
{
    const auto netfilter = inside_.netfilter();
    if (!netfilter) {
        return netfilter.error();
    }
    return step.becomes ? flow_ender_.end(router_, **netfilter, step)
                        : Outcome{Done{}};
}

// Who writes one of these tries for the lock of all links, and begins again at
// once as long as somebody else has it: restart_syscall() in
// devinet_sysctl_forward(), addrconf_sysctl_forward() and
// addrconf_sysctl_proxy_ndp().
bool
spins(const std::string &sysctl)
{
    return sysctl.ends_with("/ip_forward") || sysctl.ends_with("/forwarding")
           || sysctl.ends_with("/proxy_ndp");
}

// To set up what is up changes nothing, but waits for that lock asleep; right
// after, it is free more often than not.
Outcome
wait_for_lock(Namespace &inside)
{
    const auto route = inside.route();
    return route ? set_up(**route, "lo", true) : route.error();
}

// A sysctl without a former value could not be read: it was that of a device
// which was not there yet.  Undoing leaves those of gone devices alone.
Outcome
Inside::operator()(const Set_sysctl &step) const
{
    if (step.becomes.empty()) {
        return Done{};
    }
    if (spins(step.key)) {
        if (const Outcome waited = wait_for_lock(inside_); !waited) {
            return waited;
        }
    }
    const Outcome outcome = sysctls_.write(inside_, step.key, step.becomes);
    const bool gone = !outcome && outcome.error().code == ENOENT;
    if (const auto link = deaf_link(step); outcome && link) {
        const Outcome again = become_router_again(inside_, sysctls_, *link);
        if (!again) {
            (void)sysctls_.write(inside_, step.key, step.was);
        }
        return again;
    }
    return gone && undoing_ ? Outcome{Done{}} : outcome;
}

Outcome
Inside::operator()(const Set_up &step) const
{
    const auto route = inside_.route();
    return route ? set_up(**route, step.link, step.becomes) : route.error();
}

Outcome
Inside::operator()(const Set_addresses &step) const
{
    const auto route = inside_.route();
    if (!route) {
        return route.error();
    }
    const auto loses = loses_anycast(**route, step);
    if (!loses) {
        return loses.error();
    }
    const Outcome outcome = set_addresses(**route, step.link, step.becomes);
    if (!outcome || !*loses) {
        return outcome;
    }
    const Outcome restored = become_router_again(inside_, sysctls_, step.link);
    if (!restored) { // A step that fails has not happened.
        (void)set_addresses(**route, step.link, step.was);
    }
    return restored;
}

Outcome
Inside::operator()(const Change_hosts &step) const
{
    const auto route = inside_.route();
    return route ? change_hosts(**route, step) : route.error();
}

Outcome
Inside::operator()(const Set_route_rule &step) const
{
    const auto route = inside_.route();
    return route ? set_route_rule(**route, step) : route.error();
}

Outcome
Inside::operator()(const Set_proxies &step) const
{
    const auto route = inside_.route();
    return route ? set_proxies(**route, step) : route.error();
}

Outcome
Inside::operator()(const Set_route &step) const
{
    const auto route = inside_.route();
    return route ? set_route(**route, step) : route.error();
}

Error
on_purpose(int code)
{
    return {code, "made to fail on purpose: " + reason(code)};
}

} // namespace

Outcome
Executor::execute(const std::string &router, const Step &step, bool undoing)
{
    if (const auto *s = std::get_if<Set_namespace>(&step)) {
        return s->becomes ? namespaces_.make(router)
                          : namespaces_.drop(router);
    }
    if (const auto *s = std::get_if<Set_name>(&step)) {
        return s->becomes ? namespaces_.publish(router)
                          : namespaces_.unpublish(router);
    }
    const auto found = namespaces_.find(router);
    if (!found) {
        return found.error();
    }
    if (const auto *s = std::get_if<Remove_abandoned>(&step)) {
        return remove_abandoned(namespaces_.node(), s->link, router,
                                found->inside);
    }
    if (!found->inside) {
        const bool nothing_to_do
            = takes_away(step)
              || (undoing && std::holds_alternative<Set_sysctl>(step));
        return nothing_to_do
                   ? Outcome{Done{}}
                   : Error{ENOENT, "router " + router + " has no namespace"};
    }
    if (!tells_at_once(step)) {
        found->inside->seen().reset();
    }
    return std::visit(
        Inside{*found->inside, sysctls_, flow_ender_, router, undoing}, step);
}

Applied
Executor::apply(const Apply &what)
{
    return what.undoing ? apply_undo(what) : apply_forward(what);
}

Applied
Executor::apply_forward(const Apply &what)
{
    Applied applied;
    for (const Step &step : what.steps) {
        if (circumstances_.abandoned()) {
            return applied;
        }
        const Outcome outcome = what.strike.fail_at == applied.done
                                    ? on_purpose(what.strike.error)
                                    : execute(what.router, step, false);
        if (!outcome) {
            applied.error = outcome.error();
            undo(what, applied);
            return applied;
        }
        if (what.strike.crash_at == applied.done) {
            circumstances_.crash(what.strike.victim);
        }
        applied.done++;
    }
    return applied;
}

void
Executor::undo(const Apply &what, Applied &applied)
{
    for (size_t nth = 0; nth < applied.done; nth++) {
        if (circumstances_.abandoned()) {
            return;
        }
        undo_step(what, nth, inverse(what.steps[applied.done - 1 - nth]),
                  applied);
    }
}

void
Executor::undo_step(const Apply &what, size_t nth, const Step &step,
                    Applied &applied)
{
    if (loses_namespace(step)
        && (what.incomplete || !applied.outstanding.empty())) {
        applied.outstanding.push_back(step);
        return;
    }
    const Outcome outcome = what.strike.fail_undo_at == nth
                                ? on_purpose(what.strike.error)
                                : execute(what.router, step, true);
    if (what.strike.crash_undo_at == nth) {
        circumstances_.crash(what.strike.victim);
    }
    if (outcome) {
        return;
    }
    applied.outstanding.push_back(step);
    if (!applied.undo_error) {
        applied.undo_error = outcome.error();
    }
}

// Here the list is an undo already, so its own failures are those of undoing.
Applied
Executor::apply_undo(const Apply &what)
{
    Applied applied;
    for (size_t at = 0; at < what.steps.size(); at++) {
        if (circumstances_.abandoned()) {
            return applied;
        }
        const size_t failed = applied.outstanding.size();
        undo_step(what, at, what.steps[at], applied);
        applied.done += applied.outstanding.size() == failed;
    }
    return applied;
}

} // namespace snat
