// Prints steps and routers that have every member, for tests/json-schemas.
#include "full.hh"

#include <jansson.h>

#include <cstdio>

int
main()
{
    using namespace snat;
    Excerpt excerpt{full::router(), Nat_total{10000, "digest"}};
    const Json all{json_pack("{s: [o], s: [o, o]}", "steps",
                             to_json(full::steps()).release(), "router",
                             to_json(full::router()).release(),
                             to_json(excerpt).release())};
    puts(dump(all).c_str());
}
