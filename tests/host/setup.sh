#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# scripts/setup.sh, in front of an apt and a systemd that only say what they are told: on a machine with InfiniBand no
# package may begin to manage the fabric, also if not everything can be installed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
. tests/lib/tap.sh

if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then
	tap_skip "setup" "it needs root and a mount namespace"
	tap_end
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/setup.XXXXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

fake() # NAME LINE...
{
	printf '%s\n' '#!/bin/bash' "${@:2}" >"$scratch/bin/$1"
	chmod +x "$scratch/bin/$1"
}

mkdir "$scratch/bin"
fake dpkg-query 'exit 1'
fake apt-cache 'echo "  Candidate: 1"'
fake apt-get 'echo "apt-get $*" | grep -oE "^apt-get|install|update" | paste -sd" " >>"$SAID"' \
	'[[ $* != *install* ]] || exit "$INSTALLED"'
fake systemctl 'echo "systemctl $*" >>"$SAID"'

set_up() # STATUS-OF-APT
{
	local status=0
	: >"$scratch/said"
	INSTALLED=$1 SAID=$scratch/said PATH=$scratch/bin:$PATH unshare --mount bash -c \
		'mount -t tmpfs none /run; mkdir -p /run/systemd/system; exec scripts/setup.sh' >/dev/null 2>&1 || status=$?
	echo "$status"
}

# The number of the line of what was said that has PATTERN in it, or nothing.
line() { grep -n -m 1 -e "$1" "$scratch/said" | cut -d: -f1; } # PATTERN

for installed in 0 100; do
	tap_equal "apt ends with $installed" $((installed != 0)) "$(set_up $installed)"
	tap_run "OpenSM is masked before anything is installed" \
		test "$(line 'systemctl .*mask --runtime .*opensm\.service')" -lt "$(line 'apt-get install')"
	tap_run "it can be begun by hand afterwards" \
		test "$(line 'systemctl .*unmask --runtime .*opensm\.service')" -gt "$(line 'apt-get install')"
	for unit in opensm.service open-iscsi.service iscsid.service iscsid.socket; do
		tap_run "$unit does not begin with the machine" \
			test "$(line "systemctl .*disable --now $unit")" -gt "$(line 'systemctl .*unmask')"
	done
done
tap_end
