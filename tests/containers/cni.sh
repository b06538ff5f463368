#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The CNI plugin keeps to the protocol, gives pods netdevs with addresses that nobody else has, checks those that other
# plugins have given, and takes everything back.
# Fabric: --hosts 2
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/oci.sh
scratch=$(mktemp -d)
cleanup()
{
	set +e
	local pod
	for pod in red blue; do
		cni_at '' DEL $pod ib0 "$alone" >/dev/null
		ip netns del $pod
	done
	ip link del ib0.pool 2>/dev/null
	topology_down
	rm -rf -- "$scratch" /var/lib/cni/networks/storage
}
trap cleanup EXIT

# As a runtime calls it: by the name of its type. Its status and standard output.
ln -s "$RDMA_NS" "$scratch/rdma-ns"
cni() { cni_at "/run/netns/$2" "$@"; } # COMMAND POD NETDEV CONFIG
cni_at() # NETNS COMMAND POD NETDEV CONFIG
{
	local output status=0
	output=$(env CNI_COMMAND="$2" CNI_CONTAINERID="$3" CNI_NETNS="$1" CNI_IFNAME="$4" CNI_PATH="$scratch:/usr/lib/cni" \
		"$scratch/rdma-ns" 2>"$scratch/errors" <<<"$5") || status=$?
	echo "$status: $output"
}
part() { jq -c "$2" <<<"${1#*: }"; } # ANSWER FILTER
code() { part "$1" '[.code, .cniVersion]'; } # ANSWER
addresses() { oci_addresses "/run/netns/$1" "$2"; } # POD NETDEV
config() { jq -c ". + $1" <<<'{ "cniVersion": "1.0.0", "name": "storage", "type": "rdma-ns" }'; } # MEMBERS
asks() # ADDRESSES
{
	config "{ \"device\": \"sib0\", \"addresses\": [ \"10.0.0.0/24\", \"fd00::/64\" ], \"runtimeConfig\": { \"ips\": $1 } }"
}
other_plugin() # COMMAND POD CONFIG: Debian's host-device
{
	env CNI_COMMAND="$1" CNI_CONTAINERID="$2" CNI_NETNS="/run/netns/$2" CNI_IFNAME=ib0 CNI_PATH=/usr/lib/cni \
		/usr/lib/cni/host-device <<<"$3"
}

alone=$(asks '[ "10.0.0.5", "fd00::5/64" ]')
ip netns add red
ip netns add blue
result=$(cni ADD red ib0 "$alone")
tap_equal "ADD succeeds" 0 "${result%%:*}"
tap_equal "with a result of the configuration's version" \
	'["1.0.0","ib0","/run/netns/red",["10.0.0.5/24","fd00::5/64"],[0,0]]' \
	"$(part "$result" '[.cniVersion, .interfaces[0].name, .interfaces[0].sandbox, [.ips[].address], [.ips[].interface]]')"
tap_equal "the hardware address is the netdev's" "\"$(topology_lladdr red ib0)\"" "$(part "$result" '.interfaces[0].mac')"
tap_equal "the pod has the addresses" "10.0.0.5/24 fd00::5/64" "$(addresses red ib0)"
previous=$(jq -c ". + { \"prevResult\": ${result#*: } }" <<<"$alone")
tap_equal "CHECK says nothing" "0: " "$(cni CHECK red ib0 "$previous")"
answer=$(cni ADD blue ib0 "$alone")
tap_equal "another pod with the same address: code 101" '[101,"1.0.0"]' "$(code "$answer")"
tap_match "and it says who has it, and what to do" \
	'10.0.0.5 is taken on sib0/1, P_Key 0xffff: netdev ib0 of red has it .*: remove it there' \
	"$(part "$answer" .msg)"
tap_equal "with the same words on standard error" "rdma-ns: cni: $(part "$answer" .msg | jq -r .)" "$(<"$scratch/errors")"
tap_equal "status 1" 1 "${answer%%:*}"
other=$(jq -c '.cniVersion = "0.4.0"' <<<"$(asks '[ "10.0.0.6" ]')")
tap_equal "one with another address, and an older version" '["0.4.0","4","10.0.0.6/24"]' \
	"$(part "$(cni ADD blue ib0 "$other")" '[.cniVersion, .ips[0].version, .ips[0].address]')"

