// Commands that add and delete routers and their ports.
#include "snatctl.hh"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

namespace snat::ctl {
namespace {

bool
check_router_name(ctl_context *ctx, std::string_view name)
{
    const auto fits = [](unsigned char c) {
        return c < 0x80 && (isalnum(c) || strchr("._-", c));
    };
    if (name.empty() || name.size() > 64 || !std::ranges::all_of(name, fits)
        || !isalnum(static_cast<unsigned char>(name.front()))) {
        ctl_error(ctx,
                  "%s: a router name is 1 to 64 of A-Z a-z 0-9 . _ -, "
                  "beginning with a letter or digit",
                  printable(name).c_str());
        return false;
    }
    return true;
}

void
router_add(ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    if (!check_router_name(ctx, name)) {
        return;
    }
    if (find_router(ctx, name, false)) {
        if (!has(ctx, "--may-exist")) {
            ctl_error(ctx, "router %s exists already", name);
        }
        return;
    }
    snatrec_router_set_name(snatrec_router_insert(ctx->txn), name);
}

void
router_del(ctl_context *ctx)
{
    const auto *router
        = find_router(ctx, ctx->argv[1], !has(ctx, "--if-exists"));
    if (router) {
        snatrec_router_delete(router); // The database drops what it held.
    }
}

// A port and the router that has it.
struct Owned_port {
    const snatrec_router *router;
    const snatrec_router_port *port;
};

// Sets no error if there is none.
std::optional<Owned_port>
find_port(ctl_context *ctx, std::string_view name)
{
    for (const auto *router : routers(ctx->idl)) {
        for (const auto *port : ports(router)) {
            if (name == port->name) {
                return Owned_port{router, port};
            }
        }
    }
    return {};
}

// What the command line says about a port: the sets, and the columns that an
// option was given for.
struct Port_words {
    std::vector<std::string> networks;
    std::optional<std::vector<std::string>> gateway_ips;
};

bool
read_port_words(ctl_context *ctx, Port_words &words)
{
    for (int i = 3; i < ctx->argc; i++) {
        for (auto &network : split(ctx->argv[i])) {
            if (network.starts_with('-')) {
                ctl_error(ctx,
                          "%s: the options of a command stand before its "
                          "name",
                          printable(network).c_str());
                return false;
            }
            if (network.find('/') == std::string::npos) {
                ctl_error(ctx,
                          "%s: a network needs a prefix length, as in "
                          "198.51.100.10/24",
                          printable(network).c_str());
                return false;
            }
            words.networks.push_back(std::move(network));
        }
    }
    if (const char *list = option_of(ctx, "--gateway")) {
        words.gateway_ips = split(list);
    }
    return true;
}

bool
check_port(ctl_context *ctx, std::string_view name)
{
    if (name.empty() || name.size() > 15) {
        ctl_error(ctx, "%s: a port name has 1 to 15 bytes",
                  printable(name).c_str());
        return false;
    }
    const char *wiring = option_of(ctx, "--wiring");
    if (wiring
        && !std::set<std::string>{"auto", "veth", "internal"}.contains(
            wiring)) {
        ctl_error(ctx, "--wiring=%s: should be auto, veth, or internal",
                  printable(wiring).c_str());
        return false;
    }
    if (!has(ctx, "--role") && !name.starts_with("qg-")
        && !name.starts_with("sg-")) {
        ctl_error(ctx,
                  "%s: its name does not begin with qg- or sg-, so it needs "
                  "--role=gateway or --role=internal",
                  printable(name).c_str());
        return false;
    }
    return true;
}

std::vector<const char *>
pointers(const std::vector<std::string> &words)
{
    std::vector<const char *> all;
    for (const auto &word : words) {
        all.push_back(word.c_str());
    }
    return all;
}

// For the columns of numbers and enumerations, whose bounds the schema knows.
bool
set_from_option(ctl_context *ctx, const snatrec_router_port *port,
                const char *column)
{
    const char *value = option_of(ctx, (std::string{"--"} + column).c_str());
    return !value || set_column(ctx, &port->header_, column, value);
}

// The row stays without a router, and so out of the database, if this fails.
const snatrec_router_port *
insert_port(ctl_context *ctx, const char *name, const Port_words &words)
{
    const auto *port = snatrec_router_port_insert(ctx->txn);
    snatrec_router_port_set_name(port, name);
    snatrec_router_port_set_networks(port, pointers(words.networks).data(),
                                     words.networks.size());
    if (words.gateway_ips) {
        snatrec_router_port_set_gateway_ips(
            port, pointers(*words.gateway_ips).data(),
            words.gateway_ips->size());
    }
    if (const char *bridge = option_of(ctx, "--bridge")) {
        snatrec_router_port_set_bridge(port, bridge);
    }
    if (const char *mac = option_of(ctx, "--mac")) {
        snatrec_router_port_set_mac(port, mac);
    }
    if (const char *wiring = option_of(ctx, "--wiring")) {
        set_option<snatrec_router_port>(port, snatrec_router_port_set_options,
                                        "wiring", wiring);
    }
    for (const char *column : {"role", "tag", "mtu"}) {
        if (!set_from_option(ctx, port, column)) {
            return nullptr;
        }
    }
    return port;
}

// With --may-exist: whether a port that is there is the one that was asked
// for, as far as the command says.
bool
check_alike(ctl_context *ctx, const snatrec_router_port *port,
            const Port_words &words)
{
    const auto set_of = [](const auto &list) {
        return std::set<std::string>(list.begin(), list.end());
    };
    const auto number = [](const int64_t *value, size_t n) {
        return n ? std::to_string(*value) : "";
    };
    const auto differs = [&](const char *option_name, const char *is) {
        const char *asked = option_of(ctx, option_name);
        return asked && std::string_view{asked} != (is ? is : "");
    };
    const char *different = nullptr;
    if (set_of(words.networks)
        != set_of(values(port->networks, port->n_networks))) {
        different = "networks";
    } else if (words.gateway_ips
               && set_of(*words.gateway_ips)
                      != set_of(
                          values(port->gateway_ips, port->n_gateway_ips))) {
        different = "gateway_ips";
    } else if (differs("--role", port->role)) {
        different = "role";
    } else if (differs("--bridge", port->bridge)) {
        different = "bridge";
    } else if (differs("--mac", port->mac)) {
        different = "mac";
    } else if (differs("--tag", number(port->tag, port->n_tag).c_str())) {
        different = "tag";
    } else if (differs("--mtu", number(port->mtu, port->n_mtu).c_str())) {
        different = "mtu";
    } else if (differs("--wiring", smap_get(&port->options, "wiring"))) {
        different = "options:wiring";
    }
    if (different) {
        ctl_error(ctx, "port %s exists already, with other %s", port->name,
                  different);
    }
    return !different;
}

void
port_add(ctl_context *ctx)
{
    const auto *router = find_router(ctx, ctx->argv[1]);
    const char *name = ctx->argv[2];
    Port_words words;
    if (!router || !read_port_words(ctx, words)) {
        return;
    }
    if (const auto found = find_port(ctx, name)) {
        if (found->router != router || !has(ctx, "--may-exist")) {
            ctl_error(ctx, "port %s exists already, in router %s", name,
                      found->router->name);
        } else {
            check_alike(ctx, found->port, words);
        }
        return;
    }
    const auto *port
        = check_port(ctx, name) ? insert_port(ctx, name, words) : nullptr;
    if (!port) {
        return;
    }
    if (ctx->last_command) {
        snatrec_router_update_ports_addvalue(router, port);
    } else { // What follows must be able to see it.
        std::vector all(ports(router).begin(), ports(router).end());
        all.push_back(const_cast<snatrec_router_port *>(port));
        snatrec_router_verify_ports(router);
        snatrec_router_set_ports(router, all.data(), all.size());
    }
}

void
port_del(ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const auto found = find_port(ctx, name);
    if (!found) {
        if (!has(ctx, "--if-exists")) {
            ctl_error(ctx, "no port named %s in this database; %s",
                      printable(name).c_str(), out_of_reach);
        }
        return;
    }
    std::vector<snatrec_router_port *> rest;
    std::ranges::copy_if(ports(found->router), std::back_inserter(rest),
                         [&](auto *port) { return port != found->port; });
    snatrec_router_verify_ports(found->router);
    snatrec_router_set_ports(found->router, rest.data(), rest.size());
}

} // namespace

const ctl_command_syntax router_commands[] = {
    {"router-add", 1, 1, "ROUTER", replicate_routers, router_add, nullptr,
     "--may-exist", ctl_command_syntax::RW},
    {"router-del", 1, 1, "ROUTER", replicate_routers, router_del, nullptr,
     "--if-exists", ctl_command_syntax::RW},
    {"port-add", 2, INT_MAX, "ROUTER PORT [NETWORK]...", replicate_routers,
     port_add, nullptr,
     "--may-exist,--role=,--bridge=,--tag=,--mac=,--mtu=,--gateway=,"
     "--wiring=",
     ctl_command_syntax::RW},
    {"port-del", 1, 1, "PORT", replicate_routers, port_del, nullptr,
     "--if-exists", ctl_command_syntax::RW},
    {},
};

} // namespace snat::ctl
