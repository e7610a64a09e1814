#!/bin/bash
# The same load on the relay and on Debian's Postfix storing to a Maildir, in turn, in one run. Prints medians and ratios.
#
#   benches/against-postfix.sh [OPTIONS OF THE LOAD BENCH]
#
# Run as root (Postfix wants it). Installs nothing: it expects `apt-get install --no-install-recommends postfix`. The
# Postfix is a private one with its own configuration, queue and port on loopback, in a temporary directory beside the
# relay's, so that both write to one file system; Debian's own stays as it is. To measure on another file system, name a
# directory on it in SEALDROP_BENCH_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "against-postfix: $*" >&2; exit 1; }
[[ $(id -u) == 0 ]] || die "Postfix starts as root only; run this as root"
command -v postfix >/dev/null || die "postfix is not installed: apt-get install --no-install-recommends postfix"

base=${SEALDROP_BENCH_DIR:-$PWD/target/tmp}
mkdir -p "$base"
dir=$(mktemp -d "$base/postfix.XXXXXX")
chmod 755 "$dir"
cleanup() { postfix -c "$dir/etc" stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap cleanup EXIT
port=$((20000 + RANDOM % 10000))

mkdir -p "$dir"/{etc,queue,data,mail}
chown postfix "$dir/data"
chown nobody "$dir/mail"
cat >"$dir/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = $dir/queue/log
maillog_file_prefixes = $dir
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.bench.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = bench.example
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
EOF
cat >"$dir/etc/master.cf" <<EOF
127.0.0.1:$port inet n - n - - smtpd
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
error    unix - - n - - error
retry    unix - - n - - error
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog  unix-dgram n - n - 1 postlogd
EOF
postfix -c "$dir/etc" start >/dev/null 2>"$dir/start" || die "Postfix does not start: $(cat "$dir/start")"
pid=$(tr -d ' ' <"$dir/queue/pid/master.pid")

cargo bench --quiet --bench load -- --plain "127.0.0.1:$port" --to staff@bench.example --pid "$pid" "$@"
echo "Postfix $(postconf -h mail_version), plaintext, delivered $(find "$dir/mail" -type f | wc -l) mails; file system:" \
    "$(stat -f -c %T "$base")"