# Blue's tenant takes red's address.
ip -n blue addr add 10.0.0.5/24 dev ib0
tap_equal "CHECK finds an address that was stolen since" '[101,"1.0.0"]' "$(code "$(cni CHECK red ib0 "$previous")")"
ip -n blue addr del 10.0.0.5/24 dev ib0
# Or one that somebody has on another port, and hides its port.
own=$(topology_lladdr blue ib0)
ip -n blue addr add 10.0.0.9/24 dev ib0
ip addr add 10.0.0.9/24 dev ib1
for guid in "${own:0:48}be:ef:be:ef" "$(topology_lladdr host ib1)"; do
	topology_take_guid blue ib0 "$guid"
	tap_match "the thief is named, and not who has the address on another port" \
		'10.0.0.9 is taken on sib0/1, P_Key 0xffff: netdev ib0 of blue has it, which it was not given ' \
		"$(part "$(cni ADD red ib7 "$(asks '[ "10.0.0.9" ]')")" .msg)"
done
topology_take_guid blue ib0 "$own"
ip addr del 10.0.0.9/24 dev ib1
ip -n red addr del 10.0.0.5/24 dev ib0
tap_equal "and one that is missing" '[102,"1.0.0"]' "$(code "$(cni CHECK red ib0 "$previous")")"

tap_equal "DEL takes it back" "0: /" "$(cni DEL red ib0 "$previous")/$(ip -n red -o link show type ipoib)"
tap_equal "once more is no error" "0: " "$(cni DEL red ib0 "$alone")"
# The runtime has removed the namespace first.
ip netns del blue
tap_equal "nor is a namespace that has gone" "0: /" "$(cni_at '' DEL blue ib0 "$other")/$(oci_left)"
ip netns add blue
tap_equal "CHECK after DEL fails" '[102,"1.0.0"]' "$(code "$(cni CHECK red ib0 "$previous")")"

# As if ADD had been killed when it had just made the netdev on the host: nobody knows its QPN.
record=/run/rdma-ns/attached/cni:storage:red:ib0
cni ADD red ib0 "$alone" >/dev/null
ip -n red link del ib0
ip link add link ib0 name rdma-ns123456 index $((0x123456)) type ipoib pkey 0xffff
changed=$(jq -c ".qpn = 0 | .created = 0 | .ifindex = $((0x123456))" $record)
echo "$changed" >$record
tap_match "ADD after one that was killed succeeds" '^0: ' "$(cni ADD red ib0 "$alone")"
tap_equal "and what that one had begun is gone" "cni:storage:red:ib0 cni:storage:red:ib0" "$(oci_left)"
cni DEL red ib0 "$alone" >/dev/null

# Addresses of another plugin, Debian's own.
local_=$(config '{ "device": "sib0", "ipam": { "type": "host-local", "ranges": [ [
	{ "subnet": "10.0.0.0/24", "rangeStart": "10.0.0.20", "rangeEnd": "10.0.0.20" } ] ] } }')
result=$(cni ADD red ib0 "$local_")
tap_equal "host-local gives the address" '["10.0.0.20/24","10.0.0.1",0]' \
	"$(part "$result" '[.ips[0].address, .ips[0].gateway, .ips[0].interface]')"
tap_equal "its error is passed on" 100 "$(part "$(cni ADD blue ib0 "$local_")" .code)"
tap_equal "DEL gives it back" "0: " "$(cni DEL red ib0 "$local_")"
ip link add link ib0 name ib0.pool type ipoib pkey 0xffff
ip addr add 10.0.0.20/24 dev ib0.pool
tap_equal "if the host has it, it is refused" 101 "$(part "$(cni ADD red ib0 "$local_")" .code)"
ip addr del 10.0.0.20/24 dev ib0.pool
tap_match "and given back to host-local" '^0: .*"10.0.0.20/24"' "$(cni ADD blue ib0 "$local_")"
# As if its netdev had gone, and another one had got the QPN: who has the address is not known.
record=/run/rdma-ns/attached/cni:storage:blue:ib0
lladdr=$(topology_lladdr host ib0.pool)
ip -n blue link del ib0
changed=$(jq -c "del(.created) | .qpn = $((16#$(tr -d : <<<"${lladdr:3:8}")))" $record)
echo "$changed" >$record
tap_match "if the netdev cannot be taken back, host-local keeps the address" '^1: .*/var/lib/cni/networks/storage/10.0.0.20$' \
	"$(cni DEL blue ib0 "$local_" | tr '\n' ' ')$(find /var/lib/cni/networks/storage -name 10.0.0.20)"
