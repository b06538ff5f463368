#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# What is installed works from any prefix, for programs that find it by pkg-config or by find_package(),
# and "uninstall" takes it away again. The same source gives the same bytes wherever it is built.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
work=$(mktemp -d "${TMPDIR:-/tmp}/install.XXXXXXXX")
trap 'rm -rf -- "$work"' EXIT
unset DESTDIR PKG_CONFIG_PATH LD_LIBRARY_PATH

configure() # SOURCE BUILD OPTION...
{
	cmake -S "$1" -B "$2" -DRDMA_NS_TESTS=OFF -DRDMA_NS_MAN=OFF "${@:3}"
}

build() # SOURCE BUILD OPTION...
{
	configure "$@" && cmake --build "$2" --parallel "$(nproc)"
}

runs() # LIBRARY-FOLDER PROGRAM
{
	[[ $(LD_LIBRARY_PATH=$1 "$2") == strict ]]
}

by_pkg_config() # ROOT LIBRARY-FOLDER
{
	local flags
	export PKG_CONFIG_PATH=$1$2/pkgconfig
	flags=$(pkg-config --cflags --libs librdma-ns) || return
	# shellcheck disable=SC2086
	gcc -Wall -Werror -o "$work/use_c" tests/consumer/use.c $flags && runs "$1$2" "$work/use_c" &&
		g++ -Wall -Werror -o "$work/use_cxx" tests/consumer/use.cpp $flags && runs "$1$2" "$work/use_cxx"
}

by_find_package() # ROOT LIBRARY-FOLDER OPTION...
{
	rm -rf -- "$work/consumer"
	cmake -S tests/consumer -B "$work/consumer" -Drdma-ns_DIR="$1$2/cmake/rdma-ns" "${@:3}" &&
		cmake --build "$work/consumer" && runs "$1$2" "$work/consumer/use_c" && runs "$1$2" "$work/consumer/use_cxx"
}

# Its own library is found without help, and the preload library too.
command_runs() # COMMAND
{
	"$1" --version && "$1" exec -- true
}

