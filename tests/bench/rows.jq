# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# Of one benchmark's JSON objects, the rows of tests/bench/report's table: figure, unit, the two values with what they
# are of, and their ratio, separated by tabs.

def number:
	if . == null then "-"
	elif . >= 1000 or . == floor then round
	elif . >= 100 then . * 10 | round / 10
	elif . >= 1 then . * 100 | round / 100
	else . * 10000 | round / 10000 end | tostring;
def value($name): if . == null then "-" else "\($name) \(number)" | ltrimstr(" ") end;
def row($figure; $unit; $one; $other; $ratio): [$figure, $unit, $one, $other, ($ratio | number)] | join("\t");
def against($one; $other): if ($one // 0) > 0 and ($other // 0) > 0 then $one / $other else null end;

# Of the objects of each kind: the one with the fewest of what is counted, and the one with the most.
def ends(kind; count): group_by(kind)[] | sort_by(count) | [.[0], .[-1]];
def grown(kind; count; $what; figure; f):
	ends(kind; count) as [$few, $many] | (if ($few | count) == ($many | count) then null else $many | f end) as $other |
	row($few | figure; $few.unit; $few | f | value("\($few | count) \($what):");
		$other | value("\($many | count) \($what):"); against($few | f; $other));

# Of objects that compare two ways, whose ratio they have.
def pairs($one; $other; figure): .[] | row(figure; .unit; .[$one] | value($one); .[$other] | value($other); .ratio);
def sized: .bench + (if .size then ", \(.size) bytes" else "" end);

def calls:
	def of($what; f): grown([.program, .side]; .netdevs; "netdevs"; "\($what), \(.program), \(.side)"; f);
	(group_by([.program, .side])[][0] | select(.without) |
		row("system calls of a connection, \(.program), \(.side)"; .unit; .preload | value("preload");
			.without | value("without"); against(.without; .preload))),
	of("netlink exchanges"; .netlink_exchanges),
	of("stat() of librdma-ns"; .stat - (.stat_without // 0)),
	of("all system calls with librdma-ns"; .preload // .library);

def children:
	(map(select(.bench == "RDMA CM connections")) | pairs("extended"; "stock"; "\(.bench), \(.children) IPoIB children")),
	(map(select(.bench == "step 1")) | pairs("extended"; "stock"; "\(.bench) in the kernel, \(.children) IPoIB children")),
	(.[] | select(.bench == "RDMA CM connections, extended") |
		row("\(.bench), \(.children) IPoIB children against \(.than)"; "1"; "-"; "-"; .ratio));

# How far the likelihood that tells most is from 0.5, where time does not tell two reasons apart.
def farthest(f): [.longer[] | f] | max_by(. - 0.5 | fabs);
def refusals:
	.[] | .medians as $medians |
	(.longer[] | row("time of a refusal: \(.kind), against \(.than)"; "us"; $medians[.kind] | value("");
		$medians[.than] | value(""); against($medians[.than]; $medians[.kind]))),
	row("refusals: likelihood of the longer one, 0.5 at best"; "1"; farthest(.one) | value("single");
		farthest(.means) | value("means of 100"); null);

def scale:
	map(select(.bench == "scale" and .seconds > 0)) |
	grown(.stage; .namespaces; "namespaces"; "scale: \(.stage)"; .seconds);

def native: grown([.bench, .side]; .netdevs; "netdevs"; .bench + (if .side then ", \(.side)" else "" end); .value);

if $bench == "calls" then calls
elif $bench == "children" then children
elif $bench == "refusals" then refusals
elif $bench == "scale" then scale
elif $bench == "native" then native
elif $bench == "preload" then pairs("preload"; "without"; .bench)
elif $bench == "netdevs" then .[] | row("\(.bench), \(.namespaces) namespaces"; .unit; .seconds | value("in all"); "-"; null)
elif $bench == "boot" then .[] | row(.bench; .unit; .value | value("median"); "-"; null)
else pairs("sib"; "rxe"; sized) end
