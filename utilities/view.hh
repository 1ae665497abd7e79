// Routers as ovs-snatctl tells of them: values made of what the rows of the
// OVS_SNAT database say, and of what its history says is wired beside them,
// by way of ovs-vsctl.  From these "show" makes a tree and "graph" a picture;
// neither has been near a database.
//
// Texts are what somebody wrote, so they may be anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snat::view {

// The state of what only the history tells of: how it fares is in the switch's
// database, if it was made there, or nowhere.
inline constexpr const char *recorded = "recorded";

// How a router or one of its rows fares.
struct Condition {
    std::string state; // Empty: ovs-snatd has not looked at it yet.
    std::string error; // Empty: none.
};

struct Shown_port {
    std::string name;
    std::string role;
    std::string bridge; // Empty: one that only the switch's database knows.
    std::string tag, mac, mtu; // Empty: none asked for.
    std::vector<std::string> networks, gateway_ips;
    std::string snat_ip; // What default SNAT goes to; empty: there is none.
    std::vector<std::string> options; // "key=value"
    bool by_vsctl = false;
    Condition is;
};

struct Shown_rule {
    std::string type;
    std::string external, logical;             // Addresses.
    std::string protocol;                      // Empty: all.
    std::string external_ports, logical_ports; // Empty: all, or the same.
    std::string port;    // Empty: told by the external address.
    bool no_nat = false; // It lets pass as it is what others would translate.
    std::vector<std::string> options;
    bool by_vsctl = false;
    Condition is;
};

struct Shown_route {
    std::string prefix;
    bool by_source = false;
    std::string next_hop; // Empty: on the link of the port.
    std::string port;     // Empty: told by the next hop.
    std::string metric;   // Empty: the usual one.
    std::string table;    // Empty: the main one.
    bool by_vsctl = false;
    Condition is;
};

// The newest of the router's changes.
struct Shown_change {
    int64_t number = 0;
    std::string cause, state, error;
    std::string started;       // A local time.
    std::string ms;            // That it took; empty: it is not over.
    std::string confirm_until; // A local time; empty: it need not be.
};

struct Shown_router {
    std::string name;
    bool has_row = true;   // Else it is wired without one.
    bool is_wired = false; // Its namespace is there, for all that is recorded.
    bool enable_snat = true;
    Condition is;
    std::vector<std::string> options;
    std::vector<Shown_port> ports;
    std::vector<Shown_rule> rules;
    std::vector<Shown_route> routes;
    // How many more there are, of which no more is known here.
    size_t rules_untold = 0, routes_untold = 0;
    std::optional<Shown_change> change;
};

// Adds what is wired by way of ovs-vsctl to what rows say of the router; all
// that is wired, if it has no row.  'text' is what a Change has of the router
// after it; one that cannot be read tells nothing.
void add_wired(Shown_router &router, const std::string &text);

// Brings all that the router has into an order that a person expects.
void sort(Shown_router &router);

// Whether "r2" comes before "r10", and 10.0.0.9 before 10.0.0.10.
bool natural_less(const std::string &a, const std::string &b);

std::string words_of(const Shown_rule &rule);   // "dnat_and_snat A = B"
std::string words_of(const Shown_route &route); // "A via B on port"

// What an error says beside that which is 'told' already; empty: nothing.
std::string news_of(const std::string &error, const std::string &told);

// Whether all that is wrong with it is wrong with other rows of its router.
bool waits_for_others(const Condition &condition);

// "1 other row waits", "201 other rows wait"; 'kind' is "row".
std::string waiting_in_words(size_t n, const std::string &kind);

// Whether packets meet it, for all that is known here.
bool is_in_use(const Condition &condition);

// The state as a word for people: "active", "not looked at yet".
std::string word_of(const Condition &condition);

// Control characters become '?', for terminals and other programs.
std::string printable(std::string_view text);

// Lines for a terminal.
std::string tree_of(const Shown_router &router);

// A graph for Graphviz's dot(1).
std::string dot_of(const std::vector<Shown_router> &routers);

} // namespace snat::view
