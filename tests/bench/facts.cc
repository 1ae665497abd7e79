#include "facts.hh"

#include <cctype>
#include <cstdio>

namespace bench {
namespace {

// "processor, ovs-snatd" in "ms": "processor_ovs_snatd_ms".
std::string
key(const Fact &fact)
{
    std::string key;
    for (const unsigned char c : fact.name + " " + fact.unit) {
        if (isalnum(c)) {
            key += static_cast<char>(tolower(c));
        } else if (!key.ends_with('_')) {
            key += '_';
        }
    }
    return key.ends_with('_') ? key.substr(0, key.size() - 1) : key;
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
