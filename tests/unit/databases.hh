// Both databases of a daemon without a process, and what is told of them:
// only what differs from what was told before.
#pragma once

#include "change/snapshot.hh"
#include "fake_world.hh"

#include <algorithm>
#include <set>

namespace samples {

struct Databases {
    std::map<std::string, Router_row> routers;
    Surroundings around; // Claims and holders are the engine's to know.
    std::map<Row_id, Row_status> shown;
    std::map<std::string, Confirm> confirms;
    Options options;
    Milestones::Numbers numbers, realised;
};

class Teller {
public:
    Snapshot
    news_of(const Databases &now, const Fake_world &fake)
    {
        Snapshot news;
        news.whole = std::exchange(is_first_, false);
        news.bridges = now.around.bridges;
        news.options = now.options;
        news.numbers = now.numbers;
        news.realised = now.realised;
        std::map<std::string, Told> routers;
        for (const std::string &name : names(now, fake)) {
            Told told = tell(name, now, fake);
            if (news.whole || differs(name, told)) {
                news.routers[name] = told.rows;
            }
            routers[name] = std::move(told);
        }
        for (const auto &[name, told] : routers_) {
            if (!routers.contains(name)) {
                news.routers[name]; // It is gone.
            }
        }
        routers_ = std::move(routers);
        news.ports = ports_that_differ(now, fake);
        return news;
    }

private:
    // Whatever has a router told about anew.
    struct Told {
        Rows_of_router rows;
        std::map<std::string, Switch_port> switch_ports;
        std::optional<std::string> unready;
        std::set<uint64_t> history;
    };
    struct Port_told {
        Port_there there;
        std::string type;

        bool operator==(const Port_told &) const = default;
    };

    static std::set<std::string>
    names(const Databases &now, const Fake_world &fake)
    {
        std::set<std::string> all;
        for (const auto &[name, row] : now.routers) {
            all.insert(name);
        }
        for (const auto &[name, confirm] : now.confirms) {
            all.insert(name);
        }
        for (const auto &[name, picture] : fake.pictures) {
            all.insert(name);
        }
        return all;
    }

    // Of the history it is told only what is lost.
    bool
    differs(const std::string &name, const Told &told) const
    {
        const auto was = routers_.find(name);
        return was == routers_.end() || was->second.rows != told.rows
               || was->second.switch_ports != told.switch_ports
               || was->second.unready != told.unready
               || !std::ranges::includes(told.history, was->second.history);
    }

    static Told
    tell(const std::string &name, const Databases &now, const Fake_world &fake)
    {
        Told told;
        const auto row = now.routers.find(name);
        if (row != now.routers.end()) {
            told.rows.row = row->second;
            take_shown(row->second.id, now, told.rows);
            for (const Port_row &port : row->second.ports) {
                take_shown(port.id, now, told.rows);
            }
        }
        const auto confirm = now.confirms.find(name);
        if (confirm != now.confirms.end()) {
            told.rows.confirm = confirm->second;
        }
        const auto picture = fake.pictures.find(name);
        if (picture != fake.pictures.end()) {
            told.switch_ports = picture->second.switch_ports;
        }
        told.unready = fake.unready;
        for (const auto &[number, change] : fake.changes) {
            if (change.router == name) {
                told.history.insert(number);
            }
        }
        return told;
    }

    static void
    take_shown(const std::optional<Row_id> &id, const Databases &now,
               Rows_of_router &rows)
    {
        const auto shown = id ? now.shown.find(*id) : now.shown.end();
        if (shown != now.shown.end()) {
            rows.shown.insert(*shown);
        }
    }

    std::map<std::string, Port_there>
    ports_that_differ(const Databases &now, const Fake_world &fake)
    {
        std::map<std::string, Port_told> ports;
        for (const std::string &name : now.around.foreign_ports) {
            ports[name].there.is_foreign = true;
        }
        for (const auto &[name, why] : now.around.missing_devices) {
            ports[name].there.missing = why;
        }
        for (const auto &[name, type] : fake.users) {
            ports[name].type = type;
        }
        std::map<std::string, Port_there> differ;
        for (const auto &[name, told] : ports) {
            if (!ports_.contains(name) || ports_.at(name) != told) {
                differ[name] = told.there;
            }
        }
        for (const auto &[name, told] : ports_) {
            if (!ports.contains(name)) {
                differ[name]; // It is gone.
            }
        }
        ports_ = std::move(ports);
        return differ;
    }

    bool is_first_ = true;
    std::map<std::string, Told> routers_;
    std::map<std::string, Port_told> ports_;
};

} // namespace samples