# What the systemd unit below a prefix starts.
audit_of() { sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$1/lib/systemd/system/rdma-ns-audit.service"; }

listing() { (cd "$1" && find . -mindepth 1 | LC_ALL=C sort); }

same_bytes() # ONE OTHER
{
	diff -r --no-dereference "$1" "$2"
}

refuses_static() { configure . "$work/static" -DBUILD_SHARED_LIBS=OFF; }

tap_run "it installs into a prefix" cmake --install build --prefix "$work/one"
(umask 077 && cmake --install build --prefix "$work/private" >/dev/null)
tap_equal "everybody may read its files, whatever the umask" "" "$(find "$work/private" -type f ! -perm -004)"
tap_run "a program is built by pkg-config, in C and C++" by_pkg_config "$work/one" /lib
tap_run "a program is built by find_package(), in C and C++" by_find_package "$work/one" /lib
tap_run "and if the program has looked for librdmacm before" by_find_package "$work/one" /lib -DFINDS_RDMACM=ON
tap_run "the installed command runs" command_runs "$work/one/bin/rdma-ns"
tap_equal "the audit's unit runs that command" "$work/one/bin/rdma-ns" "$(audit_of "$work/one")"
tap_equal "no page tells of what only packages install" "" "$(find "$work/one" -name rdma-ns-kernel.8 -o -name sib.4)"
tap_run "its timer is there" test -s "$work/one/lib/systemd/system/rdma-ns-audit.timer"
metrics=$(sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'\$/\1/p" "$work/one/lib/systemd/system/rdma-ns-metrics.service")
tap_match "so does that of the metrics" "^$work/one/bin/rdma-ns audit" "$metrics"
# On a machine without RDMA the command has none.
metrics=${metrics/"$work/one/bin/rdma-ns audit -A --openmetrics"/"cat $work/given"}
printf '%s\n' "a 1" "# EOF" >"$work/given"
tap_run "which writes them" env METRICS="$work/rdma_ns.prom" sh -c "$metrics"
printf '%s\n' "a 2" >"$work/given"
tap_fail "unless they are cut off" env METRICS="$work/rdma_ns.prom" sh -c "$metrics"
tap_equal "which leaves those of before" "a 1" "$(head -n 1 "$work/rdma_ns.prom")"
mkdir "$work/far"
mv "$work/one" "$work/far/moved"
tap_run "pkg-config still works when the prefix has been moved" by_pkg_config "$work/far/moved" /lib
tap_run "find_package() likewise" by_find_package "$work/far/moved" /lib
tap_run "the command likewise" command_runs "$work/far/moved/bin/rdma-ns"

tap_run "it installs below DESTDIR" env DESTDIR="$work/stage" cmake --install build --prefix /opt/rdma-ns
tap_run "a program is built by pkg-config below DESTDIR" by_pkg_config "$work/stage" /opt/rdma-ns/lib
tap_run "a program is built by find_package() below DESTDIR" by_find_package "$work/stage" /opt/rdma-ns/lib
tap_run "for /usr, pkg-config leaves out what the compiler knows" \
	env DESTDIR="$work/usr" cmake --install build --prefix /usr
tap_match "and its file names /usr" '^prefix=/usr$' "$(head -n 1 "$work/usr/usr/lib/pkgconfig/librdma-ns.pc")"
tap_equal "the audit's unit names /usr/bin" /usr/bin/rdma-ns "$(audit_of "$work/usr/usr")"
tap_run "uninstall takes away what was installed" env DESTDIR="$work/usr" cmake --build build --target uninstall
tap_equal "nothing is left" "" "$(listing "$work/usr")"
tap_fail "uninstall says when there is nothing to take away" cmake --build build --target uninstall

mkdir -p "$work/local/share/man" "$work/local/include"
listing "$work/local" >"$work/local-before"
echo theirs >"$work/local/include/theirs.h"
tap_run "it installs into folders that are there" cmake --install build --prefix "$work/local"
tap_run "and once more" cmake --install build --prefix "$work/local"
rm "$work/local/include/theirs.h"
tap_run "uninstall takes that away" cmake --build build --target uninstall
tap_equal "but no folder that was there, even if it is empty" "$(<"$work/local-before")" "$(listing "$work/local")"
tap_run "it installs into a new prefix" cmake --install build --prefix "$work/local/new"
touch "$work/local/new/share/theirs"
tap_run "uninstall spares what is others'" cmake --build build --target uninstall
tap_equal "and the folders that have it" "new new/share new/share/theirs" \
	"$(cd "$work/local" && find new | LC_ALL=C sort | paste -sd' ')"

mkdir -p "$work/first" "$work/second/deeper"
git ls-files -z | tar --null -cf - -T - | tee >(tar -xf - -C "$work/second/deeper") | tar -xf - -C "$work/first"
libdir=$work/elsewhere/lib64
tap_run "it builds with an absolute library folder" build "$work/first" "$work/first/build" \
	-DCMAKE_INSTALL_LIBDIR="$libdir" -DCMAKE_INSTALL_PREFIX="$work/prefix"
tap_run "and installs" cmake --install "$work/first/build"
tap_run "a program is built by pkg-config from there" by_pkg_config "" "$libdir"
tap_run "a program is built by find_package() from there" by_find_package "" "$libdir"
tap_run "the command finds its libraries there" command_runs "$work/prefix/bin/rdma-ns"
rm -r -- "$work/prefix"
tap_run "it installs into a prefix other than the configured one" cmake --install "$work/first/build" --prefix "$work/other"
tap_run "pkg-config finds the headers of that one" by_pkg_config "" "$libdir"
tap_run "find_package() likewise" by_find_package "" "$libdir"

tap_run "the same source builds in another folder" build "$work/second/deeper" "$work/second/build" \
	-DCMAKE_INSTALL_LIBDIR="$libdir" -DCMAKE_INSTALL_PREFIX="$work/prefix"
DESTDIR=$work/bytes-one cmake --install "$work/first/build" >/dev/null
DESTDIR=$work/bytes-two cmake --install "$work/second/build" >/dev/null
tap_run "what it installs has the same bytes" same_bytes "$work/bytes-one" "$work/bytes-two"
echo 9.8.7 >"$work/first/VERSION"
tap_run "a folder that was built before is built again" cmake --build "$work/first/build" --target rdma-ns
tap_run "as the version that there is now" test -e "$work/first/build/lib/librdma-ns.so.9.8.7"
tap_fail "a static library is not offered, and asking for one is an error" refuses_static
tap_end
