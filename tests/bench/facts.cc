#include "facts.hh"

#include <algorithm>
#include <cstdio>

namespace bench {
namespace {

// "CPU of ovs-snatd" in "ms": "cpu_of_ovs_snatd_ms".
std::string
key(const Fact &fact)
{
    std::string key = fact.name + (fact.unit.empty() ? "" : "_" + fact.unit);
    std::ranges::replace_if(
        key, [](unsigned char c) { return !isalnum(c); }, '_');
    std::ranges::transform(key, key.begin(),
                           [](unsigned char c) { return tolower(c); });
    return key;
}

} // namespace

void
print(const std::string &what, const std::vector<Fact> &facts)
{
    printf("%s\n", what.c_str());
    std::string json = "{\"what\": \"" + what + "\"";
    for (const Fact &fact : facts) {
        char value[32];
        snprintf(value, sizeof value, "%.*f",
                 fact.unit.empty() || fact.value > 1e4 ? 0 : 2, fact.value);
        printf("  %-30s %10s %s", fact.name.c_str(), value, fact.unit.c_str());
        json += ", \"" + key(fact) + "\": " + value;
        if (fact.at_most) {
            printf("  (shall be at most %g%s)", *fact.at_most,
                   fact.value > *fact.at_most ? "; is not" : "");
        }
        printf("\n");
    }
    printf("%s}\n", json.c_str());
    fflush(stdout);
}

} // namespace bench
