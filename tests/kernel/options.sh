#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The options of the extended rdma_cm, the ingress record that comes with a request, policies, and the reasons of
# refusals, explained to peers. tests/kernel/refusals.sh has what they are told otherwise.
# Kernels: (all)
# Fabric: --hosts 2 --extended
set -euo pipefail
. tests/lib/tap.sh
. tests/lib/topology.sh
. tests/lib/settings.sh
. tests/lib/script.sh
trap 'settings_reset; topology_down; rmmod bonding 2>/dev/null || true' EXIT

settings_explain Y
topology_container blue ib0
topology_container red ib0
topology_child red ib0 ib0.8001 0x8001
topology_container client ib1
topology_child client ib1 ib1.8001 0x8001
topology_container bonded ib0
topology_bond bonded ib0.bonded miimon 100
topology_batch bonded "addr add 10.0.0.7/24 dev bd" "addr add fd00::7/64 dev bd nodad"
topology_ready
topology_batch red "addr add 10.0.0.5/24 dev ib0.red" "addr add 10.0.0.6/24 dev ib0.red" \
	"addr add fd00::5/64 dev ib0.red nodad" "addr add 10.0.1.5/24 dev ib0.8001"
topology_batch client "addr add 10.0.0.9/24 dev ib1.client" "addr add fd00::9/64 dev ib1.client nodad" \
	"addr add 10.0.1.9/24 dev ib1.8001" "route add 10.0.0.6/32 dev ib1.8001 src 10.0.1.9" \
	"neigh replace 10.0.0.6 lladdr $(topology_lladdr red ib0.8001) dev ib1.8001 nud permanent"
topology_exec blue sysctl -qw net.ipv4.conf.all.arp_ignore=8

# Where there is no option 5.
unknown='' features=3f more=7f
if settings_series; then
	unknown=' => EOPNOTSUPP' features=2f more=6f
fi
script "options: values, lengths, states" <<END
create id rdma host
# FEATURES: a mask.
set id 1 ${features}00000000000000
set id 1 ${more}00000000000000
set id 1 8000000000000000 => EOPNOTSUPP
set id 1 0000000000000080 => EOPNOTSUPP
set id 1 00000000 => EINVAL
set id 1 => EINVAL
# No option of these numbers.
set id 0 00000000 => EOPNOTSUPP
set id 7 00000000 => EOPNOTSUPP
set id -1 00000000 => EOPNOTSUPP
# NETNS_FD: no file, no namespace, a wrong length.
set id 2 ffffffff => EBADF
set id 2 00000000 => EINVAL
set id 2 0000000000000000 => EINVAL
# BIND_IFINDEX
set id 3 ffffffff => ENODEV
set id 3 ff0f0000 => ENODEV
set id 3 000000 => EINVAL
set id 3 01000000
set id 3 00000000
# POLICY
set id 4 02000000
set id 4 03000000 => EINVAL
set id 4 ffffffff => EINVAL
set id 4 00 => EINVAL
# RECV_INGRESS: cookie, size 64 to 75, zero
set id 5 11111111111111114000000000000000$unknown
set id 5 11111111111111114b00000000000000$unknown
set id 5 11111111111111113f00000000000000${unknown:- => EINVAL}
set id 5 11111111111111114c00000000000000${unknown:- => EINVAL}
set id 5 11111111111111114000000001000000${unknown:- => EINVAL}
set id 5 00000000000000000000000000000000$unknown
set id 5 000000000000000000000000${unknown:- => EINVAL}
# EXCHANGE
set id 6 00000000
set id 6 01000000
set id 6 03000000
set id 6 02000000 => EINVAL
set id 6 04000000 => EINVAL
bind id 0.0.0.0 7300
netns id red => EINVAL
set id 4 01000000
set id 3 01000000
listen id
set id 3 00000000 => EINVAL
set id 4 00000000 => EINVAL
set id 5 11111111111111114000000000000000${unknown:- => EINVAL}
set id 6 01000000 => EINVAL
END

script "another namespace" <<'END'
create id rdma host
bind id 10.0.0.5 7301 => EADDRNOTAVAIL
create id2 rdma host
netdev id2 lo
netns id2 red => EINVAL
netdev id2 -
netns id2 red
netns id2 client
netns id2 red
bind id2 10.0.0.5 7301
listen id2
connect rdma client 10.0.0.5 7301 => id2
END

chmod 666 /dev/infiniband/rdma_cm
script "without CAP_SYS_ADMIN there: EPERM; a first netdev needs nothing, to leave it CAP_NET_RAW" '' \
	setpriv --reuid 1000 --clear-groups <<'END'
create id rdma host
netns id red => EPERM
netdev id ib0
netdev id - => EPERM
END

script "a netdev and an address that belong together" <<'END'
create id rdma red
netdev id ib0.8001
bind id 10.0.0.5 7302 => EADDRNOTAVAIL
bind id 10.99.9.9 7302 => EADDRNOTAVAIL
bind id 10.0.1.5 7302
netdev id ib0.red => EADDRNOTAVAIL
netdev id -
netdev id ib0.8001
listen id
END

