// The checks that ask the networks: options verify-duplicates and
// verify-gateway.

#include "change/transaction.hh"

#include <vector>

namespace snat {
namespace {

std::vector<std::string>
asked_links(const Verify &step)
{
    std::vector<std::string> names;
    for (const auto &[name, ips] : step.links) {
        names.push_back(name);
    }
    return names;
}

// A port that cannot hear anybody yet.
std::optional<std::string>
find_deaf(const Verify &step, const Wired &wired)
{
    for (const auto &[name, ips] : step.links) {
        const auto link = wired.links.find(name);
        if (link == wired.links.end() || !link->second.carrier) {
            return "the port " + name + " has no carrier";
        }
    }
    return std::nullopt;
}

} // namespace

// The way back is never barred.  Nor is a repair by next hops that do not
// answer: the router would serve nobody better for being left as it is.
Checks
Transaction::checks() const
{
    Checks checks;
    checks.duplicates = job_.limits.verify_duplicates && !job_.backwards;
    if (job_.limits.verify_gateway && !job_.backwards) {
        checks.next_hops = changed_next_hops(job_.before, job_.after);
    }
    return checks;
}

void
Transaction::verify()
{
    looking_since_.reset();
    observe(&Transaction::ask_once_usable);
}

// Nobody answers by a port that the switch does not serve yet.
void
Transaction::ask_once_usable(Wired wired)
{
    const auto &step = std::get<Verify>(steps_[applied_]);
    const auto unready = world_.vswitch.find_unready(asked_links(step));
    const auto deaf = unready ? unready : find_deaf(step, wired);
    if (deaf) {
        lacks_switch_ = unready.has_value();
        if (!look_later(std::chrono::milliseconds{job_.limits.check_timeout},
                        &Transaction::ask_once_usable)) {
            answered(Error{0, *deaf});
        }
        return;
    }
    const Strike strike
        = fault_.strike(job_.change.router, applied_, 1, undone_);
    fault_.spend(strike, 0);
    if (strike.fail_at) {
        answered(Error{strike.error, "failed on purpose"});
        return;
    }
    ask(step.answers ? "an answer of a next hop"
                     : "an answer that an address is free");
    world_.kernel.probe({job_.change.router, step.links, step.answers,
                         job_.limits.verify_timeout},
                        [self = shared_from_this(), strike](Outcome outcome) {
                            if (outcome && strike.crash_at) {
                                self->world_.crash(strike.victim);
                            }
                            self->answered(outcome);
                        });
}

void
Transaction::answered(const Outcome &outcome)
{
    if (outcome) {
        applied_++;
        go_on();
        return;
    }
    const auto &step = std::get<Verify>(steps_[applied_]);
    fail({outcome.error().code,
          std::string{"the check "}
              + (step.answers ? "verify-gateway" : "verify-duplicates")
              + " failed: " + outcome.error().what});
}

} // namespace snat
