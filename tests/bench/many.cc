// Many routers at once, from none and back.

#include "bench.hh"
#include "crowd.hh"
#include "floor.hh"

#include <cstdlib>

namespace bench {
namespace {

class Crowd {
public:
    explicit Crowd(Client &client) : client_{client}, floor_{client} {}

    void
    run(int count, bool apart)
    {
        const auto crowd = samples(0, count), least = samples(0, count, true);
        const Timing added = measure(count, [&] {
            return time_crowd(client_, crowd, apart, add_rows);
        });
        const Timing deleted = measure(count, [&] {
            return time_crowd(client_, crowd, apart, delete_rows);
        });
        const Pause pause{processes_};
        const Timing floor_added
            = measure(count, [&] { return floor_.add(least, apart); });
        const Timing floor_deleted
            = measure(count, [&] { return floor_.remove(least, apart); });
        const std::string what = std::to_string(count) + ", "
                                 + (apart ? "a transaction each" : "in one");
        print("each of " + what + ", added", added, floor_added);
        print("each of " + what + ", deleted", deleted, floor_deleted);
    }

private:
    // For each of them.
    template <typename Time>
    Timing
    measure(int count, Time time)
    {
        floor_.settle();
        processes_.rest();
        const Cpu before = processes_.used();
        Timing timing;
        timing.ms.push_back(time() / count);
        timing.add((processes_.used() - before) / count);
        return timing;
    }

    Client &client_;
    Processes processes_;
    Floor floor_;
};

} // namespace

void
measure_many(Client &client, const Timing &)
{
    set_no_limits(client);
    std::vector<int> sizes{100, 1000};
    if (getenv("FULL")) {
        sizes.push_back(3000);
    }
    Crowd crowd{client};
    for (const int size : sizes) {
        for (const bool apart : {false, true}) {
            crowd.run(size, apart);
        }
    }
}

} // namespace bench
