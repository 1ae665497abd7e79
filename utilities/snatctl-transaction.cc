// See snatctl-transaction.hh.
#include "snatctl-transaction.hh"

#include "snatctl.hh"
#include "tables/refusal.hh"

namespace snat::ctl {
namespace {

// What to do about a connection that came to nothing.
const char *
advice(int error)
{
    switch (error) {
    case 0:
        return ": expected a server with the database OVS_SNAT, and of a "
               "cluster the one that leads (or --no-leader-only)";
    case ENOENT:
    case ECONNREFUSED:
        return ": expected its server to run (systemctl start ovs-snat, or "
               "ovs-snat-ctl start), or --db=REMOTE to say where it listens";
    case EACCES:
    case EPERM:
        return ": expected to be run as root";
    case EAFNOSUPPORT:
        return ": expected a remote such as unix:FILE, tcp:IP:PORT or "
               "ssl:IP:PORT";
    default:
        return "";
    }
}

[[noreturn]] void
give_up(const std::string &remote, int error)
{
    ctl_fatal("the database at %s cannot be used: %s%s",
              printable(remote).c_str(),
              error ? ovs_retval_to_string(error) : "it is another one",
              advice(error));
}

} // namespace

void
Txn_free::operator()(ovsdb_idl_txn *txn) const
{
    ovsdb_idl_txn_abort(txn);
    ovsdb_idl_txn_destroy(txn);
}

unsigned int
next_state(ovsdb_idl *idl, const std::string &remote, unsigned int seen,
           Patience &patience)
{
    for (;;) {
        ovsdb_idl_run(idl);
        if (!ovsdb_idl_is_alive(idl)) {
            give_up(remote, ovsdb_idl_get_last_error(idl));
        }
        const auto now = ovsdb_idl_get_seqno(idl);
        if (now != seen) {
            return now;
        }
        ovsdb_idl_wait(idl);
        patience.block(ovsdb_idl_has_ever_connected(idl)
                           ? "what wait-until asks for"
                           : "database " + remote);
    }
}

Txn
open_transaction(ovsdb_idl *idl, bool dry_run, const std::string &comment)
{
    Txn txn{ovsdb_idl_txn_create(idl)};
    if (dry_run) {
        ovsdb_idl_txn_set_dry_run(txn.get());
    }
    ovsdb_idl_txn_add_comment(txn.get(), "%s", comment.c_str());
    return txn;
}

void
ask_daemon(const ovsdb_idl *idl, ovsdb_idl_txn *txn)
{
    const auto *global = snatrec_snat_global_first(idl);
    if (!global) {
        global = snatrec_snat_global_insert(txn);
    }
    ovsdb_idl_txn_increment(txn, &global->header_,
                            &snatrec_snat_global_col_next_cfg, false);
}

ovsdb_idl_txn_status
commit(ovsdb_idl *idl, ovsdb_idl_txn *txn, Patience &patience)
{
    ovsdb_idl_txn_status status;
    while ((status = ovsdb_idl_txn_commit(txn)) == TXN_INCOMPLETE) {
        ovsdb_idl_run(idl);
        ovsdb_idl_wait(idl);
        ovsdb_idl_txn_wait(txn);
        patience.block("the database to take the transaction");
    }
    switch (status) {
    case TXN_SUCCESS:
    case TXN_UNCHANGED:
    case TXN_TRY_AGAIN:
        break;
    case TXN_ERROR:
        ctl_fatal("the database refuses this: %s",
                  refusal_words(ovsdb_idl_txn_get_error(txn)).c_str());
    default: // We take no lock and abort nothing.
        ctl_fatal("transaction ended as %s",
                  ovsdb_idl_txn_status_to_string(status));
    }
    return status;
}

} // namespace snat::ctl
