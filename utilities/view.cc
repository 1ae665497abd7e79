// See view.hh.
#include "view.hh"

#include <algorithm>
#include <cstring>

namespace snat::view {
namespace {

bool
is_gateway(const Shown_port &port)
{
    return port.role == "gateway";
}

} // namespace

bool
natural_less(const std::string &a, const std::string &b)
{
    return strverscmp(a.c_str(), b.c_str()) < 0;
}

void
sort(Shown_router &router)
{
    std::ranges::sort(router.ports, [](const auto &a, const auto &b) {
        return is_gateway(a) != is_gateway(b) ? is_gateway(a)
                                              : natural_less(a.name, b.name);
    });
    const auto words = [](const auto &row) { return words_of(row); };
    std::ranges::sort(router.rules, natural_less, words);
    std::ranges::sort(router.routes, natural_less, words);
}

std::string
words_of(const Shown_rule &rule)
{
    std::string words = rule.type;
    words += rule.external.empty() ? "" : " " + rule.external;
    if (!rule.protocol.empty()) {
        words += " " + rule.protocol;
    }
    if (!rule.external_ports.empty()) {
        words += " " + rule.external_ports;
    }
    if (!rule.logical.empty()) {
        words += (rule.external.empty() ? " " : " = ") + rule.logical;
    }
    if (!rule.logical_ports.empty()) {
        words += " " + rule.logical_ports;
    }
    words += rule.port.empty() ? "" : " on " + rule.port;
    return words;
}

std::string
words_of(const Shown_route &route)
{
    std::string words = (route.by_source ? "from " : "") + route.prefix;
    if (route.next_hop == "discard") {
        words += " discard";
    } else if (!route.next_hop.empty()) {
        words += " via " + route.next_hop;
    }
    words += route.port.empty() ? "" : " on " + route.port;
    words += route.metric.empty() ? "" : " metric " + route.metric;
    words += route.table.empty() ? "" : " in table " + route.table;
    return words;
}

std::string
news_of(const std::string &error, const std::string &told)
{
    if (told.empty() || error.empty()) {
        return error;
    }
    if (told.find(error) != std::string::npos) {
        return "";
    }
    std::string news = error;
    if (const auto at = news.find(told); at != std::string::npos) {
        news.erase(at, told.size());
    }
    return news.ends_with(": ") ? news.substr(0, news.size() - 2) : news;
}

bool
waits_for_others(const Condition &condition)
{
    return condition.error.starts_with("waits for other rows of its router");
}

std::string
waiting_in_words(size_t n, const std::string &kind)
{
    return std::to_string(n) + " other " + kind
           + (n == 1 ? " waits" : "s wait");
}

bool
is_in_use(const Condition &condition)
{
    return condition.state == "active" || condition.state == "degraded"
           || condition.state == recorded;
}

std::string
word_of(const Condition &condition)
{
    return condition.state.empty() ? "not looked at yet" : condition.state;
}

std::string
printable(std::string_view text)
{
    std::string safe{text};
    std::ranges::replace_if(
        safe, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
    return safe;
}

} // namespace snat::view
