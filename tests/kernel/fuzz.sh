#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Random options and commands at /dev/infiniband/rdma_cm, by root and by a user without privileges, in a network
# namespace of their own; and sequences of commands that lead to connections, over InfiniBand and RoCE at once: no
# kernel message, and nothing is left of them.
#
#     vm/run -e FUZZ_COMMANDS=10000000 --timeout 1800 tests/run --timeout 1700 tests/kernel/fuzz.sh
#
# makes as many of them (1000000), and FUZZ_SEED=N repeats a run. The sequences are those of tests/kernel/fuzz.corpus,
# and FUZZ_SEQUENCES (0) that are made of them: some reject a request of their own, and the stock ib_cm waits for the id
# of such a one for a minute and more. Under tests/coverage/run these are led by what they reach: those that reached
# something new are printed, each as a line for the corpus. FUZZ_THREADED (0) commands of that kind come from each of four
# threads at once; what they meet may be faults of the stock modules.
# Fabric: --hosts 2 --extended
# Processors: 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/links.sh
FUZZ=${RDMA_NS_BUILD:-$PWD/build}/bin/cm-fuzz
commands=${FUZZ_COMMANDS:-1000000}
sequences=${FUZZ_SEQUENCES:-0}
threaded=${FUZZ_THREADED:-0}
seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM))}
corpus=tests/kernel/fuzz.corpus
mode=$(stat -c %a /dev/infiniband/rdma_cm)
cleanup()
{
	chmod "$mode" /dev/infiniband/rdma_cm
	settings_own_qp Y
	links_down
	ip addr flush dev ib0
	topology_down
}
trap cleanup EXIT
tap_note "seed $seed, $commands commands"

# Objects of the sizes that ids, their contexts, events and options have, and network namespaces. Free ones that a
# CPU keeps for itself count as active until the cache is shrunk.
slabs()
{
	local cache
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	for cache in /sys/kernel/slab/{kmalloc-*,net_namespace}/shrink; do
		echo 1 >"$cache"
	done
	awk '/^(kmalloc-(cg-)?(64|96|128|192|256|512|1k|2k)|net_namespace) / { sum[$1 ~ /net/] += $2 } END { print sum[0], sum[1] }' /proc/slabinfo
}

fuzz() # COMMANDS SEED COMMAND...
{
	ip netns exec fuzz "${@:3}" "$FUZZ" "$1" "$2"
}

round() # COMMANDS SEED
{
	ip netns add fuzz
	ip link add link ib0 name ib0.fuzz netns fuzz type ipoib pkey 0xffff
	topology_batch fuzz "link set lo up" "link set ib0.fuzz up" "addr add 10.0.0.5/24 dev ib0.fuzz"
	fuzz $(($1 / 2)) "$2"
	fuzz $(($1 / 2)) $(($2 + 1)) setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs
	ip -n fuzz link del ib0.fuzz
	ip netns del fuzz
}

# The host has both links, and makes ids in the peer's namespace as well. They name QPs that nobody has made.
topology_container peer ib1
links_rxe
topology_ready
topology_batch peer "addr add 10.0.0.9/24 dev ib1.peer" "addr add fd00::9/64 dev ib1.peer nodad"
topology_batch host "link set ib0 up" "addr add 10.0.0.5/24 dev ib0" "addr add fd00::5/64 dev ib0 nodad"
settings_own_qp N
if [[ -e /sys/kernel/debug/reached/count ]]; then
	output=$("$FUZZ" guided "$sequences" "$seed" $corpus "$topology_scratch.kept" 2>&1) || true
	tap_match "sequences that are led by what they reach" 'more sequences reached [0-9]+ more' "$output"
	tap_note "$output"
	tap_note "$(<"$topology_scratch.kept")"
	rm -f -- "$topology_scratch.kept"
fi
output=$("$FUZZ" replay $corpus "$sequences" "$seed" 2>&1) || true
tap_match "the corpus is played, and what is made of it: some of the commands are accepted" \
	"sequences played, and $sequences made of them
[0-9]{3,} accepted" "$output"

if ((threaded)); then
	output=$("$FUZZ" threads "$threaded" "$seed" 2>&1) || true
	tap_match "several threads at once: some of the commands are accepted" '^[0-9]{2,} accepted' "$output"
	tap_note "$output"
fi

chmod 666 /dev/infiniband/rdma_cm
round 4000 $((seed + 1000)) >/dev/null
before=$(slabs)
output=$(round "$commands" "$seed")
"$FUZZ" replay $corpus >/dev/null
sed 's/^/# /' <<<"$output"
tap_match "root and nobody: some are accepted, most refused" $'accepted\n.*EINVAL.*accepted\n.*EINVAL' "$output"
# Freed in the background; other users of these sizes come and go.
for ((i = 0; i < 20; i++)); do
	after=$(slabs)
	((${after% *} - ${before% *} > 300 || ${after#* } > ${before#* })) || break
done
tap_note "slab objects, network namespaces: $before before, $after after"
tap_equal "no memory is left of them" 1 "$((${after% *} - ${before% *} <= 300))"
tap_equal "nor a network namespace" "${before#* }" "${after#* }"
cleanup
tap_run "rdma_cm can be unloaded" kernel/load extended
tap_end
