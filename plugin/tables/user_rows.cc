#include "tables/user_rows.hh"

#include "tables/port_rows.hh"

#include <algorithm>
#include <vector>

namespace snat {
namespace {

const ovsrec_interface *
find_user_row(const ovsdb_idl *idl, const Row_id &id)
{
    const auto *found = find_row<ovsrec_interface>(idl, id.uuid);
    return found && !is_owned(found) ? found : nullptr;
}

const Port_row *
find_port(const Router_row &router, const Row_id &id)
{
    const auto found = std::ranges::find(router.ports, id, &Port_row::id);
    return found == router.ports.end() ? nullptr : &*found;
}

// All that is ours to write of a row of door 1.
struct Content {
    Options keys;
    std::optional<int64_t> mtu;

    bool operator==(const Content &) const = default;
};

struct User_row {
    Row_id id;
    Content was, becomes;
};

Content
content_of(const Port_row &port)
{
    return {port.options, port.mtu};
}

// Of one that is not in the router, before or after: the MTU is not its.
Content
no_keys(const Port_row &port)
{
    return {{}, port.mtu};
}

std::vector<User_row>
user_rows(const Router_row &was, const Router_row &becomes)
{
    std::vector<User_row> out;
    for (const Port_row &port : becomes.ports) {
        const Port_row *old = find_port(was, port.id);
        if (port.is_door1() && (!old || *old != port)) {
            out.push_back({port.id, old ? content_of(*old) : no_keys(port),
                           content_of(port)});
        }
    }
    for (const Port_row &port : was.ports) {
        if (port.is_door1() && !find_port(becomes, port.id)) {
            out.push_back({port.id, content_of(port), no_keys(port)});
        }
    }
    return out;
}

std::optional<int64_t>
mtu_of(const ovsrec_interface *row)
{
    return row->n_mtu_request ? std::optional{row->mtu_request[0]}
                              : std::nullopt;
}

Content
content_of(const ovsrec_interface *row)
{
    return {read_port_keys(row), mtu_of(row)};
}

void
write_user_row(const ovsrec_interface *row, const Content &becomes)
{
    ovsrec_interface_verify_external_ids(row);
    ovsrec_interface_verify_mtu_request(row);
    const Options now = read_port_keys(row);
    for (const auto &[key, value] : becomes.keys) {
        const auto old = now.find(key);
        if (old == now.end() || old->second != value) {
            ovsrec_interface_update_external_ids_setkey(row, key.c_str(),
                                                        value.c_str());
        }
    }
    for (const auto &[key, value] : now) {
        if (!becomes.keys.contains(key)) {
            ovsrec_interface_update_external_ids_delkey(row, key.c_str());
        }
    }
    if (mtu_of(row) != becomes.mtu) {
        const int64_t mtu = becomes.mtu.value_or(0);
        ovsrec_interface_set_mtu_request(row, &mtu, becomes.mtu.has_value());
    }
}

} // namespace

Outcome
write_user_rows(const ovsdb_idl *idl, const Router_row &was,
                const Router_row &becomes)
{
    const auto all = user_rows(was, becomes);
    for (const User_row &user : all) {
        const auto *row = find_user_row(idl, user.id);
        if (!row) {
            return Error{0, "a port of router " + was.name
                                + " has been deleted meanwhile"};
        }
        const Content now = content_of(row);
        if (now != user.was && now != user.becomes) {
            return Error{0, "the keys of port " + std::string{row->name}
                                + " have been edited meanwhile"};
        }
    }
    for (const User_row &user : all) {
        write_user_row(find_user_row(idl, user.id), user.becomes);
    }
    return Done{};
}

bool
shows_user_rows(const ovsdb_idl *idl, const Router_row &was,
                const Router_row &becomes)
{
    return std::ranges::all_of(
        user_rows(was, becomes), [idl](const User_row &user) {
            const auto *row = find_user_row(idl, user.id);
            return !row || content_of(row) == user.becomes;
        });
}

bool
writes_user_rows(const Router_row &was, const Router_row &becomes)
{
    return !user_rows(was, becomes).empty();
}

} // namespace snat
