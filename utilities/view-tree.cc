// A router as lines for a terminal.  What is as it should be takes one line;
// what is not says so, with a sentence below it.
#include "router/wired.hh"
#include "view.hh"

#include <algorithm>

namespace snat::view {
namespace {

constexpr size_t width = 79;

bool
is_well(const Condition &is)
{
    return is.error.empty() && (is.state == "active" || is.state == recorded);
}

class Tree {
public:
    explicit Tree(const Shown_router &router) : router_{router} {}

    std::string
    text()
    {
        tell_router();
        tell_change();
        for (const Shown_port &port : router_.ports) {
            tell_port(port);
        }
        for (const Shown_rule &rule : router_.rules) {
            tell_row("nat", rule, rule.options);
        }
        tell_untold("nat", router_.rules_untold, router_.rules.empty());
        tell_waiting("NAT rule", router_.rules);
        for (const Shown_route &route : router_.routes) {
            tell_row("route", route, {});
        }
        tell_untold("route", router_.routes_untold, router_.routes.empty());
        tell_waiting("route", router_.routes);
        return std::move(out_);
    }

private:
    void
    line(const std::string &text, size_t depth = 1)
    {
        out_ += std::string(depth * 4, ' ') + printable(text) + "\n";
    }

    // "head: word, word, word", on as many lines as that takes.
    void
    fill(const std::string &head, const std::vector<std::string> &words)
    {
        std::string text = "    " + printable(head);
        for (size_t i = 0; i < words.size(); i++) {
            const std::string word = printable(words[i]);
            const bool fits = text.size() + word.size() + 3 <= width;
            text += i ? "," : ":";
            if (!fits) {
                out_ += text + "\n";
                text = "       ";
            }
            text += " " + word;
        }
        out_ += text + "\n";
    }

    // Not what the router's own error tells already.
    void
    tell_error(const std::string &error)
    {
        if (const auto news = news_of(error, router_.is.error);
            !news.empty()) {
            line("error: " + news, 2);
        }
    }

    std::string
    state() const
    {
        if (router_.has_row) {
            return word_of(router_.is);
        }
        return std::ranges::any_of(router_.ports, &Shown_port::by_vsctl)
                   ? "wired by ovs-vsctl (ovs-appctl -t ovs-snatd "
                     "router/show "
                         + router_.name + " tells its state)"
                   : "wired, though its row is gone";
    }

    void
    tell_router()
    {
        line("router " + router_.name + ": " + state(), 0);
        if (!router_.is.error.empty()) {
            line("error: " + router_.is.error);
        }
        std::vector<std::string> words = router_.options;
        if (!router_.enable_snat) {
            words.insert(words.begin(), "without default SNAT");
        }
        if (router_.is_wired) {
            fill("namespace " + namespace_name(router_.name), words);
            return;
        }
        line(router_.ports.empty() ? "no ports: nothing is wired"
                                   : "nothing is wired");
        if (!words.empty()) {
            fill("options", words);
        }
    }

    void
    tell_change()
    {
        if (!router_.change) {
            return;
        }
        const Shown_change &change = *router_.change;
        line("change " + std::to_string(change.number) + " (" + change.cause
             + "): " + change.state + ", " + change.started
             + (change.ms.empty() ? "" : ", took " + change.ms + " ms"));
        tell_error(change.error);
        if (!change.confirm_until.empty()) {
            line("waits to be confirmed until " + change.confirm_until
                     + ": ovs-snatctl confirm " + router_.name,
                 2);
        }
    }

    // A row's head: its state only if that is not what one expects.
    std::string
    head(const std::string &name, const Condition &is) const
    {
        const bool expected
            = is_well(is)
              || (is.error.empty() && is.state == router_.is.state);
        return expected ? name : name + " [" + word_of(is) + "]";
    }

    void
    tell_port(const Shown_port &port)
    {
        std::vector<std::string> words{
            (port.role.empty() ? "without a role" : port.role)
            + (port.bridge.empty() ? "" : " on " + port.bridge)};
        const auto add = [&](const char *what, const std::string &value) {
            if (!value.empty()) {
                words.push_back(what + value);
            }
        };
        add("VLAN ", port.tag);
        words.insert(words.end(), port.networks.begin(), port.networks.end());
        for (const auto &ip : port.gateway_ips) {
            add("next hop ", ip);
        }
        add("MAC ", port.mac);
        add("MTU ", port.mtu);
        words.insert(words.end(), port.options.begin(), port.options.end());
        if (router_.has_row && port.by_vsctl) {
            words.push_back("by ovs-vsctl");
        }
        fill(head("port " + port.name, port.is), words);
        if (!waits_for_others(port.is)) {
            tell_error(port.is.error);
        }
    }

    // Those that wait for others are summed up, lest they bury what is wrong.
    void
    tell_row(const std::string &kind, const auto &row,
             std::vector<std::string> words)
    {
        if (waits_for_others(row.is)) {
            return;
        }
        if (router_.has_row && row.by_vsctl) {
            words.push_back("by ovs-vsctl");
        }
        fill(head(kind + " " + words_of(row), row.is), words);
        tell_error(row.is.error);
    }

    void
    tell_untold(const std::string &kind, size_t n, bool is_all)
    {
        if (n) {
            line(kind + ": " + std::to_string(n) + (is_all ? "" : " more"));
        }
    }

    void
    tell_waiting(const std::string &kind, const auto &rows)
    {
        const auto n = std::ranges::count_if(
            rows, [](const auto &row) { return waits_for_others(row.is); });
        if (n) {
            line(waiting_in_words(static_cast<size_t>(n), kind));
        }
    }

    const Shown_router &router_;
    std::string out_;
};

} // namespace

std::string
tree_of(const Shown_router &router)
{
    return Tree{router}.text();
}

} // namespace snat::view
