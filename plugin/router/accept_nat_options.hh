// Options of NAT rows, each read strictly.  What is not there leaves 'out' as
// it is.
#pragma once

#include "accept_port.hh"
#include "nat.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace snat {

// An address alone is a network of one.
std::optional<Network> parse_network_or_host(const std::string &text);

Check read_boolean(const Options &options, const char *key, bool &out);

// A whole number between these; an empty text is as good as none.
Check read_option(const Options &options, const char *key, uint32_t least,
                  uint32_t most, uint32_t &out);

// Networks, sorted and each once.
Check read_peers(const Options &options, const char *key,
                 std::vector<Network> &out);

// rate-in, burst-in, rate-out and burst-out, of a rule or of a port.
Check read_rate_options(const Options &options, Rate &in, Rate &out);

} // namespace snat
