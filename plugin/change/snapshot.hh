// What is new in both databases at one moment: only routers whose rows may
// differ from what was told of them last, so that news costs as much however
// many routers there are.
#pragma once

#include "change/confirm.hh"
#include "change/milestones.hh"
#include "change/world.hh"
#include "router/rows.hh"

#include <map>
#include <optional>
#include <string>

namespace snat {

struct Rows_of_router {
    std::optional<Router_row> row; // Empty: there is none.
    // What the rows show at present, be it that we wrote it or not.
    std::map<Row_id, Row_status> shown;
    Rule_statuses shown_rules;
    std::optional<Confirm> confirm;

    bool operator==(const Rows_of_router &) const = default;
};

// A port of the switch, as Surroundings has it.
struct Port_there {
    bool is_foreign = false;
    std::optional<std::string> missing; // Its device, and why.

    bool operator==(const Port_there &) const = default;
};

struct Snapshot {
    bool whole = false; // What is not in here is not there.
    std::map<std::string, Rows_of_router> routers;
    std::map<std::string, Port_there> ports; // That may differ.
    // These are always all.
    std::map<std::string, bool> bridges; // As in Surroundings.
    Options options;                     // SNAT_Global.options.
    Milestones::Numbers numbers, realised;
};

} // namespace snat
