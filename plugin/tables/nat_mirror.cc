#include "tables/nat_mirror.hh"

#include "tables/row_status.hh"
#include "tables/snat_rows.hh"

#include <algorithm>
#include <iterator>

namespace snat {
namespace {

bool
is_less(const uuid &a, const uuid &b)
{
    return uuid_compare_3way(&a, &b) < 0;
}

} // namespace

void
Nat_mirror::follow(const ovsdb_idl *idl, bool anew)
{
    if (anew) {
        *this = {};
        for (const auto *row : rows<snatrec_nat>(idl)) {
            take(row);
        }
        for (const auto *row : rows<snatrec_router>(idl)) {
            take(row);
        }
        return;
    }
    const snatrec_nat *nat;
    SNATREC_NAT_FOR_EACH_TRACKED(nat, idl)
    {
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
        if (!snatrec_router_is_deleted(router)) {
            take(router);
        } else if (const auto gone = routers_.extract(id)) {
            for (const uuid &rule : gone.mapped().ids) {
                disown(uuid_text(rule), id);
            }
            forget_name(gone.mapped().name, id);
        }
    }
}

void
Nat_mirror::take(const snatrec_nat *row)
{
    const std::string id = uuid_text(row->header_);
    seen_[id]
        = {read_nat_row(row), read_row_status(row->state ? row->state : "",
                                              row->error ? row->error : "")};
    const auto owners = owners_.find(id);
    if (owners != owners_.end()) {
        for (const std::string &router : owners->second) {
            add(routers_.at(router), id);
        }
    }
}

void
Nat_mirror::drop(const std::string &id)
{
    seen_.erase(id);
    const auto owners = owners_.find(id);
    if (owners != owners_.end()) {
        for (const std::string &router : owners->second) {
            remove(routers_.at(router), id);
        }
    }
}

// The IDL has but the new set: what differs is found by going along both.
void
Nat_mirror::take(const snatrec_router *row)
{
    const std::string router_id = uuid_text(row->header_);
    Of_router &router = routers_[router_id];
    router.name = row->name; // Never another one.
    names_[router.name] = router_id;
    std::vector<uuid> ids{row->nat, row->nat + row->n_nat}, fresh, gone;
    std::ranges::sort(ids, is_less);
    std::ranges::set_difference(ids, router.ids, std::back_inserter(fresh),
                                is_less);
    std::ranges::set_difference(router.ids, ids, std::back_inserter(gone),
                                is_less);
    for (const uuid &id : gone) {
        disown(uuid_text(id), router_id);
        remove(router, uuid_text(id));
    }
    for (const uuid &id : fresh) {
        owners_[uuid_text(id)].insert(router_id);
        add(router, uuid_text(id));
    }
    router.ids = std::move(ids);
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
Nat_mirror::add(Of_router &router, const std::string &id)
{
    const auto found = seen_.find(id);
    if (found == seen_.end()) {
        return;
    }
    const auto &[row, shown] = found->second;
    router.rows.set(id, row);
    if (shown) {
        router.shown.set(row.id, *shown);
    } else {
        router.shown.erase(row.id);
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
