// A payload as Neutron's server sends it, small, with all that we read of it.
#pragma once

#include "neutron-payload.hh"

#include <boost/test/unit_test.hpp>
#include <string>

namespace samples {

inline const std::string neutron_text = R"({
  "qos_policies": [
    {"id": "00000000-9999-4000-8000-000000000001", "name": "slow", "rules": [
      {"type": "bandwidth_limit", "direction": "ingress", "max_kbps": 2000,
       "max_burst_kbps": 100},
      {"type": "bandwidth_limit", "direction": "egress", "max_kbps": 1000,
       "max_burst_kbps": 0},
      {"type": "dscp_marking", "dscp_mark": 16}]}],
  "routers": [{
    "id": "00000000-1111-4000-8000-000000000001",
    "name": "r1",
    "admin_state_up": true,
    "revision_number": 7,
    "distributed": true,
    "gw_port_host": "gw",
    "enable_snat": true,
    "external_gateway_info": {
      "network_id": "outside", "enable_snat": true,
      "qos_policy_id": "00000000-9999-4000-8000-000000000001"},
    "gw_port": {
      "id": "aaaaaaaa-bbbb-4000-8000-000000000001",
      "mac_address": "fa:16:3e:00:00:01",
      "mtu": 1450,
      "fixed_ips": [
        {"subnet_id": "out4", "ip_address": "198.51.100.10", "prefixlen": 24},
        {"subnet_id": "out4", "ip_address": "198.51.100.9", "prefixlen": 24},
        {"subnet_id": "out6", "ip_address": "2001:db8::10"}],
      "subnets": [
        {"id": "out4", "cidr": "198.51.100.0/24",
         "gateway_ip": "198.51.100.1"},
        {"id": "out6", "cidr": "2001:db8::/64", "gateway_ip": "2001:db8::1"},
        {"id": "none", "cidr": "192.0.2.0/24", "gateway_ip": "192.0.2.1"}],
      "extra_subnets": [
        {"id": "more", "cidr": "203.0.113.0/24", "gateway_ip": null}],
      "address_scopes": {"4": "00000000-5555-4000-8000-000000000004",
                         "6": "00000000-5555-4000-8000-000000000006"}},
    "_snat_router_interfaces": [{
      "id": "cccccccc-dddd-4000-8000-000000000001",
      "mac_address": "fa:16:3e:00:00:02",
      "mtu": 0,
      "fixed_ips": [
        {"subnet_id": "in", "ip_address": "10.0.0.3", "prefixlen": 24}],
      "subnets": [
        {"id": "in", "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.1"}],
      "extra_subnets": [],
      "address_scopes": {"4": "00000000-5555-4000-8000-000000000004",
                         "6": null}}],
    "_interfaces": [],
    "_floatingips": [
      {"id": "f1", "floating_ip_address": "198.51.100.20",
       "fixed_ip_address": "10.0.0.5", "dvr_snat_bound": true,
       "qos_policy_id": "00000000-9999-4000-8000-000000000001",
       "port_forwardings": []},
      {"id": "f2", "floating_ip_address": "198.51.100.21",
       "fixed_ip_address": "10.0.0.6", "dvr_snat_bound": false}],
    "_pf_floatingips": [
      {"id": "f3", "floating_ip_address": "198.51.100.22",
       "fixed_ip_address": null, "port_forwardings": [
         {"protocol": "tcp", "external_port": 8080,
          "internal_ip_address": "10.0.0.7", "internal_port": 80},
         {"protocol": "udp", "external_port_range": "5000:5010",
          "internal_ip_address": "10.0.0.7",
          "internal_port_range": "6000:6010"}]}],
    "routes": [{"destination": "10.1.0.0/16", "nexthop": "10.0.0.254"}],
    "conntrack_helpers": [
      {"protocol": "udp", "port": 69, "helper": "tftp"},
      {"protocol": "tcp", "port": 21, "helper": "ftp"}],
    "enable_ndp_proxy": true,
    "ndp_proxies": [{"ip_address": "2001:db8:1::5"}]
  }]})";

// The same with one passage of it replaced, which must be there.
inline std::string
neutron_with(const std::string &passage, const std::string &other)
{
    std::string text = neutron_text;
    const auto at = text.find(passage);
    BOOST_REQUIRE_MESSAGE(at != text.npos, passage);
    return text.replace(at, passage.size(), other);
}

inline snat::neutron::Router
neutron_router(const std::string &text = neutron_text)
{
    const auto routers = snat::neutron::read_payload(text);
    if (!routers) {
        BOOST_FAIL(routers.error().what);
    }
    BOOST_REQUIRE_EQUAL(routers->size(), 1u);
    return routers->front();
}

} // namespace samples
