// See snatctl-neutron.hh.
#include "snatctl-neutron.hh"

#include "router/names.hh"
#include "snatctl-edits.hh"
#include "snatctl-neutron-owners.hh"
#include "snatctl-neutron-rows.hh"
#include "snatctl-transaction.hh"
#include "snatctl.hh"

#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unistd.h>
#include <vector>

namespace snat::ctl {
namespace {

using neutron::Wanted_router;

constexpr const char *name_of_command = "neutron-sync";

[[noreturn]] void
fail(const std::string &what)
{
    ctl_fatal("%s: %s", name_of_command, printable(what).c_str());
}

struct File_close {
    void
    operator()(FILE *file) const
    {
        if (file != stdin) {
            fclose(file);
        }
    }
};

std::string
read_file(const std::string &name)
{
    constexpr size_t most = size_t{1} << 28;
    const std::unique_ptr<FILE, File_close> file{
        name == "-" ? stdin : fopen(name.c_str(), "re")};
    if (!file) {
        fail(name + ": " + ovs_strerror(errno));
    }
    std::string text;
    char part[65536];
    while (const size_t n = fread(part, 1, sizeof part, file.get())) {
        text.append(part, n);
        if (text.size() > most) {
            fail(name + ": expected at most " + std::to_string(most)
                 + " bytes");
        }
    }
    if (ferror(file.get())) {
        fail(name + ": " + ovs_strerror(errno));
    }
    return text;
}

// What Neutron calls a node unless it is told otherwise.
std::string
own_host_name()
{
    char name[256] = "";
    if (gethostname(name, sizeof name - 1)) {
        fail(std::string{"the name of this host: "} + ovs_strerror(errno));
    }
    return name;
}

std::string
option_of(const ctl_command &command, const char *name,
          const std::string &otherwise)
{
    const auto *value
        = static_cast<const char *>(shash_find_data(&command.options, name));
    return value ? value : otherwise;
}

neutron::Site
read_site(const ctl_command &command)
{
    const std::string bridge = option_of(command, "--bridge", "br-int");
    return {option_of(command, "--host", own_host_name()), bridge,
            option_of(command, "--external-bridge", bridge)};
}

std::vector<Wanted_router>
read_wanted(const ctl_command &command)
{
    const std::string file = command.argv[1];
    const auto routers = neutron::read_payload(read_file(file));
    if (!routers) {
        fail((file == "-" ? "standard input" : file) + ": "
             + routers.error().what);
    }
    const neutron::Site site = read_site(command);
    std::vector<Wanted_router> all;
    for (const auto &router : *routers) {
        all.push_back(neutron::wanted_rows(router, site));
    }
    return all;
}

// Routers that we made and the payload does not have.
std::vector<Wanted_router>
leftovers(const ovsdb_idl *idl, const std::vector<Wanted_router> &wanted)
{
    auto names = marked_routers(idl);
    for (const Wanted_router &router : wanted) {
        names.erase(router.name);
    }
    std::vector<Wanted_router> all;
    for (const auto &name : names) {
        all.emplace_back().name = name;
    }
    return all;
}

// Writes one router after the other.
class Sync {
public:
    Sync(ovsdb_idl *idl, const Options &options, const std::string &comment,
         std::string host, Patience &patience)
        : idl_{idl}, options_{options}, comment_{comment},
          host_{std::move(host)}, patience_{patience}
    {
        result_.changes_before = newest_changes(idl);
    }

    void
    write(const Wanted_router &router)
    {
        for (const auto &what : router.left_out) {
            ovs_error(0, "router %s: left out: %s", router.name.c_str(),
                      what.c_str());
        }
        auto seen = ovsdb_idl_get_seqno(idl_);
        while (!try_once(router)) {
            seen = next_state(idl_, options_.db, seen, patience_);
        }
        if (!router.elsewhere.empty()) {
            n_elsewhere_++;
            hosts_.insert(router.elsewhere);
        }
    }

