#include "kernel/probe.hh"

#include <algorithm>
#include <cerrno>

namespace snat {
namespace {

using std::chrono::milliseconds;

// So many wait for answers at once, each with two sockets at most; further
// ones wait until one has ended.
constexpr size_t most_running = 256;

// 500 frames a second over all: each goes to every port of its bridge.
constexpr int burst = 10;
constexpr milliseconds burst_interval{20};

} // namespace

void
Prober::start(uint64_t id, const Probe &what)
{
    forget(what.router);
    queue_.emplace_back(id, what);
}

void
Prober::forget(const std::string &router)
{
    const Error why{ECANCELED, "nobody waits for it any more"};
    std::erase_if(queue_, [&](const auto &entry) {
        const bool is_its = entry.second.router == router;
        if (is_its) {
            answers_.push_back({entry.first, why});
        }
        return is_its;
    });
    for (Inquiry &inquiry : running_) {
        if (inquiry.router() == router) {
            inquiry.fail(why);
        }
    }
    collect();
}

void
Prober::add_polled(std::vector<pollfd> &polled) const
{
    for (const Inquiry &inquiry : running_) {
        for (const int fd : inquiry.asker().sockets()) {
            polled.push_back({fd, POLLIN, 0});
        }
    }
}

std::optional<Prober::Clock::time_point>
Prober::deadline() const
{
    if (!answers_.empty()
        || (!queue_.empty() && running_.size() < most_running)) {
        return Clock::time_point{}; // At once.
    }
    std::optional<Clock::time_point> first;
    for (const Inquiry &inquiry : running_) {
        first = std::min(first.value_or(inquiry.due()), inquiry.due());
    }
    return first ? std::optional{std::max(*first, next_burst_)} : first;
}

std::vector<Answer>
Prober::run()
{
    admit();
    for (Inquiry &inquiry : running_) {
        if (inquiry.asker().is_told()) {
            serve(inquiry, false);
        }
    }
    collect();
    ask();
    collect();
    return std::exchange(answers_, {});
}

void
Prober::admit()
{
    while (!queue_.empty() && running_.size() < most_running) {
        const auto [id, what] = std::move(queue_.front());
        queue_.pop_front();
        admit(id, what);
    }
}

void
Prober::admit(uint64_t id, const Probe &what)
{
    const auto found = namespaces_.find(what.router);
    if (!found || !found->inside) {
        answers_.push_back(
            {id, found ? Error{ENOENT,
                               "router " + what.router + " has no namespace"}
                       : found.error()});
        return;
    }
    auto inquiry = Inquiry::open(id, *found->inside, what, Clock::now());
    if (inquiry) {
        running_.push_back(*std::move(inquiry));
    } else {
        answers_.push_back({id, inquiry.error()});
    }
}

void
Prober::serve(Inquiry &inquiry, bool asks)
{
    const auto found = namespaces_.find(inquiry.router());
    if (!found || !found->inside) {
        inquiry.fail({ENOENT, "the namespace went away meanwhile"});
    } else if (asks) {
        inquiry.ask_next(*found->inside, Clock::now());
    } else {
        inquiry.hear(*found->inside);
    }
}

// One frame each in turn, so that a router with thousands of addresses does
// not keep the others waiting.
void
Prober::ask()
{
    const auto now = Clock::now();
    if (now < next_burst_) {
        return;
    }
    int asked = 0;
    for (; asked < burst; asked++) {
        const auto next
            = std::ranges::find_if(running_, [&](const Inquiry &inquiry) {
                  return !inquiry.outcome() && inquiry.due() <= now;
              });
        if (next == running_.end()) {
            break;
        }
        serve(*next, true);
        running_.splice(running_.end(), running_, next);
    }
    if (asked == burst) {
        next_burst_ = now + burst_interval;
    }
}

void
Prober::collect()
{
    std::erase_if(running_, [&](Inquiry &inquiry) {
        const auto outcome = inquiry.outcome();
        if (!outcome) {
            return false;
        }
        answers_.push_back(
            {inquiry.id(), *outcome ? Answer_body{Done{}} : outcome->error()});
        for (Fd &fd : inquiry.asker().release()) {
            closer_.close(std::move(fd));
        }
        return true;
    });
}

} // namespace snat