# By name: 1 QPN, 2 GID, 5 address, 6 ambiguous; route 1 delivered, 2 self; rule 3 wildcard, 4 with netdev,
# 5 address, 6 with netdev; flags 1 peer QPN, 2 wanted QPN, 4 reply, 8 header, 16 trailer.
script "the record that comes with a request" <<'END'
create any rdma red
receive any
bind any 0.0.0.0 7303
listen any
connect rdma client 10.0.0.5 7303 => any
record => ingress=ib0.red handling=ib0.red vrf=- bond_port=- by=1 route=1 rule=3 reason=0 policy=0 candidates=0 pkey=0xffff port=1 transport=1 flags=0xb own_qpn=1 netns=known
connect rdma client 10.0.0.6 7303 => any
record => ingress=ib0.8001 handling=ib0.red vrf=- bond_port=- by=1 route=1 rule=3 reason=0 policy=0 candidates=0 pkey=0x8001 port=1 transport=1 flags=0xb own_qpn=1 netns=known
connect rdma client 10.0.0.5 7303 - 03000000 => any
record => ingress=ib0.red * flags=0xf own_qpn=1 *
connect rdma client 10.0.0.5 7303 - 00000000 => any
record => ingress=ib0.red handling=ib0.red * by=5 route=1 rule=3 reason=0 policy=0 candidates=1 * flags=0 own_qpn=0 *
connect rdma red 10.0.0.5 7303 => any
record => ingress=ib0.red * by=1 route=2 *
create x rdma red
receive x
netdev x ib0.red
bind x :: 7304
listen x
connect rdma client fd00::5 7304 => x
record => ingress=ib0.red handling=ib0.red vrf=- bond_port=- by=1 route=1 rule=4 reason=0 policy=0 candidates=0 pkey=0xffff port=1 transport=1 flags=0x13 own_qpn=1 netns=known
create address rdma red
bind address 10.0.0.5 7305
listen address
connect rdma client 10.0.0.5 7305 => address
record => none
create datagram rdma-udp red
receive datagram
netdev datagram ib0.red
bind datagram 10.0.0.5 7306
listen datagram
connect rdma-udp client 10.0.0.5 7306 => datagram
record => ingress=ib0.red handling=ib0.red vrf=- bond_port=- by=1 route=1 rule=6 reason=0 policy=0 candidates=0 pkey=0xffff port=1 transport=1 flags=0xb own_qpn=1 netns=known
connect rdma-udp client 10.0.0.5 7306 - 00000000 => datagram
record => * by=5 *
END

# Each resolution is traced.
tracing=/sys/kernel/tracing
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
if settings_series; then
	settings_watch
else
	echo >$tracing/trace
	echo 1 >$tracing/events/cma_ns/enable
fi
topology_exec client busybox ping -c 1 -w "$(tap_slow 10)" 10.0.0.7 >/dev/null || topology_die "the bond does not answer"
script "a bond is the ingress netdev, its port told" <<END
create any rdma bonded
receive any
netdev any bd
bind any :: 7320
listen any
connect rdma client 10.0.0.7 7320 => any
record => ingress=bd handling=bd vrf=- bond_port=ib0.bonded by=1 route=1 rule=4 *
connect rdma client fd00::7 7320 => any
record => ingress=bd handling=bd vrf=- bond_port=ib0.bonded by=1 route=1 rule=4 *
create port rdma bonded
netdev port ib0.bonded
bind port :: 7321
listen port
connect rdma client 10.0.0.7 7321 => $(settings_refusal 9)
END
if settings_series; then
	tap_equal "the tracepoint tells of each, in words" \
		"qpn delivered wildcard_netdev report none none; qpn delivered wildcard_netdev report none none; qpn delivered not_asked report none bound_elsewhere" \
		"$(sed -nE 's/.* cm_req_ingress: device=sib0 port=1 pkey=0xffff .* decided_by=(\S+) .* route=(\S+) rule=(\S+) policy=(\S+) reason=(\S+) refusal=(\S+)$/\1 \2 \3 \4 \5 \6/p' $tracing/trace | paste -sd ';' | sed 's/;/; /g')"
else
	echo 0 >$tracing/events/cma_ns/enable
	tap_equal "the tracepoint tells of each, in words" \
		"10.0.0.7:7320 qpn delivered wildcard_netdev report none none; [fd00::7]:7320 qpn delivered wildcard_netdev report none none; 10.0.0.7:7321 qpn delivered not_asked report none bound_elsewhere" \
		"$(sed -nE 's/.* cma_ns_resolve: sib0.1 source=\S+9\]?:[0-9]+ destination=(\S+) pkey=0xffff .* decided_by=(\S+) .* route=(\S+) .* rule=(\S+) policy=(\S+) reason=(\S+) refusal=(\S+)$/\1 \2 \3 \4 \5 \6 \7/p' $tracing/trace | paste -sd ';' | sed 's/;/; /g')"
