// Routers as a graph for Graphviz: from the inside on the left by way of
// bridges, ports and namespaces to the next hops on the right.
//
// Boxes bring their own light ground and dark text, and lines are grey, so
// that the picture can be read on any page.  A colour says nothing that is not
// also said by a word.  All names go through quoted() or escaped().
#include "router/wired.hh"
#include "view.hh"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace snat::view {
namespace {

using Lines = std::vector<std::string>;

constexpr size_t most_told = 8; // Of rules, and of routes.

constexpr const char *head = R"(digraph "ovs-snat" {
    graph [bgcolor=transparent, rankdir=LR, nodesep=0.35, ranksep=0.6,
           fontname="DejaVu Sans,Verdana,sans-serif", fontsize=10]
    node [shape=plain, fontname="DejaVu Sans,Verdana,sans-serif", fontsize=10,
          fontcolor="#1b1f24"]
    edge [dir=none, color="#7d8590", penwidth=1.6]
)";

// A name of the dot language.
std::string
quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : printable(text)) {
        out += c == '"' || c == '\\' ? "\\" : "";
        out += c;
    }
    return out + "\"";
}

// Text in an HTML-like label, where an empty one is an error.
std::string
escaped(std::string_view text)
{
    static const std::map<char, const char *> entities{
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    std::string out;
    for (const char c : printable(text)) {
        const auto found = entities.find(c);
        found == entities.end() ? out += c : out += found->second;
    }
    return out.empty() ? " " : out;
}

const char *
ground(const std::string &state)
{
    static const std::map<std::string, const char *> colours{
        {"active", "#dafbe1"},   {"pending", "#fff8c5"}, {"failed", "#ffd7d5"},
        {"degraded", "#ffe2c8"}, {"standby", "#ddf4ff"},
    };
    const auto found = colours.find(state);
    return found == colours.end() ? "#eaeef2" : found->second;
}

// "9990" to "9,990".
std::string
grouped(size_t n)
{
    std::string digits = std::to_string(n);
    for (size_t i = digits.size(); i > 3; i -= 3) {
        digits.insert(i - 3, ",");
    }
    return digits;
}

// An error may be long: lines of some 40 characters.
Lines
folded(const std::string &text)
{
    constexpr size_t width = 40;
    Lines lines;
    size_t begin = 0;
    while (text.size() - begin > width) {
        const size_t space = text.find(' ', begin + width);
        if (space == std::string::npos) {
            break;
        }
        lines.push_back(text.substr(begin, space - begin));
        begin = space + 1;
    }
    if (begin < text.size()) {
        lines.push_back(text.substr(begin));
    }
    return lines;
}

// Beside a text: dot(1) measures it with its own font and rounding, and
// whoever shows the picture may have a wider one, that wants a tenth more.
std::string
margin_for(const std::string &text)
{
    constexpr size_t characters_for_each = 5;
    std::string spaces;
    for (size_t i = 0; i <= text.size() / characters_for_each; i++) {
        spaces += "&#160;";
    }
    return spaces;
}

// The label of a box: a title, and parts with a line between them.
std::string
box(const std::string &title, const std::vector<Lines> &parts,
    const char *colour)
{
    const auto row = [](const std::string &text, const std::string &shown) {
        return "<tr><td align=\"left\">" + shown + "</td><td>"
               + margin_for(text) + "</td></tr>";
    };
    std::string out = "<<table border=\"1\" cellborder=\"0\" "
                      "cellspacing=\"0\" cellpadding=\"3\" style=\"rounded\" "
                      "color=\"#7d8590\" bgcolor=\"";
    out += colour + std::string{"\">"}
           + row(title, "<b>" + escaped(title) + "</b>");
    for (const Lines &lines : parts) {
        out += lines.empty() ? "" : "<hr/>";
        for (const std::string &line : lines) {
            out += row(line, escaped(line));
        }
    }
    return out + "</table>>";
}

std::string
words_for(const Shown_rule &rule)
{
    const auto with_ports = [&](std::string ip, const std::string &ports) {
        ip += ip.empty() || rule.protocol.empty() ? "" : " " + rule.protocol;
        return ip + (ports.empty() ? "" : " " + ports);
    };
    const std::string outside = with_ports(rule.external, rule.external_ports);
    if (rule.no_nat) {
        return rule.type == "snat" ? "no NAT for " + rule.logical
                                   : "no forward of " + outside;
    }
    if (rule.type == "dnat_and_snat") {
        return "floating IP " + outside + " = " + rule.logical;
    }
    if (rule.type == "snat") {
        return "SNAT " + rule.logical + " to " + outside;
    }
    return "forward " + outside + " to " + rule.logical
           + (rule.logical_ports.empty() ? "" : " " + rule.logical_ports);
}

// Those with errors of their own are told first; of too many the rest is a
// number.
template <typename Row>
Lines
told(std::vector<Row> rows, auto words_of_row)
{
    std::ranges::stable_partition(rows, [](const Row &row) {
        return !row.is.error.empty() && !waits_for_others(row.is);
    });
    const size_t n = std::min(rows.size(), most_told);
    Lines lines;
    for (size_t i = 0; i < n; i++) {
        const bool well
            = rows[i].is.state == "active" || rows[i].is.state == recorded;
        lines.push_back(words_of_row(rows[i])
                        + (well ? "" : ": " + word_of(rows[i].is)));
    }
    if (rows.size() > n) {
        lines.push_back("and " + grouped(rows.size() - n) + " more");
    }
    return lines;
}

class Dot {
public:
    std::string
    text(const std::vector<Shown_router> &routers)
    {
        for (const Shown_router &router : routers) {
            add_router(router);
        }
        std::string out = head;
        for (const auto &[id, label] : around_) {
            out += "    " + quoted(id) + " [label=" + label + "]\n";
        }
        out += clusters_;
        for (const auto &[from, to] : edges_) {
            out += "    " + quoted(from) + " -> " + quoted(to) + "\n";
        }
        return out + "}\n";
    }

private:
    void
    add_router(const Shown_router &router)
    {
        const std::string id = "router " + router.name;
        clusters_ += "    subgraph " + quoted("cluster " + router.name)
                     + " {\n        label="
                     + quoted(router.is_wired
                                  ? "namespace " + namespace_name(router.name)
                                  : "nothing is wired")
                     + "\n        style=\"rounded,filled\"; "
                       "color=\"#7d8590\"; fillcolor=\"#f6f8fa\"; "
                       "fontcolor=\"#1b1f24\"\n";
        add_node(id, router_box(router));
        for (const Shown_port &port : router.ports) {
            add_node(port_id(router, port), port_box(port));
        }
        clusters_ += "    }\n";
        for (const Shown_port &port : router.ports) {
            join(id, port_id(router, port), port);
        }
    }

    void
    add_node(const std::string &id, const std::string &label)
    {
        clusters_ += "        " + quoted(id) + " [label=" + label + "]\n";
    }

    static std::string
    port_id(const Shown_router &router, const Shown_port &port)
    {
        return "port " + port.name + " of " + router.name;
    }

    static std::string
    router_box(const Shown_router &router)
    {
        Lines about = folded(router.is.error);
        if (router.change) {
            about.push_back("change " + std::to_string(router.change->number)
                            + ": " + router.change->state);
        }
        Lines rules = told(router.rules, words_for);
        if (router.rules_untold) {
            rules.push_back("and " + grouped(router.rules_untold) + " more");
        }
        for (const Shown_port &port : router.ports) {
            if (!port.snat_ip.empty() && is_in_use(port.is)) {
                rules.push_back("SNAT of all else by " + port.name + " to "
                                + port.snat_ip);
            }
        }
        const auto words = [](const Shown_route &route) {
            return "route " + words_of(route);
        };
        const std::string state
            = router.has_row ? word_of(router.is) : whose(router.ports);
        return box("router " + router.name + ": " + state,
                   {about, rules, told(router.routes, words)},
                   ground(router.has_row ? router.is.state : recorded));
    }

    // Of what has no state here.
    static std::string
    whose(const std::vector<Shown_port> &ports)
    {
        return std::ranges::any_of(ports, &Shown_port::by_vsctl)
                   ? "by ovs-vsctl"
                   : "its row is gone";
    }

    static std::string
    port_box(const Shown_port &port)
    {
        Lines lines = folded(port.is.error);
        lines.push_back(port.role.empty() ? "without a role" : port.role);
        const auto add = [&](const char *what, const std::string &value) {
            if (!value.empty()) {
                lines.push_back(what + value);
            }
        };
        for (const auto &network : port.networks) {
            add("", network);
        }
        add("VLAN ", port.tag);
        add("MAC ", port.mac);
        add("MTU ", port.mtu);
        const std::string state
            = port.is.state == recorded ? whose({port}) : word_of(port.is);
        return box(port.name + ": " + state, {lines}, ground(port.is.state));
    }

    // From left to right: bridge, internal port, router, gateway port, bridge,
    // next hops.
    void
    join(const std::string &router, const std::string &port,
         const Shown_port &shown)
    {
        const bool outside = shown.role == "gateway";
        const std::string bridge = bridge_of(shown);
        if (!outside) {
            edges_.emplace(bridge, port);
            edges_.emplace(port, router);
            return;
        }
        edges_.emplace(router, port);
        edges_.emplace(port, bridge);
        for (const auto &ip : shown.gateway_ips) {
            const std::string id = "next hop " + ip + " by " + bridge;
            around_[id] = box(ip, {{"next hop"}}, "#ffffff");
            edges_.emplace(bridge, id);
        }
    }

    // That of a port made with ovs-vsctl is only in the switch's database.
    std::string
    bridge_of(const Shown_port &port)
    {
        if (port.bridge.empty()) {
            const std::string id = "bridge of " + port.name;
            around_[id]
                = box("a bridge",
                      {{"ovs-vsctl port-to-br " + port.name, "tells which"}},
                      ground(recorded));
            return id;
        }
        const std::string id = "bridge " + port.bridge;
        if (lacks_bridge(port)) {
            around_[id] = box(port.bridge, {{"bridge, does not exist"}},
                              ground("failed"));
        } else { // Unless another port has told already that it is missing.
            around_.emplace(id, box(port.bridge, {{"bridge"}}, "#ddf4ff"));
        }
        return id;
    }

    static bool
    lacks_bridge(const Shown_port &port)
    {
        return port.is.error.find("the bridge \"" + port.bridge
                                  + "\" does not exist")
               != std::string::npos;
    }

    std::map<std::string, std::string> around_; // Labels, by id.
    std::string clusters_;
    std::set<std::pair<std::string, std::string>> edges_;
};

} // namespace

std::string
dot_of(const std::vector<Shown_router> &routers)
{
    return Dot{}.text(routers);
}

} // namespace snat::view
