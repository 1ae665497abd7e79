// The rows of a router as a whole.

#include "rows_for.hh"

#include "accept.hh"
#include "accept_port.hh"
#include "read_settings.hh"

#include <algorithm>

namespace snat {
namespace {

bool
has_ipv4(const Port &port)
{
    return std::ranges::any_of(port.networks, [](const Network &network) {
        return network.ip.is_v4();
    });
}

// Default SNAT is said once for all ports of door 2, and for each of door 1.
void
write_snat(Router_row &row, const Router &wanted,
           std::vector<std::string> &lacking)
{
    bool on = false, off = false;
    for (const auto &[name, port] : wanted.ports) {
        if (port.role == Role::gateway && has_ipv4(port)) {
            on = on || port.snat_ip;
            off = off || (!port.snat_ip && port.switch_port);
        }
    }
    if (on && off) {
        lacking.push_back("some gateway ports had SNAT and some had not, "
                          "which rows of OVS_SNAT cannot say");
    } else if (on || off) {
        row.enable_snat = on;
    }
}

const Port_row *
find_row(const Router_row &row, const Port &port)
{
    const auto found = std::ranges::find_if(row.ports, [&](const auto &now) {
        return now.name == port.name && now.is_door1() == !port.switch_port;
    });
    return found == row.ports.end() ? nullptr : &*found;
}

// A row to begin with for a port that the router's rows lack.
Result<Port_row>
find_or_make_row(const Writable &there, const Port &port)
{
    const auto elsewhere = there.elsewhere.find(port.name);
    if (elsewhere != there.elsewhere.end()) {
        return Error{0, "the port " + port.name + " belongs to router "
                            + elsewhere->second + " by now"};
    }
    const auto user = there.users.find(port.name);
    if (port.switch_port) {
        const bool was_user
            = std::ranges::find(there.row.ports, port.name, &Port_row::name)
              != there.row.ports.end();
        if (was_user || user != there.users.end()) {
            return Error{0, "the switch has a port " + port.name
                                + " that is not ours"};
        }
        Port_row made;
        made.id = {Table::router_port, ""};
        made.name = port.name;
        return made;
    }
    if (user == there.users.end()) {
        return Error{0, "the port " + port.name
                            + " is gone from the switch, where a user had "
                              "made it: expected it to be there again "
                              "(ovs-vsctl add-port)"};
    }
    return user->second;
}

class Rows_writer {
public:
    Rows_writer(const Writable &there, const Router &wanted,
                const Limits &base)
        : there_{there}, wanted_{wanted}, base_{base}, out_{there.row, {}}
    {
    }

    Rewritten
    write()
    {
        Router_row &row = out_.row;
        row.name = wanted_.name;
        row.enabled = true;
        row.ports.clear();
        // Those that are refused would refuse the whole.
        row.nat
            = nat_rows_for(there_.row.nat, wanted_.nat, skips_refused_rows());
        row.static_routes = route_rows_for(there_.row.static_routes, wanted_,
                                           skips_refused_rows());
        write_snat(row, wanted_, out_.lacking);
        row.options = write_settings(std::move(row.options), base_.settings,
                                     wanted_.settings);
        // Those that nobody knows would refuse the router.
        std::erase_if(row.options, [](const auto &option) {
            return !is_one_of(option.first, known_options());
        });
        for (const Port_row &now : there_.row.ports) {
            keep(now);
        }
        for (const auto &[name, port] : wanted_.ports) {
            if (!find_row(there_.row, port)) {
                add(port);
            }
        }
        const bool any = !wanted_.nat.empty() || !wanted_.routes.empty()
                         || row.options != there_.row.options;
        if (any && !row.id) {
            row.id = Row_id{Table::router, ""};
        }
        return out_;
    }

private:
    bool
    skips_refused_rows() const
    {
        std::vector<std::string> errors;
        return read_limits(base_, there_.row.options, errors)
            .skip_refused_rows;
    }

    void
    keep(const Port_row &now)
    {
        const auto found = wanted_.ports.find(now.name);
        if (found != wanted_.ports.end()
            && find_row(there_.row, found->second) == &now) {
            put(now, found->second);
        } else if (skips_refused_rows()
                   && !meaning(out_.row, now, true, base_)) {
            out_.row.ports.push_back(now); // It asked for nothing either.
        }
    }

    void
    add(const Port &port)
    {
        const auto row = find_or_make_row(there_, port);
        if (!row) {
            out_.lacking.push_back(row.error().what);
            return;
        }
        if (port.switch_port && !out_.row.id) {
            out_.row.id = Row_id{Table::router, ""};
        }
        put(*row, port);
    }

    // What cannot be brought back stays as it is.
    void
    put(const Port_row &now, const Port &port)
    {
        auto row = rewrite_port(out_.row, now, port, base_);
        if (row) {
            out_.row.ports.push_back(std::move(*row));
            return;
        }
        out_.lacking.push_back(row.error().what);
        if (find_row(there_.row, port)) {
            out_.row.ports.push_back(now);
        }
    }

    const Writable &there_;
    const Router &wanted_;
    const Limits &base_;
    Rewritten out_;
};

} // namespace

std::optional<Port>
meaning(const Router_row &router, const Port_row &row, bool userspace,
        const Limits &base)
{
    std::vector<std::string> errors;
    const Limits limits = read_limits(base, router.options, errors);
    Surroundings around;
    for (const std::string &bridge :
         {row.bridge.value_or(""), limits.default_gateway_bridge,
          limits.default_internal_bridge}) {
        around.bridges[bridge] = userspace;
    }
    Router_row alone = router;
    alone.ports = {row};
    alone.nat = {};
    alone.static_routes = {};
    const auto accepted = accept(alone, around, base).router.ports;
    const auto found = accepted.find(row.name);
    return found == accepted.end() ? std::nullopt
                                   : std::optional{found->second};
}

Rewritten
rows_for(const Writable &there, const Asked &asked, const Limits &limits)
{
    if (asked.router) {
        return Rows_writer{there, *asked.router, limits}.write();
    }
    Rewritten out{there.row, {}};
    if (asked.idle == Idle::disabled && out.row.id) {
        out.row.enabled = false;
        return out;
    }
    out.row.ports.clear();
    if (asked.idle != Idle::empty) {
        out.row = {};
        out.row.name = there.row.name;
    }
    return out;
}

} // namespace snat