fi

script "a connection leaves from its netdev" <<'END'
create any rdma red
receive any
bind any 0.0.0.0 7307
listen any
connect rdma client 10.0.1.5 7307 ib1.8001 => any
record => ingress=ib0.8001 *
connect rdma client 10.0.0.5 7307 ib1.client => any
record => ingress=ib0.red *
connect rdma client 10.0.0.5 7307 lo => *E*
END

script "policies of listeners" <<END
create verify rdma red
set verify 4 01000000
receive verify
bind verify 0.0.0.0 7308
listen verify
connect rdma client 10.0.0.5 7308 - 00000000 => verify
record => * policy=1 *
create strict rdma red
set strict 4 02000000
bind strict 0.0.0.0 7309
listen strict
connect rdma client 10.0.0.5 7309 => strict
# No QPN; the address on another netdev.
connect rdma client 10.0.0.5 7309 - 00000000 => $(settings_refusal 5)
connect rdma client 10.0.0.6 7309 => $(settings_refusal 7)
create strict2 rdma-udp red
set strict2 4 02000000
bind strict2 0.0.0.0 7309
listen strict2
connect rdma-udp client 10.0.0.5 7309 - 00000000 => $(settings_refusal 5 UNREACHABLE)
END

script "refusals" <<END
create x rdma red
netdev x ib0.red
bind x 0.0.0.0 7310
listen x
connect rdma client 10.0.1.5 7310 => $(settings_refusal 9)
create other rdma red
bind other 10.0.1.5 7311
listen other
connect rdma client 10.0.0.5 7311 => $(settings_refusal 8)
END

# Without QPNs: blue, the older, has red's address.
ambiguous() # NAME POLICY-OF-RED EXPECTED...
{
	script "$1" <<-END
		create red rdma red
		receive red
		set red 4 $2
		bind red 10.0.0.5 7312
		listen red
		create blue rdma blue
		receive blue
		bind blue 10.0.0.5 7312
		listen blue
		connect rdma client 10.0.0.5 7312 - 00000000 => $3
		record => ${4:-none}
		connect rdma client 10.0.0.5 7312 => red
	END
}
topology_address blue ib0.blue 10.0.0.5/24
ambiguous "ambiguous, host's policy report: the first one, flagged" 00000000 blue "* by=6 * reason=4 policy=0 candidates=2 *"
settings_policy verify
ambiguous "verify: refused before a namespace is chosen; with a QPN it is red's" 00000000 "$(settings_refusal 4)"
settings_policy strict
script "the host's policy strict: a listener cannot loosen it" <<END
create red rdma red
set red 4 00000000
bind red 10.0.0.5 7313
listen red
connect rdma client 10.0.0.5 7313 - 00000000 => $(settings_refusal 4)
connect rdma client 10.0.1.5 7313 - 00000000 => $(settings_refusal 5)
connect rdma client 10.0.0.5 7313 => red
END
tap_equal "the host's policy can be read" strict "$(settings_policy)"
tap_fail "a policy that does not exist" settings_policy lax
settings_series || chmod 666 "$settings_parameters/policy"
tap_fail "without CAP_NET_ADMIN it is not to be changed" \
	setpriv --reuid 1000 --clear-groups bash -c ". tests/lib/settings.sh && settings_policy report"
settings_series || chmod 644 "$settings_parameters/policy"
tap_equal "it has not changed" strict "$(settings_policy)"
settings_policy report
settings_send_qpn N
script "a host that sends no QPNs" <<'END'
create red rdma red
receive red
bind red 0.0.0.0 7314
listen red
connect rdma client 10.0.1.5 7314 => red
record => ingress=ib0.8001 * by=2 * flags=0 *
connect rdma client 10.0.1.5 7314 - 01000000 => EOPNOTSUPP
connect rdma client 10.0.1.5 7314 - 03000000 => EOPNOTSUPP
connect rdma client 10.0.1.5 7314 - 00000000 => red
END
settings_send_qpn Y
tap_match "requests are counted" 'accepted qpn [1-9].*accepted ambiguous [1-9].*refused ambiguous [1-9].*refused bound_elsewhere [1-9]' \
	"$(settings_requests | tr '\n' ' ')"

# A QPN that names nobody: red's netdev is deleted and the client still aims there.
lladdr=$(topology_lladdr red ib0.red)
topology_ip red link del ib0.red
topology_batch client "neigh replace 10.0.0.5 lladdr $lladdr dev ib1.client nud permanent"
script "a QPN that no netdev has: refused, not matched by address" <<END
create blue rdma blue
bind blue 10.0.0.5 7315
listen blue
connect rdma client 10.0.0.5 7315 => $(settings_refusal 2)
connect rdma client 10.0.0.5 7315 - 00000000 => blue
END
tap_end
