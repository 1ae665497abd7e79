// Values with every member there, for the tests of their JSON form.
#pragma once

#include "step/json.hh"

#include <string>
#include <vector>

namespace full {

using namespace snat;

inline Device
device()
{
    Device out;
    out.wiring = Wiring::internal;
    out.mac = *parse_mac("02:00:00:00:00:0a");
    out.mtu = 65535;
    out.checksum_offload = false;
    out.index = 4294967295;
    out.node_index = 2147483647;
    out.node_mac = *parse_mac("02:00:00:00:00:0b");
    out.node_up = false;
    return out;
}

inline Switch_port
switch_port()
{
    return {"br-ex",
            uint16_t{4095},
            Wiring::internal,
            {{"", ""},
             {"iface-id", "\"quoted\" \\ \n\x1b \xc3\xa4"},
             {"snat-owner", "ovs-snatd"}}};
}

inline Route
route()
{
    return {*parse_network("2001:db8::/32"),
            {{*parse_ip("fe80::1"), "qg-a"}, {std::nullopt, "qg-b"}},
            true};
}

inline Nat
nat()
{
    return {true,
            {{"gateways", {{"qg-a", ""}, {"qg-b", ""}}},
             {"default4", {{"qg-a", "0x80000001"}}}}};
}

inline Nat_rule
nat_rule()
{
    Nat_rule rule;
    rule.type = Nat_type::dnat;
    rule.external = *parse_ip("198.51.100.20");
    rule.logical = *parse_network("10.0.0.5/32");
    rule.protocol = Protocol::sctp;
    rule.external_ports = {80, 65535};
    rule.internal_ports = {1, 65456};
    rule.gateway_port = "qg-a";
    rule.random_ports = rule.log = rule.stateless = true;
    rule.port_block = 7;
    rule.max_flows = 65536;
    rule.in = {1, 2};
    rule.out = {3, 4};
    rule.allowed = {*parse_network("203.0.113.0/24")};
    rule.exempted
        = {*parse_network("203.0.113.8/32"), *parse_network("203.0.113.9/32")};
    return rule;
}

inline Static_route
static_route()
{
    return {*parse_network("2001:db8:9::/48"),
            true,
            *parse_ip("fe80::9"),
            "qg-a",
            4294967295,
            "blue"};
}

inline Route_rule
route_rule()
{
    return {Family::ipv6, 3080, "sg-a", *parse_network("2001:db8:9::/48"),
            70000,        true, true};
}

inline Router
router()
{
    Port gateway;
    gateway.name = "qg-a";
    gateway.role = Role::gateway;
    gateway.wiring = Wiring::internal;
    gateway.userspace = true;
    gateway.switch_port = switch_port();
    gateway.mac = *parse_mac("02:00:00:00:00:0a");
    gateway.mtu = 9000;
    // In the order they were written.
    gateway.networks
        = {*parse_network("198.51.100.10/24"),
           *parse_network("2001:db8::1/64"), *parse_network("10.0.0.1/8")};
    gateway.gateway_ips = {*parse_ip("198.51.100.1"), *parse_ip("fe80::1")};
    gateway.snat_ip = *parse_ip("198.51.100.10");
    gateway.first_ip = *parse_ip("198.51.100.9");
    gateway.nat = {nat_rule()};
    gateway.scopes = {"blue", "red"};
    gateway.mss_clamp = {true, 65495};
    gateway.ndp_proxy = {*parse_network("2001:db8::100/120")};
    Port internal;
    internal.name = "sg-a";
    internal.route_table = "blue";
    internal.routes = {static_route()};
    Nat_rule exception;
    exception.no_nat = true;
    exception.logical = *parse_network("2001:db8::/32");
    return {"demo",
            {{"qg-a", gateway}, {"sg-a", internal}},
            {exception, nat_rule()},
            {static_route(), {}},
            {{{"net/ipv4/ip_nonlocal_bind", "0"}},
             {{Protocol::udp, 65535, "tftp"}},
             4294967295}};
}

inline Wired
wired()
{
    Wired out;
    out.name = Name_state::foreign;
    out.taken_by = "a directory";
    out.exists = true;
    out.links["qg-a"]
        = {device(),
           true,
           true,
           true,
           true,
           true,
           true,
           {*parse_network("198.51.100.10/24"), *parse_network("10.0.0.1/8")},
           {*parse_ip("198.51.100.20"), *parse_ip("198.51.100.21")},
           {*parse_ip("2001:db8::9")}};
    out.links["sg-a"] = {};
    out.routes[route().prefix] = route();
    out.routes[{}] = {};
    out.route_rules = {route_rule(), {}};
    out.sysctls = {{"net/ipv4/ip_forward", "1"}, {"a", ""}};
    out.nat = nat();
    out.on_node = {{"sg-b", device()}};
    return out;
}

// Each kind at least once, with the optional members there and not.
inline std::vector<Step>
steps()
{
    return {
        Set_namespace{false, true},
        Set_namespace{true, false},
        Set_name{false, true},
        Set_nat{std::nullopt, Nat{}},
        Set_nat{Nat{}, nat()},
        Set_nat{nat(), std::nullopt},
        Change_nat{},
        Change_nat{{{"hosts4", "qg-a . 10.0.0.5", std::nullopt, "0x80000001"},
                    {"rules", "0x80000001", "a", "b"},
                    {"leaving4", "qg-a", "", std::nullopt}}},
        End_flows{},
        End_flows{{0, 4294967295},
                  {{*parse_ip("198.51.100.20"), 6, {80, 90}, {}, {7, 8}},
                   {*parse_ip("2001:db8::1"),
                    0,
                    {0, 65535},
                    Ip_range{*parse_ip("::1"), *parse_ip("::2")},
                    {}}},
                  {{*parse_ip("10.0.0.0"), *parse_ip("10.0.0.255")}},
                  true,
                  false},
        Set_sysctl{"net/ipv4/ip_forward", "", "1"},
        Set_device{"sg-a", std::nullopt, Device{}},
        Set_device{"sg-a", Device{}, device()},
        Set_device{"sg-a", device(), std::nullopt},
        Move_device{"sg-a", true, Device{}, device()},
        Move_device{"sg-a", false, device(), Device{}},
        Set_up{"sg-a", true, false},
        Set_addresses{
            "sg-a",
            {},
            {*parse_network("10.0.0.2/24"), *parse_network("10.0.0.1/24")}},
        Change_hosts{},
        Change_hosts{"sg-a",
                     {*parse_ip("198.51.100.20")},
                     {*parse_ip("198.51.100.22"), *parse_ip("10.0.0.7")}},
        Set_proxies{},
        Set_proxies{"qg-a", {*parse_ip("2001:db8::9")}, {}},
        Set_route{std::nullopt, route()},
        Set_route{route(), std::nullopt},
        Set_route_rule{std::nullopt, route_rule()},
        Set_route_rule{route_rule(), std::nullopt},
        Set_switch{},
        Set_switch{{{"b", std::nullopt, switch_port()},
                    {"a", switch_port(), Switch_port{}}}},
        Set_open{{"a", "b"}, true, false},
        Await_open{{"a", "b"}, false, true},
        Remove_abandoned{"qg-a"},
        Verify{},
        Verify{{{"qg-a", {*parse_ip("198.51.100.1"), *parse_ip("fe80::1")}},
                {"qg-b", {}}},
               true},
    };
}

} // namespace full
