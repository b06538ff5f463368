# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# The extended rdma_cm tells a peer only that its request was not delivered. Does the time that this takes tell
# more? Of each two kinds: how often a request of the one takes longer than one of the other, 0.5 if they cannot be
# told apart and 1 if they always can; the same of the means and of the medians of 100 requests.

# The first three get the same answer. The last two get that of an IP stack where nobody listens: in the namespace,
# though another one has a listener on the port, or on the whole device, where ib_cm answers.
bench_refusals()
{
	local count=$((quick ? 100 : 2000)) kinds qpn gid peer
	fabric --extended
	topology_container other ib0
	topology_container own ib0
	topology_container client ib1
	topology_ready
	topology_address other ib0.other 10.3.0.5/24
	topology_address own ib0.own 10.3.0.6/24
	topology_address client ib1.client 10.3.0.9/24
	topology_listen other other --bind :: --port 7350
	qpn=$(topology_qpn other ib0.other)
	kinds=("other namespace=7350,10.3.0.6,$qpn" "no route=7350,10.9.0.6,$qpn" "no such QPN=7350,10.3.0.6,0xfff"
		"no listener=7350,10.3.0.6,$(topology_qpn own ib0.own)" "no listener at all=7351,10.3.0.6,$(topology_qpn own ib0.own)")
	gid=$(</sys/class/infiniband/sib1/ports/1/gids/0)
	peer=$(</sys/class/infiniband/sib0/ports/1/gids/0)
	topology_exec client "${RDMA_NS_BUILD:-$PWD/build}/bin/refusal-times" "$count" "$gid" "$peer" 0xffff 10.3.0.9 \
		"${kinds[@]}" >"$scratch/refusals" || true
	topology_down
	kernel/load stock
	jq -cRn --argjson count "$count" '
		def median: sort | (.[length / 2 | floor] + .[(length - 1) / 2 | floor]) / 2;
		def mean: add / length;
		def hundreds(f): [range(0; length; 100) as $i | .[$i:$i + 100] | f];
		def rounded: . * 1000 | round / 1000;
		# By the sum of ranks.
		def longer($one; $other): [($one[] | [., 1]), ($other[] | [., 0])] | sort_by(.[0]) | to_entries |
			map(select(.value[1] == 1) | .key + 1) | (add - length * (length + 1) / 2) / (length * ($other | length)) | rounded;
		def pair($one; $other): longer($one; $other),
			longer($one | hundreds(mean); $other | hundreds(mean)), longer($one | hundreds(median); $other | hundreds(median));
		reduce (inputs | capture("^(?<kind>.*) (?<ns>[0-9]+)$")) as $line ({}; .[$line.kind] += [$line.ns | tonumber]) |
		. as $times | keys_unsorted as $kinds |
		if ([.[] | length]) != [range(5) | $count] then "refusals are missing\n" | halt_error(1) else
			{bench: "refusal times", count: $count, unit: "us", medians: map_values(median / 1000 | rounded),
			 longer: [range(5) as $i | range($i + 1; 5) as $j |
				[pair($times[$kinds[$i]]; $times[$kinds[$j]])] as [$one, $means, $medians] |
				{kind: $kinds[$i], than: $kinds[$j], $one, $means, $medians}]} end' "$scratch/refusals" || failed=1
}
