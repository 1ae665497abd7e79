// What was found out, by name: for measurements that are not one time that is
// taken again and again.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Fact {
    std::string name;
    double value;
    std::string unit; // Empty: a mere number.
    std::optional<double> at_most = {};
};

inline void
append(std::vector<Fact> &facts, const std::vector<Fact> &more)
{
    facts.insert(facts.end(), more.begin(), more.end());
}

// A heading and a line for each, and one of JSON for programs.
void print(const std::string &what, const std::vector<Fact> &facts);

} // namespace bench
