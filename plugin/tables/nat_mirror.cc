#include "tables/nat_mirror.hh"

#include "tables/row_status.hh"
#include "tables/snat_rows.hh"
#include "tables/uuids.hh"

namespace snat {

void
Nat_mirror::follow(const ovsdb_idl *idl, bool anew,
                   std::set<std::string> &changed)
{
    if (anew) {
        *this = {};
        for (const auto *row : rows<snatrec_router>(idl)) {
            take(idl, row);
        }
        return;
    }
    const snatrec_nat *nat;
    SNATREC_NAT_FOR_EACH_TRACKED(nat, idl)
    {
        name_owners(uuid_text(nat->header_), changed);
        if (snatrec_nat_is_deleted(nat)) {
            drop(uuid_text(nat->header_));
        } else {
            take(nat);
        }
    }
    const snatrec_router *router;
    SNATREC_ROUTER_FOR_EACH_TRACKED(router, idl)
    {
        const std::string id = uuid_text(router->header_);
        const bool may_differ
            = snatrec_router_is_new(router)
              || snatrec_router_is_updated(router, SNATREC_ROUTER_COL_NAT);
        if (!snatrec_router_is_deleted(router)) {
            if (may_differ) {
                take(idl, router);
            }
        } else if (const auto gone = routers_.extract(id)) {
            for (const uuid &rule : gone.mapped().ids) {
                disown(uuid_text(rule), id);
            }
            forget_name(gone.mapped().name, id);
        }
    }
}

void
Nat_mirror::name_owners(const std::string &id,
                        std::set<std::string> &names) const
{
    const auto owners = owners_.find(id);
    if (owners != owners_.end()) {
        for (const std::string &router : owners->second) {
            names.insert(routers_.at(router).name);
        }
    }
}

void
Nat_mirror::take(const snatrec_nat *row)
{
    const auto owners = owners_.find(uuid_text(row->header_));
    if (owners != owners_.end()) {
        for (const std::string &router : owners->second) {
            add(routers_.at(router), row);
        }
    }
}

void
Nat_mirror::drop(const std::string &id)
{
    const auto owners = owners_.find(id);
    if (owners != owners_.end()) {
        for (const std::string &router : owners->second) {
            remove(routers_.at(router), id);
        }
    }
}

void
Nat_mirror::take(const ovsdb_idl *idl, const snatrec_router *row)
{
    const std::string router_id = uuid_text(row->header_);
    Of_router &router = routers_[router_id];
    router.name = row->name; // Never another one.
    names_[router.name] = router_id;
    const auto ids = nat_of(row) | std::views::transform(&ovsdb_atom::uuid);
    const auto [gone, fresh] = difference(router.ids, ids);
    for (const uuid &id : gone) {
        disown(uuid_text(id), router_id);
        remove(router, uuid_text(id));
    }
    for (const uuid &id : fresh) {
        owners_[uuid_text(id)].insert(router_id);
        if (const auto *nat = snatrec_nat_get_for_uuid(idl, &id)) {
            add(router, nat);
        }
    }
    if (!gone.empty() || !fresh.empty()) {
        router.ids.assign(ids.begin(), ids.end());
    }
}

// A router that was deleted may be back as another row already.
void
Nat_mirror::forget_name(const std::string &name, const std::string &router)
{
    const auto found = names_.find(name);
    if (found != names_.end() && found->second == router) {
        names_.erase(found);
    }
}

void
Nat_mirror::disown(const std::string &id, const std::string &router)
{
    const auto owners = owners_.find(id);
    owners->second.erase(router);
    if (owners->second.empty()) {
        owners_.erase(owners);
    }
}

void
Nat_mirror::add(Of_router &router, const snatrec_nat *row)
{
    Nat_row fresh = read_nat_row(row);
    const Row_id id = fresh.id;
    router.rows.set(id.uuid, std::move(fresh));
    if (auto shown = read_row_status(row->state ? row->state : "",
                                     row->error ? row->error : "")) {
        router.shown.set(id, std::move(*shown));
    } else {
        router.shown.erase(id);
    }
}

void
Nat_mirror::remove(Of_router &router, const std::string &id)
{
    router.rows.erase(id);
    router.shown.erase({Table::nat, id});
}

const Nat_rows &
Nat_mirror::rows_of(const snatrec_router *router) const
{
    static const Nat_rows none;
    const auto found = routers_.find(uuid_text(router->header_));
    return found == routers_.end() ? none : found->second.rows;
}

const Rule_statuses &
Nat_mirror::shown_by(const std::string &router) const
{
    static const Rule_statuses none;
    const auto found = names_.find(router);
    return found == names_.end() ? none : routers_.at(found->second).shown;
}

} // namespace snat
