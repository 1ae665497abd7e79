// The ports of all bridges by name and by router: read once, and then only
// where the IDL has tracked a change, so news of one port costs as much
// however many there are.
#pragma once

#include "change/world.hh"
#include "tables/changed.hh"
#include "tables/uuids.hh"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace snat {

class Port_mirror {
public:
    // One Interface row, where it was when it was read.
    struct Seen {
        uuid interface;
        std::string bridge;
        std::string router;          // "": of none.
        bool is_router_port = false; // A user's; else one of ours, or foreign.
        bool is_foreign = false;
    };
    // Once a turn, before the track is cleared; 'anew' if it may not tell all.
    void follow(const ovsdb_idl *idl, bool anew, Changed &changed);

    // By name; null: there is no such port.
    const Seen *find(const std::string &port) const;
    const std::map<std::string, Seen> &
    all() const
    {
        return ports_;
    }
    // Users' ports that are the router's.
    const std::set<std::string> &ports_of(const std::string &router) const;
    // Rows of ours by router.
    const std::map<std::string, std::map<std::string, Switch_port>> &
    owned() const
    {
        return owned_;
    }
    // Routers that users' ports are of.
    const std::map<std::string, std::set<std::string>> &
    users() const
    {
        return users_;
    }
    // Ports whose type is only our mark.
    const std::set<std::string> &
    closed() const
    {
        return closed_;
    }
    // Ports that no router has, and that still show a status.
    const std::set<std::string> &
    old_status() const
    {
        return old_status_;
    }

private:
    template <typename T> using By_uuid = std::map<uuid, T, Uuid_less>;
    using Uuids = std::set<uuid, Uuid_less>;

    void take(const ovsrec_bridge *bridge, Uuids &due);
    void drop_bridge(const uuid &bridge, Uuids &due);
    void drop(const uuid &port, Changed &changed);
    void take(const ovsdb_idl *idl, const uuid &port, Changed &changed);
    void add(const ovsrec_port *port, const ovsrec_interface *interface,
             Seen seen, Changed &changed);

    struct Of_bridge {
        std::string name;
        std::vector<uuid> ports; // As the database has them.
    };
    By_uuid<Of_bridge> bridges_;
    By_uuid<uuid> bridge_of_;                    // Of Port rows.
    By_uuid<std::vector<std::string>> names_of_; // Interfaces of Port rows.
    std::map<std::string, Seen> ports_;
    std::map<std::string, std::map<std::string, Switch_port>> owned_;
    std::map<std::string, std::set<std::string>> users_;
    std::set<std::string> closed_, old_status_;
};

} // namespace snat
