// What comes in of both databases, and which routers it concerns.

#include "change/engine.hh"

#include <algorithm>

namespace snat {
namespace {

// The names that a router's rows claim, and by which door.
std::vector<std::pair<std::string, bool>>
claims_of(const std::optional<Router_row> &row)
{
    std::vector<std::pair<std::string, bool>> all;
    if (row) {
        for (const Port_row &port : row->ports) {
            all.emplace_back(port.name, port.is_door1());
        }
    }
    return all;
}

} // namespace

void
Engine::update(Snapshot news)
{
    numbers_ = news.numbers;
    milestones_.add(numbers_);
    take_options(news.options);
    take_switch(news);
    take_rows(news);
    look_for_switch();
    judge();
    if (std::exchange(adopting_, false)) {
        look_for_orphans();
    }
    for (const auto &[name, rows] : news.routers) {
        const auto found = routers_.find(name);
        if (found != routers_.end()) {
            show_again(found->second, rows);
        }
    }
    sweep();
    consider_due();
    // Refused by the server, or wiped by somebody.
    if (const auto untold
        = milestones_.find_untold(news.realised, news.numbers)) {
        world_.journal.settle(untold->next_cfg, untold->vswitch_next_cfg);
    }
}

void
Engine::take_options(const Options &options)
{
    if (options_ == options) {
        return;
    }
    options_ = options;
    std::vector<std::string> errors;
    limits_ = read_limits({}, options, errors);
    if (errors != option_errors_) {
        for (const std::string &error : errors) {
            world_.alarm("SNAT_Global: " + error + "; the default is taken");
        }
        option_errors_ = errors;
    }
    judge_all();
}

void
Engine::take_switch(const Snapshot &news)
{
    if (news.whole) {
        around_.foreign_ports.clear();
        around_.missing_devices.clear();
        missing_.clear();
    }
    if (news.whole || around_.bridges != news.bridges) {
        around_.bridges = news.bridges;
        judge_all();
    }
    take_ports(news.ports);
}

// A port is of interest to who claims it, and to who has it.
void
Engine::take_ports(const std::map<std::string, Port_there> &ports)
{
    for (const auto &[name, there] : ports) {
        if (there.is_foreign) {
            around_.foreign_ports.insert(name);
        } else {
            around_.foreign_ports.erase(name);
        }
        if (there.missing) {
            missing_[name] = *there.missing;
        } else {
            missing_.erase(name);
        }
        find_missing(name);
        judge_claimants(name);
        if (const std::string *holder = holder_of(name)) {
            to_judge_.insert(*holder);
        }
    }
}

void
Engine::take_rows(Snapshot &news)
{
    for (auto &[name, rows] : news.routers) {
        // What is to be confirmed may have no rows.
        if (rows.row || rows.confirm || routers_.contains(name)) {
            Life &life = routers_[name];
            life.name = name;
            take(life, std::move(rows.row), rows.confirm);
        }
    }
    for (auto &[name, life] : routers_) {
        if (!news.whole) {
            break;
        }
        if (!news.routers.contains(name)) {
            take(life, std::nullopt, std::nullopt);
        }
    }
}

void
Engine::take(Life &life, std::optional<Router_row> row,
             const std::optional<Confirm> &confirm)
{
    if (life.row != row) {
        life.was_edited = true;
        note_claims(life, row);
        routers_asked_for_ -= life.row.has_value();
        routers_asked_for_ += row.has_value();
        life.row = std::move(row);
    }
    note_confirm(life, confirm);
    to_judge_.insert(life.name);
}

void
Engine::note_claims(const Life &life, const std::optional<Router_row> &becomes)
{
    const auto was = claims_of(life.row), now = claims_of(becomes);
    if (was == now) {
        return;
    }
    for (const auto &[port, door1] : was) {
        auto &claims = around_.claims[port];
        claims.erase(std::ranges::find(claims, Claim{life.name, door1}));
        judge_claimants(port);
        if (claims.empty()) {
            around_.claims.erase(port);
        }
    }
    for (const auto &[port, door1] : now) {
        auto &claims = around_.claims[port];
        const Claim claim{life.name, door1};
        claims.insert(std::ranges::upper_bound(claims, claim), claim);
        judge_claimants(port);
    }
}

// It is our own pair that is in the way of the device, or it is missing.
void
Engine::find_missing(const std::string &port)
{
    const auto found = missing_.find(port);
    const bool is_missing = found != missing_.end() && !is_own_pair(port);
    auto &missing = around_.missing_devices;
    if (is_missing != missing.contains(port)) {
        judge_claimants(port);
    }
    if (is_missing) {
        missing[port] = found->second;
    } else {
        missing.erase(port);
    }
}

void
Engine::judge_claimants(const std::string &port)
{
    const auto found = around_.claims.find(port);
    if (found != around_.claims.end()) {
        for (const Claim &claim : found->second) {
            to_judge_.insert(claim.router);
        }
    }
}

} // namespace snat