    Committed
    finish()
    {
        const auto &manner = options_.manner;
        size_t all = n_untouched_elsewhere_;
        for (const auto &[effect, n] : counts_) {
            all += n;
        }
        printf("%zu routers%s: %zu added, %zu changed, %zu removed, %zu as "
               "they were\n",
               all, manner.dry_run ? " would be" : "", counts_[Effect::added],
               counts_[Effect::changed], counts_[Effect::removed],
               counts_[Effect::none]);
        tell_elsewhere();
        fflush(stdout); // Before a wait that may be long.
        return std::move(result_);
    }

private:
    void
    tell_elsewhere() const
    {
        if (n_elsewhere_) {
            const std::string hosts
                = joined({hosts_.begin(), hosts_.end()}, ", ");
            const bool one = hosts_.size() == 1;
            printf("%zu %s for %s%s%s, not for %s (--host)\n", n_elsewhere_,
                   n_elsewhere_ == 1 ? "is" : "are",
                   one ? "host " : "other hosts (", printable(hosts).c_str(),
                   one ? "" : ")", printable(host_).c_str());
        }
    }

    // False if the database has changed meanwhile.
    bool
    try_once(const Wanted_router &router)
    {
        const bool dry_run = options_.manner.dry_run;
        const Txn txn = open_transaction(idl_, dry_run, comment_);
        const auto edits = dry_run ? std::optional<Edits>{idl_} : std::nullopt;
        const auto effect = write_wanted(idl_, txn.get(), router);
        if (!effect) {
            fail(effect.error().what);
        }
        const auto words
            = edits ? edits->in_words() : std::vector<std::string>{};
        if (*effect != Effect::none && !commit_one(router.name, txn.get())) {
            return false;
        }
        for (const auto &line : words) {
            printf("would %s\n", line.c_str());
        }
        if (*effect == Effect::none && !router.elsewhere.empty()) {
            n_untouched_elsewhere_++;
        } else {
            counts_[*effect]++;
        }
        return true;
    }

    bool
    commit_one(const std::string &router, ovsdb_idl_txn *txn)
    {
        const bool waits = options_.manner.wait && !options_.manner.dry_run;
        if (waits) {
            ask_daemon(idl_, txn);
        }
        const auto status = commit(idl_, txn, patience_);
        if (status == TXN_TRY_AGAIN) {
            return false;
        }
        if (waits && status == TXN_SUCCESS) {
            result_.next_cfg = ovsdb_idl_txn_get_increment_new_value(txn);
        }
        result_.touched_routers.insert(router);
        return true;
    }

    ovsdb_idl *idl_;
    const Options &options_;
    const std::string &comment_;
    std::string host_;
    Patience &patience_;
    Committed result_;
    std::map<Effect, size_t> counts_;
    // Routers for other hosts, and those of them that had no rows to remove.
    size_t n_elsewhere_ = 0, n_untouched_elsewhere_ = 0;
    std::set<std::string> hosts_;
};

void
pre_neutron_sync(ctl_context *ctx)
{
    replicate_marks(ctx->idl);
}

} // namespace

bool
is_neutron_sync(std::span<const ctl_command> commands)
{
    bool found = false;
    for (const auto &command : commands) {
        found |= !strcmp(command.syntax->name, name_of_command);
    }
    if (found && commands.size() > 1) {
        fail("expected to be the only command, for it makes a transaction "
             "for each router");
    }
    return found;
}

Committed
sync_neutron(ovsdb_idl *idl, const ctl_command &command,
             const Options &options, const std::string &comment,
             Patience &patience)
{
    if (options.manner.confirm) {
        fail("--confirm: expected with other commands only");
    }
    auto wanted = read_wanted(command);
    next_state(idl, options.db, ovsdb_idl_get_seqno(idl), patience);
    if (const auto names = check_names(idl, wanted); !names) {
        fail(names.error().what);
    }
    Sync sync{idl, options, comment, read_site(command).host, patience};
    for (const Wanted_router &router : wanted) {
        sync.write(router);
    }
    if (shash_find(&command.options, "--prune")) {
        for (const Wanted_router &router : leftovers(idl, wanted)) {
            sync.write(router);
        }
    }
    return sync.finish();
}

const ctl_command_syntax neutron_commands[] = {
    {name_of_command, 1, 1, "FILE", pre_neutron_sync, nullptr, nullptr,
     "--prune,--host=,--bridge=,--external-bridge=", ctl_command_syntax::RW},
    {},
};

} // namespace snat::ctl
