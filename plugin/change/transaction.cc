#include "change/transaction.hh"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace snat {

using std::chrono::milliseconds;

const char *
to_string(Transaction::Phase phase)
{
    constexpr const char *names[]
        = {"observing",  "recording", "applying", "checking",
           "committing", "undoing",   "closing"};
    return names[static_cast<size_t>(phase)];
}

namespace {

Many
many_of(const Wired &wired)
{
    Many many;
    many.nat = wired.nat.value_or(Nat{});
    for (const auto &[name, link] : wired.links) {
        if (!link.hosts.empty()) {
            many.hosts[name] = link.hosts;
        }
    }
    return many;
}

} // namespace

Transaction::Transaction(World &world, Fault &fault, Job job,
                         std::function<void(Ending)> done)
    : world_{world}, fault_{fault}, job_{std::move(job)}, done_{
                                                              std::move(done)}
{
    const auto *wanted = job_.backwards ? &job_.before : &job_.after;
    for (const auto *router : {&job_.before, &job_.after}) {
        Picture picture = wish(*router, *job_.translator);
        if (*router) {
            expected_.push_back(many_of(picture.kernel));
        }
        if (router == wanted) {
            wished_ = std::move(picture);
        }
    }
}

void
Transaction::start()
{
    entered_at_ = world_.clock.moment();
    observe(&Transaction::consider);
}

// The end of a phase, and the beginning of the next.
void
Transaction::enter(Phase phase)
{
    const auto now = world_.clock.moment();
    auto &time = effort_.times[static_cast<size_t>(phase_)];
    time = time.value_or(std::chrono::nanoseconds{}) + now - entered_at_;
    entered_at_ = now;
    phase_ = phase;
}

std::vector<std::string>
Transaction::links() const
{
    std::set<std::string> names{job_.links.begin(), job_.links.end()};
    for (const auto *router : {&job_.before, &job_.after}) {
        std::ranges::copy(port_names(*router),
                          std::inserter(names, names.end()));
    }
    return {names.begin(), names.end()};
}

// For find_late(): whoever is to answer next.
void
Transaction::ask(const char *whom)
{
    asked_ = whom;
    asked_at_ = world_.clock.now();
}

std::string
Transaction::find_late(milliseconds patience) const
{
    return asked_ && world_.clock.now() - asked_at_ >= patience ? asked_ : "";
}

void
Transaction::commit()
{
    enter(Phase::committing);
    Change &change = job_.change;
    change.state
        = job_.backwards ? Change_state::undone : Change_state::committed;
    if (job_.backwards) {
        note_undo(change.error); // Nothing is outstanding any more.
    } else {
        change.error.clear(); // Of an earlier try.
    }
    change.finished_at = world_.clock.wall_ms();
    write_record(!job_.backwards, [self
                                   = shared_from_this()](Outcome recorded) {
        if (recorded) {
            self->announce();
            self->finish(self->job_.backwards ? End::undone : End::committed);
        } else {
            self->fail(recorded.error());
        }
    });
}

void
Transaction::finish(End end)
{
    finish(end, end == End::committed ? "" : job_.change.error);
}

void
Transaction::finish(End end, const std::string &error)
{
    log(end, error);
    enter(phase_);
    effort_.steps += applied_;
    const auto done = std::move(done_);
    done({end, error, unusable_, drift_, lacks_switch_, steps_, refused_route_,
          phase_, effort_});
}

void
Transaction::log(End end, const std::string &error) const
{
    const Change &change = job_.change;
    const std::string router = "router " + change.router;
    if (end == End::committed) {
        world_.log(router + ": change " + std::to_string(change.number) + " ("
                   + change.cause + ") committed after "
                   + std::to_string(steps_.size()) + " steps");
    } else if (end != End::unchanged && change.number) {
        const auto &tell = end == End::undone ? world_.log : world_.alarm;
        tell(router + ": change " + std::to_string(change.number) + " ("
             + change.cause + ") "
             + (end == End::undone ? "undone: " : "not undone: ")
             + without_addresses(error));
    } else if (end != End::unchanged) {
        world_.log(router + ": not changed: " + without_addresses(error));
    }
}

// The addresses that the change brought, and all of a link that it made or
// changed.
void
Transaction::announce()
{
    std::map<std::string, std::set<Ip>> fresh;
    for (const Step &step : steps_) {
        if (const auto *s = std::get_if<Set_addresses>(&step)) {
            for (const Network &network : s->becomes) {
                if (!std::ranges::count(s->was, network)) {
                    fresh[s->link].insert(network.ip);
                }
            }
        } else if (const auto *h = std::get_if<Change_hosts>(&step)) {
            fresh[h->link].insert(h->becomes.begin(), h->becomes.end());
        } else if (const auto *p = std::get_if<Set_proxies>(&step)) {
            std::ranges::set_difference(
                p->becomes, p->was,
                std::inserter(fresh[p->link], fresh[p->link].end()));
        } else if (const auto *d = std::get_if<Set_device>(&step)) {
            fresh[d->link].merge(addresses_of(d->link));
        }
    }
    Announce what{job_.change.router, {}};
    for (const auto &[name, ips] : fresh) {
        if (!ips.empty()) {
            what.links[name] = {ips.begin(), ips.end()};
            effort_.announced += ips.size();
        }
    }
    if (!what.links.empty()) {
        world_.kernel.announce(what);
    }
}

// None of a port that goes.
std::set<Ip>
Transaction::addresses_of(const std::string &name) const
{
    const auto link = wished_.kernel.links.find(name);
    if (link == wished_.kernel.links.end()) {
        return {};
    }
    std::set<Ip> ips{link->second.hosts.begin(), link->second.hosts.end()};
    for (const Network &network : link->second.addresses) {
        ips.insert(network.ip);
    }
    ips.insert(link->second.proxies.begin(), link->second.proxies.end());
    return ips;
}

} // namespace snat
