// What the parts of ovs-snatctl share.  Each part brings a table of commands
// in the form that Open vSwitch's db-ctl-base takes: a command reads and
// writes rows of one open transaction, and leaves its output or its error in
// the context.  What it cannot know it leaves to the daemon to judge.
#pragma once

#include "tables/ovs.hh"
#include "view.hh"

#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace snat::ctl {

// Each ends with an empty entry.
extern const ctl_command_syntax
    router_commands[]; // router-add and the like, port-*
extern const ctl_command_syntax
    rule_commands[]; // nat-add and the like, route-*
extern const ctl_command_syntax show_commands[];    // init, show
extern const ctl_command_syntax list_commands[];    // *-list of rows
extern const ctl_command_syntax graph_commands[];   // graph
extern const ctl_command_syntax change_commands[];  // change-*
extern const ctl_command_syntax undo_commands[];    // undo, confirm
extern const ctl_command_syntax neutron_commands[]; // neutron-sync
extern const ctl_command_syntax remote_commands[];  // *-connection, *-ssl

// Replicates all that says what routers are and how they fare; the columns of
// Change but for the long ones.
void replicate_routers(ovsdb_idl *idl);
void replicate_routers(ctl_context *ctx);
void replicate_changes(ovsdb_idl *idl);
void replicate_confirms(ovsdb_idl *idl); // All of it.

// Follows the words that a row is not there.
inline constexpr const char *out_of_reach
    = "what is made with ovs-vsctl is out of reach from here: use ovs-vsctl";

// Everything below that returns false or a null pointer has set the context's
// error, unless it says otherwise.

// The router of that name, or null, which is no error.
const snatrec_router *find_router(const ovsdb_idl *idl, std::string_view name);

// The router of that name.  With 'must_exist' false its absence is no error.
const snatrec_router *find_router(ctl_context *ctx, std::string_view name,
                                  bool must_exist = true);

const char *option_of(const ctl_context *ctx, const char *name);
inline bool
has(const ctl_context *ctx, const char *name)
{
    return shash_find(&ctx->options, name) != nullptr;
}

// Sets "column=value" as the command 'set' does, which knows the schema's
// types, ranges and enumerations.
bool set_column(ctl_context *ctx, const ovsdb_idl_row *row,
                const std::string &column, const std::string &value);

// Gives a new row this option.
template <typename Row>
void
set_option(const Row *row, void (*set)(const Row *, const smap *),
           const char *key, const char *value)
{
    smap options;
    smap_init(&options);
    smap_add(&options, key, value);
    set(row, &options);
    smap_destroy(&options);
}

// "a,b c" to {"a", "b", "c"}.
std::vector<std::string> split(std::string_view list);

// The values of a set column, as a C array and its length.
template <typename T>
std::span<T *const>
values(T *const *array, size_t n)
{
    return {array, n};
}

using view::printable;

// The value of an optional column, or nothing.
inline std::string
text_of(const char *optional)
{
    return optional ? optional : "";
}
inline std::string
text_of(const int64_t *optional, size_t n)
{
    return n ? std::to_string(*optional) : "";
}

// What a person calls the row.
std::string row_name(const snatrec_nat *nat);
std::string row_name(const snatrec_static_route *route);

// Milliseconds since the epoch, as people here know them.
std::string local_time(int64_t ms);

// All rows of a table of which ROW##_first() and ROW##_next() are given.
template <auto First, auto Next>
auto
rows(const ovsdb_idl *idl)
{
    std::vector<decltype(First(idl))> all;
    for (auto row = First(idl); row; row = Next(row)) {
        all.push_back(row);
    }
    return all;
}

inline auto
routers(const ovsdb_idl *idl)
{
    return rows<snatrec_router_first, snatrec_router_next>(idl);
}

inline auto
changes(const ovsdb_idl *idl)
{
    return rows<snatrec_change_first, snatrec_change_next>(idl);
}

inline std::span<snatrec_router_port *const>
ports(const snatrec_router *router)
{
    return {router->ports, router->n_ports};
}

inline std::vector<const snatrec_nat *>
nat(const ovsdb_idl *idl, const snatrec_router *router)
{
    std::vector<const snatrec_nat *> all;
    for (const uuid &id : std::span{router->nat, router->n_nat}) {
        if (const auto *rule = snatrec_nat_get_for_uuid(idl, &id)) {
            all.push_back(rule);
        }
    }
    return all;
}

inline std::span<snatrec_static_route *const>
static_routes(const snatrec_router *router)
{
    return {router->static_routes, router->n_static_routes};
}

} // namespace snat::ctl
