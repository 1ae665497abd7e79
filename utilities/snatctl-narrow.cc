// What the database is asked for, where only routers are to be shown.  With
// a thousand of them the rows are many, and most of the time that "show" takes
// is spent on each row twice, by the server and by us: so what is not told is
// not asked for.
#include "snatctl-views.hh"
#include "snatctl.hh"

#include <memory>

namespace snat::ctl {
namespace {

constexpr size_t few = 100; // Rules and routes, for a person to read.

class Condition {
public:
    Condition() { ovsdb_idl_condition_init(&condition_); }
    ~Condition() { ovsdb_idl_condition_destroy(&condition_); }
    Condition(const Condition &) = delete;
    Condition &operator=(const Condition &) = delete;
    ovsdb_idl_condition *
    get()
    {
        return &condition_;
    }
    void
    set(ovsdb_idl *idl, const ovsdb_idl_table_class &table)
    {
        ovsdb_idl_set_condition(idl, &table, &condition_);
    }

private:
    ovsdb_idl_condition condition_;
};

void
ask_for_one(ovsdb_idl *idl, const char *router)
{
    Condition rows, changes;
    snatrec_router_add_clause_name(rows.get(), OVSDB_F_EQ, router);
    rows.set(idl, snatrec_table_router);
    snatrec_change_add_clause_router(changes.get(), OVSDB_F_EQ, router);
    changes.set(idl, snatrec_table_change);
}

// Without the rules and routes that are well.
void
ask_for_overview(ovsdb_idl *idl)
{
    Condition nat, routes;
    snatrec_nat_add_clause_state(nat.get(), OVSDB_F_NE, "active");
    snatrec_nat_add_clause_error(nat.get(), OVSDB_F_NE, nullptr);
    nat.set(idl, snatrec_table_nat);
    snatrec_static_route_add_clause_state(routes.get(), OVSDB_F_NE, "active");
    snatrec_static_route_add_clause_error(routes.get(), OVSDB_F_NE, nullptr);
    routes.set(idl, snatrec_table_static_route);
}

void
ask_for_all_rules(ovsdb_idl *idl)
{
    Condition all;
    ovsdb_idl_condition_add_clause_true(all.get());
    all.set(idl, snatrec_table_nat);
    all.set(idl, snatrec_table_static_route);
}

} // namespace

void
narrow_replica(ovsdb_idl *idl, std::span<const ctl_command> commands)
{
    if (commands.size() != 1) {
        return; // Others want to see what they want to see.
    }
    const auto &command = commands[0];
    const std::string_view name{command.syntax->name};
    const bool is_show = name == "show";
    if ((is_show || name == "graph") && command.argc > 1) {
        ask_for_one(idl, command.argv[1]);
    } else if (is_show) {
        ask_for_overview(idl);
    }
}

bool
waits_for_rules(ovsdb_idl *idl)
{
    size_t unseen = 0;
    for (const auto *router : routers(idl)) {
        unseen += unseen_rules(idl, router) + unseen_routes(router);
    }
    if (!unseen || unseen > few) {
        return false;
    }
    ask_for_all_rules(idl);
    return true;
}

size_t
unseen_rules(const ovsdb_idl *idl, const snatrec_router *router)
{
    return router->n_nat - nat(idl, router).size();
}

size_t
unseen_routes(const snatrec_router *router)
{
    const auto *all
        = ovsdb_idl_read(&router->header_, &snatrec_router_col_static_routes);
    return all->n - router->n_static_routes;
}

} // namespace snat::ctl