rm $record
tap_equal "until it has gone" "0: " "$(cni DEL blue ib0 "$local_")$(find /var/lib/cni/networks/storage -name 10.0.0.20)"

# Routes and DNS, from "static".
routes=$(config '{ "device": "sib0", "dns": { "nameservers": [ "10.0.0.2" ] }, "ipam": { "type": "static",
	"addresses": [ { "address": "10.0.0.21/24", "gateway": "10.0.0.1" }, { "address": "fd00::21/64" } ],
	"routes": [ { "dst": "10.1.0.0/16" }, { "dst": "10.2.0.0/16", "gw": "10.0.0.3" }, { "dst": "fd01::/64" } ],
	"dns": { "domain": "x" } } }')
result=$(cni ADD red ib0 "$routes")
tap_equal "routes of the plugin that gives addresses are in the result, and so is what is said of DNS" \
	'0: ["10.1.0.0/16","10.2.0.0/16","fd01::/64"] {"nameservers":["10.0.0.2"]}' \
	"${result%%:*}: $(part "$result" '[.routes[].dst]') $(part "$result" .dns)"
tap_equal "they are set, by their gateways" "10.1.0.0/16 via 10.0.0.1 dev ib0 10.2.0.0/16 via 10.0.0.3 dev ib0 fd01::/64 dev ib0" \
	"$({ ip -n red route show proto static; ip -n red -6 route show proto static; } |
		sed -E 's/( dev ib0).*/\1/' | sort | paste -sd' ')"
previous=$(jq -c ". + { \"prevResult\": ${result#*: } }" <<<"$routes")
tap_equal "CHECK finds them" "0: " "$(cni CHECK red ib0 "$previous")"
ip -n red route del 10.1.0.0/16
tap_match "and misses one that has gone" '^\[102,"1.0.0"\].*the route to 10.1.0.0/16 has gone' \
	"$(answer=$(cni CHECK red ib0 "$previous"); code "$answer"; part "$answer" .msg)"
cni DEL red ib0 "$routes" >/dev/null
far=$(jq -c '.ipam.routes[1].gw = "10.9.9.9"' <<<"$routes")
tap_equal "a gateway that cannot be reached is refused, and nothing is given" "7//ib0.pool" \
	"$(part "$(cni ADD red ib0 "$far")" .code)/$(ip -n red -o link show type ipoib)/$(oci_left)"

# Behind another plugin of Debian's, which gives the netdev and the address.
device='{ "cniVersion": "1.0.0", "name": "storage", "type": "host-device", "device": "ib0.pool",
	"ipam": { "type": "static", "addresses": [ { "address": "10.0.0.5/24" } ] } }'
given=$(other_plugin ADD red "$device")
behind=$(config "{ \"prevResult\": $given }")
result=$(cni ADD red ib0 "$behind")
tap_equal "behind host-device, its result is passed on" "0: $(jq -cS . <<<"$given")" \
	"${result%%:*}: $(part "$result" . | jq -cS .)"
tap_equal "CHECK finds nothing" "0: " "$(cni CHECK red ib0 "$behind")"
cni ADD blue ib1 "$(asks '[ "10.0.0.7" ]')" >/dev/null
ip -n blue addr add 10.0.0.5/24 dev ib1
tap_equal "an address that another namespace has is refused" 101 "$(part "$(cni ADD red ib0 "$behind")" .code)"
record=/run/rdma-ns/attached/cni:storage:blue:ib1
kept=$(<$record)
jq -c '.path = "/run/netns/gone"' <<<"$kept" >$record
tap_match "and if that one's pod has ended, what to do about it is said" \
	"of blue has it \\('rdma-ns netdevs -A' shows it\\): it is what cni:storage:blue:ib1 left when it ended: 'rdma-ns hook --release-ended' " \
	"$(part "$(cni ADD red ib0 "$behind")" .msg)"
