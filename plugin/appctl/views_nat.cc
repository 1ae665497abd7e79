// What ovs-appctl prints of translation.

#include "appctl/views.hh"

#include "appctl/views_json.hh"

namespace snat {
namespace {

std::string
endpoint(const Ip &ip, const std::string &port)
{
    const std::string text = to_string(ip);
    return port.empty() ? text
                        : (ip.is_v4() ? text : "[" + text + "]") + ":" + port;
}

std::string
port_text(const Packet &packet, uint16_t port,
          const std::optional<Taken> &taken)
{
    return !packet.protocol        ? ""
           : taken && taken->ports ? to_string(*taken->ports)
                                   : std::to_string(port);
}

Json
taken_json(const Taken &taken)
{
    Json json{json_object()};
    if (!taken.rule.empty()) {
        set(json, "rule", taken.rule);
    }
    set(json, "address", to_string(taken.address));
    if (taken.ports) {
        set(json, "ports", to_string(*taken.ports));
    }
    return json;
}

Json
trace_json(const Trace &trace)
{
    Json json{json_object()};
    if (trace.destination) {
        set(json, "destination", taken_json(*trace.destination));
    }
    if (!trace.exception.empty()) {
        set(json, "exception", trace.exception);
    }
    set(json, "local", Json{json_boolean(trace.is_local)});
    if (trace.route && !trace.is_local) {
        set(json, "route", to_string(*trace.route));
        if (!trace.route_of_port.empty()) {
            set(json, "route_of_port", trace.route_of_port);
        }
        if (trace.route_of_source) {
            set(json, "route_of_source", to_string(*trace.route_of_source));
        }
        Json hops{json_array()};
        for (size_t i = 0; i < trace.out_ports.size(); i++) {
            Json hop{json_object()};
            set(hop, "port", trace.out_ports[i]);
            if (trace.next_hops[i]) {
                set(hop, "via", to_string(*trace.next_hops[i]));
            }
            append(hops, std::move(hop));
        }
        set(json, "hops", std::move(hops));
    }
    if (trace.source) {
        set(json, "source", taken_json(*trace.source));
    }
    if (!trace.dropped.empty()) {
        set(json, "dropped", trace.dropped);
    }
    return json;
}

std::string
route_text(const Trace &trace)
{
    if (trace.is_local) {
        return "route: to the router itself\n";
    }
    if (!trace.route) {
        return "route: none, so it is dropped\n";
    }
    std::string out = "route: " + to_string(*trace.route);
    for (size_t i = 0; i < trace.out_ports.size(); i++) {
        out += (i ? ", or" : "")
               + (trace.next_hops[i] ? " via " + to_string(*trace.next_hops[i])
                                     : std::string{" on-link"})
               + " on " + trace.out_ports[i];
    }
    if (!trace.route_of_port.empty()) {
        out += ", for what comes by " + trace.route_of_port;
    }
    if (trace.route_of_source) {
        out += ", for what comes from " + to_string(*trace.route_of_source);
    }
    return out
           + (trace.out_ports.empty() ? ", where packets are discarded\n"
                                      : "\n");
}

// Why the side is as it is.
std::string
taken_text(const char *side, const std::optional<Taken> &taken,
           const std::string &exception)
{
    std::string why = "no rule";
    if (taken) {
        why = taken->rule.empty() ? "as an answer must come back by the router"
                                  : "by the rule " + taken->rule;
    } else if (!exception.empty()) {
        why = "left as it is by the rule " + exception;
    }
    return std::string{side} + ": " + why + "\n";
}

} // namespace

std::string
view_counts(const Nat_counts &counts, Format format)
{
    Json all{json_object()};
    std::string text;
    for (const auto &[rule, count] : counts) {
        Json json{json_object()};
        set(json, "packets", count.packets);
        set(json, "bytes", count.bytes);
        set(json, "reply_packets", count.reply_packets);
        set(json, "reply_bytes", count.reply_bytes);
        set(json, "flows", count.flows);
        set(all, rule.c_str(), std::move(json));
        const auto number = [](uint64_t n) { return std::to_string(n); };
        text += rule + "\n    " + number(count.flows) + " flows, "
                + number(count.packets) + " packets of " + number(count.bytes)
                + " bytes, " + number(count.reply_packets) + " in reply of "
                + number(count.reply_bytes) + " bytes\n";
    }
    return format == Format::json ? pretty(all) : text;
}

std::string
view_trace(const Packet &packet, const Trace &trace, Format format)
{
    if (format == Format::json) {
        return pretty(trace_json(trace));
    }
    const std::string protocol
        = packet.protocol ? to_string(*packet.protocol) : "icmp";
    const std::string sport = port_text(packet, packet.sport, {}),
                      dport = port_text(packet, packet.dport, {});
    std::string out = "in " + packet.in_port + ": " + protocol + " "
                      + endpoint(packet.src, sport) + " > "
                      + endpoint(packet.dst, dport) + "\n";
    out += taken_text("destination", trace.destination, trace.exception);
    out += route_text(trace);
    if (trace.is_local || trace.out_ports.empty()) {
        return out;
    }
    out += taken_text("source", trace.source,
                      trace.destination ? "" : trace.exception);
    if (!trace.dropped.empty()) {
        return out + "dropped: " + trace.dropped + "\n";
    }
    const Ip src = trace.source ? trace.source->address : packet.src;
    const Ip dst = trace.destination ? trace.destination->address : packet.dst;
    return out + "out " + trace.out_ports.front() + ": " + protocol + " "
           + endpoint(src, port_text(packet, packet.sport, trace.source))
           + " > "
           + endpoint(dst, port_text(packet, packet.dport, trace.destination))
           + "\n";
}

std::string
view_who(const std::map<std::string, std::vector<Behind>> &found,
         Format format)
{
    Json all{json_array()};
    std::string text;
    for (const auto &[router, list] : found) {
        for (const Behind &behind : list) {
            Json json{json_object()};
            set(json, "router", router);
            set(json, "rule", behind.rule);
            set(json, "inside", to_string(behind.inside));
            text += "router " + router + ": "
                    + (behind.inside == host_network(behind.inside.ip)
                           ? to_string(behind.inside.ip)
                           : to_string(behind.inside));
            if (behind.ports) {
                set(json, "ports", to_string(*behind.ports));
                text += ", ports " + to_string(*behind.ports);
            }
            text += ", by the rule " + behind.rule + "\n";
            append(all, std::move(json));
        }
    }
    return format == Format::json ? pretty(all) : text;
}

} // namespace snat
