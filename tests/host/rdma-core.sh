#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# packaging/rdma-core: what it refuses, and what it makes of a source. The source is made up: it has the lines of
# rdma-core's files that are looked for, and no more. A real one is taken if RDMA_NS_RDMA_CORE names its folder. That
# rdma-core then builds is packaging/rdma-core --check's.
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
cd "$tree"
command -v git >/dev/null || { tap_skip "rdma-core's source with the library" "git is missing"; tap_end; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export GIT_AUTHOR_NAME=somebody GIT_AUTHOR_EMAIL=somebody@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL GIT_CONFIG_GLOBAL=/dev/null

make_source() # DIR
{
	mkdir -p "$1"/{buildlib,debian,kernel-headers/rdma,librdmacm/man,redhat,suse,tests}
	printf '$ %s install gcc %s valgrind\n' apt-get libudev-dev zypper libudev-devel yum libudev-devel >"$1/README.md"
	printf "        %s,\n" "'valgrind-devel'" "'valgrind'" '"valgrind"' '"libudev-dev:arm64"' >"$1/buildlib/cbuild"
	printf '%s\n' 'project(rdma-core C)' 'set(PACKAGE_VERSION "99.1")' 'add_subdirectory(librdmacm/man)' 'if (NOT UDEV_FOUND)' \
		>"$1/CMakeLists.txt"
	printf '  rdma/%s.h\n' rdma_netlink rdma_user_cm rdma_user_ioctl_cmds >"$1/kernel-headers/CMakeLists.txt"
	printf '  %s.py\n' rdmacm_utils test_rdmacm >"$1/tests/CMakeLists.txt"
	: >"$1/tests/__init__.py"
	# git knows no empty folders.
	: >"$1/kernel-headers/rdma/rdma_user_cm.h"
	printf '%s\n' 'class parser:' '    args = None' >"$1/tests/args_parser.py"
	printf '%s\n' 'Source: rdma-core' 'Build-Depends: cmake,' '               valgrind [amd64 i386]' 'Standards-Version: 4' '' \
		'Package: librdmacm1' 'Architecture: any' '' 'Package: rdmacm-utils' 'Architecture: any' '' \
		'Package: python3-pyverbs' 'Architecture: any' '' 'Package: infiniband-diags' 'Architecture: any' >"$1/debian/control"
	echo 'Files: providers/bnxt_re/*' >"$1/debian/copyright"
	echo 'usr/share/man/man3/rdma_*.3' >"$1/debian/librdmacm-dev.install"
	printf '\tdh_install -Npython3-pyverbs\n' >"$1/debian/rules"
	: >"$1/librdmacm/man/rdma_notify.3"
	printf 'F:\tlibrdmacm/\n' >"$1/MAINTAINERS"
	for spec in redhat suse; do
		printf '%s\n' 'Name: rdma-core' 'Version: 99.1' 'Release: 1' 'Summary: none' 'License: none' \
			"%define with_pyverbs $([[ $spec == redhat ]] && echo 1 || echo '%{?_with_pyverbs: 1}%{?!_with_pyverbs: 0}')" \
			>"$1/$spec/rdma-core.spec"
	done
	cat >>"$1/redhat/rdma-core.spec" <<-'END'
		BuildRequires: valgrind-devel
		%description
		%package devel
		Summary: none
		Obsoletes: librdmacm-devel < %{version}-%{release}
		%description devel
		%package -n librdmacm
		Summary: none
		%description -n librdmacm
		%package -n srp_daemon
		Summary: none
		%description -n srp_daemon
		%package -n python3-pyverbs
		Summary: none
		%description -n python3-pyverbs
		%prep
		%postun -n librdmacm -p /sbin/ldconfig
		%files devel
		%{_mandir}/man7/rdma_cm.*
		%files -n librdmacm
		%files -n srp_daemon
		%if %{with_pyverbs}
		%files -n python3-pyverbs
		%{_docdir}/%{name}/tests/*.py
		%endif
	END
	cat >>"$1/suse/rdma-core.spec" <<-'END'
		%define rdmacm_so_major 1
		%define  rdmacm_lname librdmacm%{rdmacm_so_major}
		BuildRequires:  pkgconfig(udev)
		%description
		%package devel
		Summary: none
		Requires:       %{rdmacm_lname} = %{version}-%{release}
		%description devel
		%package -n %rdmacm_lname
		Summary: none
		%description -n %rdmacm_lname
		%package -n srp_daemon
		Summary: none
		%description -n srp_daemon
		%package -n python3-pyverbs
		Summary: none
		%description -n python3-pyverbs
		%prep
		%ldconfig_scriptlets -n %rdmacm_lname
		%files devel
		%{_mandir}/man7/rdma_cm.*
		%files -n %rdmacm_lname
		%files -n srp_daemon
		%if %{with_pyverbs}
		%files -n python3-pyverbs
		%{_docdir}/%{name}-%{version}/tests/*.py
		%endif
	END
}

says() # NAME STATUS MESSAGE ARGUMENT...: the message is what it says, without the program's name
{
	local output status=0
	output=$(packaging/rdma-core "${@:4}" 2>&1) || status=$?
	tap_equal "$1" "$2: packaging/rdma-core: $3" "$status: $output"
}
help="; see 'packaging/rdma-core --help'"
tap_match "--help tells its use" '^Usage: .*Exit status: ' "$(packaging/rdma-core --help | paste -sd' ')"
source=$work/source
make_source "$source"
mkdir "$work/exists" "$work/empty"
says "an unknown option" 2 "unknown option '--bogus'$help" --bogus
says "no source" 2 "--source is missing: where is rdma-core's source?$help" --output "$work/out"
says "no output" 2 "--output is missing$help" --source "$source"
says "an option without its value" 2 "option '--output' needs a value$help" --source "$source" --output
mkdir "$work/out.packages"
says "packages that exist" 2 "'$work/out.packages' exists: name another folder, or remove it$help" \
	--source "$source" --output "$work/out" --packages
rmdir "$work/out.packages"
says "a source that is none" 2 "--source: '$work/no' is not a folder$help" --source "$work/no" --output "$work/out"
says "an output that exists" 2 "'$work/exists' exists: name another folder, or remove it$help" --source "$source" --output "$work/exists"
says "patches that exist" 2 "'$work/exists' exists: name another folder, or remove it$help" \
	--source "$source" --output "$work/out" --patches "$work/exists"
says "an output in no folder" 2 "'$work/no' is not a folder$help" --source "$source" --output "$work/no/out"
says "an output inside of the source" 2 "'$source' is not written to: name a folder outside of it$help" \
	--source "$source" --output "$source/out"
says "this project is not rdma-core" 1 "'$tree/man' is not rdma-core's source: no CMakeLists.txt there says project(rdma-core)" \
	--source "$tree/man" --output "$work/out"
GIT_COMMITTER_NAME='' says "nobody to sign off" 1 \
	"git knows no name for the commits: git config --global user.name NAME, and likewise user.email" --source "$source" --output "$work/out"

# A folder that leads elsewhere is not written through, and a line that is not there is named.
cp -r "$source" "$work/link"
mv "$work/link/tests" "$work/elsewhere"
ln -s "$work/elsewhere" "$work/link/tests"
says "a folder that is a link" 1 "'$work/link' has no folder tests, which is in every rdma-core that is known" \
	--source "$work/link" --output "$work/out"
while IFS=$'\t' read -r file line; do
	rm -rf "$work/other"
	cp -r "$source" "$work/other"
	grep -vxF -- "$line" "$source/$file" >"$work/other/$file" || true
	says "$file without its line" 1 \
		"$file of '$work/other' has no line '$line': this rdma-core is older or newer than what is known" \
		--source "$work/other" --output "$work/out"
done <<'END'
CMakeLists.txt	add_subdirectory(librdmacm/man)
kernel-headers/CMakeLists.txt	  rdma/rdma_user_cm.h
MAINTAINERS	F:	librdmacm/
suse/rdma-core.spec	%files -n srp_daemon
END
tap_equal "nothing is left of what failed" "elsewhere empty exists link other source" "$(cd "$work" && echo *)"

made() # SOURCE OUTPUT, where OUTPUT.patches are the patches
{
	local base patches
	packaging/rdma-core --source "$1" --output "$2" --patches "$2.patches" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
	base=$(git -C "$2" log --format=%H --grep='^kernel-headers: Add the options and records' -n 1)^
	mapfile -t patches < <(find "$2.patches" -name '*.patch' ! -name '*cover-letter*' | LC_ALL=C sort)
	git clone -q "$2" "$2.am" && git -C "$2.am" checkout -q "$base" && git -C "$2.am" am -q "${patches[@]}"
}
steps=$(sed -n 's/^STEPS=(\(.*\))$/\1/p' packaging/core/steps.sh | wc -w)

# What the distributions' files say, as their own programs read it. That packages can be built of them is --packages'.
check_packages() # WHAT OUTPUT
{
	local name=$1 out=$2 package spec library saw
	local packages="librdmans-dev librdmans1 python3-rdma-ns"
	if perl -MDpkg::Control::Info -e1 2>/dev/null; then
		saw=$(perl -MDpkg::Control::Info -e 'print "$_->{Package}\n" for Dpkg::Control::Info->new($ARGV[0])->get_packages()' \
			"$out/debian/control" 2>&1 | grep -E 'rdmans|rdma-ns|error' | paste -sd' ' || true)
		tap_equal "$name: dpkg finds the library's packages in debian/control" "$packages" "$saw"
	else
		tap_skip "$name: dpkg finds the library's packages in debian/control" "libdpkg-perl is missing"
	fi
	tap_equal "$name: each has a list of files" "$packages" \
		"$(cd "$out/debian" && for package in $packages; do [[ ! -s $package.install ]] || echo "$package"; done | paste -sd' ')"
	command -v rpmspec >/dev/null || { tap_skip "$name: rpm reads the specs" "rpm is missing"; return; }
	for spec in redhat suse; do
		library=librdmans$([[ $spec == redhat ]] || echo 1)
		saw=$(rpmspec --load "packaging/core/macros.$spec" -q --qf '%{NAME}\n' "$out/$spec/rdma-core.spec" 2>&1 | LC_ALL=C sort || true)
		tap_equal "$name: rpm finds the library's packages in $spec's spec" "$library python3-rdma-ns" \
			"$(grep -E 'rdmans|rdma-ns|error' <<<"$saw" | paste -sd' ')"
		saw=$(rpmspec --load "packaging/core/macros.$spec" -P "$out/$spec/rdma-core.spec" 2>&1 | tr -s ' ' |
			grep -E '^%(files|post|postun) -n (librdmans|python3-rdma)|librdmans\.so|/rdma_ns' | sed 's| -p .*||; s|/[^ ]*/||' | paste -sd' ' || true)
		tap_equal "$name: $spec's spec has their files, the page and ldconfig" \
			"%post -n $library %postun -n $library rdma_ns.* %files -n $library librdmans.so.* %files -n python3-rdma-ns rdma_ns" "$saw"
	done
}

check_made() # WHAT OUTPUT
{
	local name=$1 out=$2 missing='' file folder
	tap_equal "$name: a commit for each step, signed off" "$steps" \
		"$(git -C "$out" log -n "$steps" --format='%(trailers:key=Signed-off-by,valueonly)' | grep -cxF 'somebody <somebody@example.org>')"
	tap_equal "$name: a patch for each, and a cover letter with its words" "$((steps + 1)) 1 0" \
		"$(find "$out.patches" -type f | wc -l) $(grep -cxF 'Subject: [PATCH 00/'"$steps"'] '"$(head -n 1 packaging/core/messages/cover)" "$out.patches/0000-cover-letter.patch") $(grep -cF '***' "$out.patches/0000-cover-letter.patch")"
	tap_equal "$name: no fault in white space" "" "$(git -C "$out" diff --check "HEAD~$steps" HEAD || true)"
	# Sources, and what they include, are there; and nothing that no list names.
	for file in $(sed -n 's/^  \([a-z_/]*\.[ch]\)$/\1/p' "$out/librdmans/CMakeLists.txt"); do
		[[ -f $out/librdmans/$file ]] || missing+="$file "
	done
	for file in $(grep -rhoP '^#include "\K[^"]+' "$out/librdmans" | sort -u); do
		[[ -n $(find "$out/librdmans" -name "$file") ]] || missing+="$file "
	done
	for file in $(cd "$out/librdmans" && find . -name '*.c' ! -path './tests/*' | sed 's|^\./||'); do
		grep -qxF "  $file" "$out/librdmans/CMakeLists.txt" || missing+="(listed: $file) "
	done
	tap_equal "$name: sources, lists and headers agree" "" "$missing"
	# Of each commit, so that each can be built.
	missing=$(git -C "$out" rev-list "HEAD~$steps..HEAD" | while read -r commit; do
		LC_ALL=C comm -13 <(git -C "$out" ls-tree -r --name-only "$commit" librdmans | sed 's|.*/||' | LC_ALL=C sort -u) \
			<(git -C "$out" grep -hoP '^#include "\K[^"]+' "$commit" -- librdmans | LC_ALL=C sort -u)
	done | sort -u)
	tap_equal "$name: no commit includes a header that comes later" "" "$missing"
	tap_equal "$name: the map is this project's" "$(sed 's/RDMA_NS_1/RDMANS_1/' librdmacm/librdma-ns.map)" "$(<"$out/librdmans/librdmans.map")"
	tap_equal "$name: each function has a page or an alias" "$(grep -oP '^\t\t\Krdma_ns_[a-z_]+' librdmacm/librdma-ns.map | sort)" \
		"$(sed -nE 's/^  (rdma_ns_[a-z_]+)\.3\.md$/\1/p; s/^  [^ ]+ (rdma_ns_[a-z_]+)\.3$/\1/p' "$out/librdmans/man/CMakeLists.txt" | sort)"
	# rdma-core's file for pkg-config has the other libraries in Requires.private, if at all.
	tap_equal "$name: rdma_ns(7) names all libraries that a program links" \
		"Link with *-lrdmans -lrdmacm -libverbs* (pkg-config: *librdmans librdmacm libibverbs*)." \
		"$(grep '^Link with' "$out/librdmans/man/rdma_ns.7.md")"
	tap_equal "$name: debian has the map's symbols" "$(grep -oP '^\t\t\Krdma_ns_[a-z_]+' librdmacm/librdma-ns.map | sort)" \
		"$(sed -n 's/^ \(rdma_ns_[a-z_]*\)@.*/\1/p' "$out/debian/librdmans1.symbols" | sort)"
	check_packages "$name" "$out"
	tap_equal "$name: its other name is nowhere" "" "$(grep -rnE 'librdma-ns|-lrdma-ns|\<RDMA_NS_[0-9]' "$out"/{librdmans,tests} || true)"
}

tap_run "a folder: git am makes the same of its patches" made "$source" "$work/out"
tap_equal "the same tree" "$(git -C "$work/out" rev-parse 'HEAD^{tree}')" "$(git -C "$work/out.am" rev-parse 'HEAD^{tree}')"
check_made "a folder" "$work/out"
tap_match "the dependency is added" "valgrind \[amd64 i386\], +zlib1g-dev Standards" "$(paste -sd' ' "$work/out/debian/control" | tr -s ' ')"
tap_equal "README names it, and so do the images that build packages" "zlib1g-dev zlib-devel zlib-devel 'zlib-devel', 'zlib1g-dev', \"zlib1g-dev\", \"zlib1g-dev:arm64\"," \
	"$(git -C "$work/out" diff "HEAD~$steps" HEAD -- README.md buildlib | sed -n '/^+[^+]/s/.* //p' | paste -sd' ')"
tap_equal "the source is as it was" "" "$(make_source "$work/again" && diff -r "$work/again" "$source")"

git -C "$source" init -q && git -C "$source" add -A && git -C "$source" commit -q -m "its history"
echo "not committed" >"$source/NOTES"
git clone -q --bare "$source" "$work/bare"
for kind in source bare; do
	tap_run "a git repository ($kind)" made "$work/$kind" "$work/git-$kind"
	tap_equal "it keeps its history, and has what is committed" "its history$(printf '\n')" \
		"$(git -C "$work/git-$kind" log --skip="$steps" --format=%s; ls "$work/git-$kind/NOTES" 2>/dev/null)"
	tap_equal "the same is made of it" "$(git -C "$work/out" rev-parse 'HEAD^{tree}')" "$(git -C "$work/git-$kind" rev-parse 'HEAD^{tree}')"
done

# The tests with pyverbs, as rdma-core's loader finds them: all are there, and without the module there is one, skipped.
python=/usr/bin/python3
list='import sys, unittest
def walk(suite):
    for test in suite:
        yield from walk(test) if isinstance(test, unittest.TestSuite) else [test]
for test in walk(unittest.defaultTestLoader.loadTestsFromName("tests.test_rdma_ns")):
    print(test.id())'
in_made() { (cd "$work/out" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=.:tests:$work/python "$python" "$@" 2>&1); }
if "$python" -c 'import pyverbs.device' 2>/dev/null; then
	tap_equal "without the module, the tests are one that is skipped" "tests.test_rdma_ns.RdmaNs.test_the_library_is_there" \
		"$(in_made -c "$list")"
	tap_match "and it says why" "skipped.*No module named 'rdma_ns'" "$(in_made -m unittest -v tests.test_rdma_ns)"
	mkdir "$work/python" "$work/lib"
	cp -r "$work/out/librdmans/python" "$work/python/rdma_ns"
	ln -s "$tree/build/lib/librdma-ns.so.1" "$work/lib/librdmans.so.1"
	tap_equal "with it, all are there" "$(cat pyverbs-tests/test_*.py | grep -c '^    def test_')" \
		"$(LD_LIBRARY_PATH=$work/lib in_made -c "$list" | grep -c '^tests\.test_rdma_ns\.[A-Z][A-Za-z]*\.test_')"
else
	tap_skip "the tests with pyverbs are found" "python3-pyverbs is missing"
fi

if [[ -n ${RDMA_NS_RDMA_CORE-} ]]; then
	tap_run "rdma-core's own: git am makes the same of its patches" made "$RDMA_NS_RDMA_CORE" "$work/real"
	tap_equal "rdma-core's own: the same tree" "$(git -C "$work/real" rev-parse 'HEAD^{tree}')" "$(git -C "$work/real.am" rev-parse 'HEAD^{tree}')"
	check_made "rdma-core's own" "$work/real"
else
	tap_skip "rdma-core's own source" "RDMA_NS_RDMA_CORE does not name its folder"
fi
tap_end
