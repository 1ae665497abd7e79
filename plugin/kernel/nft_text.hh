// Between the bytes of a set's elements and the text of a Nat_table's entries,
// which is nft's: "qg-demo . 10.0.0.0-10.0.0.255 . 0.0.0.0-255.255.255.255".
#pragma once

#include "kernel/nft_message.hh"
#include "router/result.hh"

#include <string>
#include <utility>

namespace snat {

// The key and what it leads to: a value, or in a set of named elements the
// name.  The error says what is not of the set's types.
Result<Nft_element> nft_element(const Nft_set &set, const std::string &key,
                                const std::string &value);

std::pair<std::string, std::string> nft_entry(const Nft_set &set,
                                              const Nft_element &element);

} // namespace snat
