#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# The examples on the library's pages compile as they stand there, with the variables that they speak of.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
work=$(mktemp -d "${TMPDIR:-/tmp}/examples.XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT

example() { sed -n '/^# EXAMPLE/,/^# [^E]/s/^    \(.*\)/\1/p' "$1"; } # PAGE

# A function stays outside of main().
program() # PAGE
{
	printf '#include <%s>\n' err.h fcntl.h stdio.h string.h unistd.h arpa/inet.h rdma/rdma_ns.h
	example "$1" | sed -n '/^static .*)$/,/^}/p'
	cat <<-'END'
		int main(void)
		{
			struct rdma_event_channel *channel = NULL;
			struct rdma_cm_id *id = NULL;
			struct rdma_cm_event received = { .event = RDMA_CM_EVENT_ADDR_ERROR }, *event = &received;
			struct rdma_ns_ingress ingress;
			struct sockaddr_in address = { .sin_family = AF_INET }, *peer = &address, *own = &address;
			const size_t peer_length = sizeof(address), own_length = sizeof(address);

			(void)channel, (void)id, (void)event, (void)ingress, (void)peer, (void)own;
			(void)peer_length, (void)own_length;
	END
	example "$1" | sed '/^static .*)$/,/^}/d'
	echo '	return 0;'
	echo '}'
}

compiles() # PAGE
{
	local name
	name=$(basename "$1" .md)
	program "$1" >"$work/$name.c"
	gcc -Wall -Wextra -Werror -D_GNU_SOURCE -Ilibrdmacm -Ikernel-headers -o "$work/$name" "$work/$name.c" \
		-Lbuild/lib -Wl,-rpath,"$PWD/build/lib" -lrdma-ns -lrdmacm -libverbs
}

# Whatever the library makes of a machine without RDMA, the example says it with the function's name.
runs() # NAME
{
	local output status=0
	output=$("$work/$1" 2>&1) || status=$?
	((!status)) || [[ $status == 1 && $output == "${1}: "* ]]
}

pages=0
for page in man/*.3.md; do
	[[ -n $(example "$page") ]] || continue
	pages=$((pages + 1))
	tap_run "the example of $(basename "$page" .md) compiles" compiles "$page"
	# Without errors checked, it would not be one to copy.
	if example "$page" | grep -qE 'rdma_ns_(create|get|resolve)[a-z_]*\('; then
		tap_run "and checks for errors" grep -qE 'err\(|!rdma_ns' <<<"$(example "$page")"
	fi
done
tap_equal "pages with an example" 5 "$pages"
tap_run "the example of rdma_ns_get_netdevs.3 runs" runs rdma_ns_get_netdevs.3
tap_end