echo "$kept" >$record
# As in one that was made before the pod's namespace was mounted. Of /var/run some distributions make an absolute link.
ln -sfn /run "$scratch/run"
for path in /run/netns/blue /var/run/netns/blue "$scratch/run/netns/blue"; do
	jq -c ".path = \"$path\"" <<<"$kept" >$record
	# shellcheck disable=SC2016
	tap_equal "from a private mount namespace nothing is taken from the pod at ${path/#$scratch//scratch}, which lives" \
		"rdma-ns: cni:storage:blue:ib1 has not ended and keeps its netdev 'ib1', which only this program takes back" \
		"$(unshare --mount --propagation private bash -c 'umount -l /run/netns/blue && "$0" hook --release-ended 2>&1' "$RDMA_NS")"
done
echo "$kept" >$record
ip -n blue addr del 10.0.0.5/24 dev ib1
for i in {1..17}; do
	echo "addr add fd00:$i::5/64 dev ib0 nodad"
done | ip -n red -batch -
ip -n blue addr add fd00:3::5/64 dev ib1 nodad
tap_equal "what no plugin has given matters neither by its number nor if others have it" "0: " "$(cni CHECK red ib0 "$behind")"
ip -n blue addr add fd00::66/64 dev ib1 nodad
# Duplicate detection either has not ended or has failed.
ip netns exec red sysctl -qw net.ipv6.conf.ib0.dad_transmits=60
ip -n red addr add fd00::66/64 dev ib0
sixth=$(jq -c '.prevResult.ips += [ { "address": "fd00::66/64" } ]' <<<"$behind")
tap_equal "one that is not usable yet is refused all the same" 101 "$(part "$(cni ADD red ib0 "$sixth")" .code)"
ip -n red -6 addr flush dev ib0 scope global
tap_equal "DEL leaves the other plugin's netdev alone" "0: /10.0.0.5/24" "$(cni DEL red ib0 "$behind")/$(addresses red ib0)"
other_plugin DEL red "$device"
tap_equal "behind a plugin that gave no IPoIB netdev, it fails" 102 "$(part "$(cni ADD red ib0 "$behind")" .code)"
cni DEL blue ib1 "$alone" >/dev/null
ip link del ib0.pool

# The protocol.
tap_equal "VERSION" '["1.0.0",["0.3.0","0.3.1","0.4.0","1.0.0"]]' \
	"$(CNI_COMMAND=VERSION "$scratch/rdma-ns" <<<'{ "cniVersion": "1.0.0" }' | jq -c '[.cniVersion, .supportedVersions]')"
fails() { tap_equal "$1: code $2" "$2" "$(part "$3" .code)"; } # NAME CODE ANSWER
fails "another version" 1 "$(cni ADD red ib0 "$(jq -c '.cniVersion = "2.0.0"' <<<"$alone")")"
fails "an unknown key" 2 "$(cni ADD red ib0 "$(config '{ "device": "sib0", "pkey": "0x8001" }')")"
fails "a namespace that does not exist" 3 "$(cni_at /run/netns/none ADD red ib0 "$alone")"
fails "a command that does not exist" 4 "$(cni GARBAGE red ib0 "$alone")"
fails "a missing variable" 4 "$(cni_at '' ADD red ib0 "$alone")"
fails "a name that is a path" 4 "$(cni ADD red ../ib0 "$alone")"
fails "a container that is a path" 4 "$(cni_at /run/netns/red ADD ../red ib0 "$alone")"
fails "no JSON" 6 "$(cni ADD red ib0 '{')"
fails "an address outside of the ranges" 7 "$(cni ADD red ib0 "$(asks '[ "10.9.0.5" ]')")"
fails "a device that is missing" 7 "$(cni ADD red ib0 "$(config '{ "device": "sib9" }')")"
tap_equal "in the end nothing is left" "" "$(oci_left)"
tap_end
