// What a database server says of a transaction that it does not take.
#pragma once

#include <string>

namespace snat {

// A sentence for a person, of the JSON of the operation that failed: its rows
// have no UUIDs there, which say nothing to anybody.  What is no such JSON is
// taken as it is.
std::string refusal_words(const std::string &refusal);

} // namespace snat
