# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by packaging/rdma-core: the steps, each a commit, in their order. What is listed in this project's own
# CMake files, symbol maps and pages is taken from there, so that nothing is forgotten.

STEPS=(kernel_headers header host resolve exchange calls man unit python pyverbs debian rpm maintainers)

# The library's sources, of one folder, or on top: for ".".
sources() # FOLDER
{
	sed -n '/^set(sources /,/)$/p' "$tree/librdmacm/CMakeLists.txt" | sed 's/^set(sources//; s/)$//' | tr -s ' \t\n' '\n' |
		awk -v folder="$1" 'NF && (folder == "." ? !/\// : index($0, folder "/") == 1)'
}

step_kernel_headers()
{
	put kernel-headers/rdma kernel-headers/rdma/{rdma_cm_ns_wire,rdma_user_cm_ns,rdma_user_cm_ns_record,rdma_user_ioctl_ns}.h
	insert_before kernel-headers/CMakeLists.txt "  rdma/rdma_netlink.h" <<<"  rdma/rdma_cm_ns_wire.h"
	insert_after kernel-headers/CMakeLists.txt "  rdma/rdma_user_cm.h" < <(printf '  rdma/%s\n' rdma_user_cm_ns.h rdma_user_cm_ns_record.h)
	insert_after kernel-headers/CMakeLists.txt "  rdma/rdma_user_ioctl_cmds.h" <<<"  rdma/rdma_user_ioctl_ns.h"
}

step_header()
{
	put librdmans librdmacm/rdma/rdma_ns.h
	cat >librdmans/CMakeLists.txt <<-'END'
		# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
		publish_headers(rdma
		  rdma_ns.h
		  )
	END
	insert_after CMakeLists.txt "add_subdirectory(librdmacm/man)" <<-'END'
		# What peers tell each other has a CRC.
		find_package(ZLIB)
		if (ZLIB_FOUND AND NOT NL_KIND EQUAL 0)
		  add_subdirectory(librdmans)
		endif()
	END
	insert_before CMakeLists.txt "if (NOT UDEV_FOUND)" <<-'END'
		if (NOT ZLIB_FOUND)
		  message(STATUS " zlib NOT found (disabling librdmans)")
		endif()
	END
	# Who builds by README, and the images of rdma-core's CI, in which it builds packages, too.
	change README.md "$ apt-get install ... libudev-dev ..." \
		'/^\$ apt-get install .*libudev-dev/s/$/ zlib1g-dev/; /^\$ (zypper|yum) install .*libudev-devel/s/$/ zlib-devel/'
	change buildlib/cbuild "        'valgrind'," "s/^( +)(['\"])valgrind(-devel|)\2,\$/&\n\1\2zlib\3\2,/; s/\<zlib(['\"],\$)/zlib1g-dev\1/
		s/^( +)\"libudev-dev(:[a-z0-9]+)\",\$/&\n\1\"zlib1g-dev\2\",/"
}

# Sources with their headers, of a folder or some of the top, which the library is made of from now on.
add_sources() # SOURCE...
{
	local file files=()
	for file in "$@"; do
		[[ $file != */* ]] || mkdir -p "librdmans/${file%/*}"
		put "librdmans/$(dirname "$file")" "librdmacm/$file"
		[[ ! -e $tree/librdmacm/${file%.c}.h ]] || put "librdmans/$(dirname "$file")" "librdmacm/${file%.c}.h"
		files+=("  $file")
	done
	# A file of each folder says what it is for.
	[[ $1 != */* ]] || put "librdmans/${1%/*}" "librdmacm/${1%/*}/README.md"
	printf '%s\n' "${files[@]}" | insert_before librdmans/CMakeLists.txt ")"
}

step_host()
{
	local files
	# The last node of the map, which the files' names follow.
	level=$(sed -nE 's/^RDMA_NS_([0-9]+\.[0-9]+) \{/\1/p' "$tree/librdmacm/librdma-ns.map" | tail -n 1)
	[[ -n $level ]] || die "librdmacm/librdma-ns.map has no node"
	printf '/* %s */\nRDMANS_%s {\n\tlocal:\n\t\t*;\n};\n' "SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB" "$level" \
		>librdmans/librdmans.map
	cat >>librdmans/CMakeLists.txt <<-END

		# A static copy would find another librdmacm than the program's.
		set(ENABLE_STATIC OFF)

		include_directories(. exchange host resolve \${ZLIB_INCLUDE_DIRS})
		add_definitions("-D_GNU_SOURCE=")

		set(RDMA_NS_SOURCES
		)
		rdma_library(rdmans librdmans.map
		  # See Documentation/versioning.md
		  ${level%.*} $level.\${PACKAGE_VERSION}
		  \${RDMA_NS_SOURCES}
		  )
		target_link_libraries(rdmans LINK_PUBLIC rdmacm ibverbs)
		target_link_libraries(rdmans LINK_PRIVATE
		  \${NL_LIBRARIES}
		  \${ZLIB_LIBRARIES}
		  \${CMAKE_THREAD_LIBS_INIT}
		  \${CMAKE_DL_LIBS}
		  )
		rdma_pkg_config("rdmans" "libibverbs, librdmacm" "\${CMAKE_THREAD_LIBS_INIT}")
	END
	mapfile -t files < <(sources host)
	add_sources "${files[@]}"
	put librdmans librdmacm/cancel.h
}

step_resolve()
{
	local files
	mapfile -t files < <(sources resolve)
	add_sources "${files[@]}" address.c sized.c
}

step_exchange()
{
	local files
	mapfile -t files < <(sources exchange)
	add_sources "${files[@]}" cm_id.c id_table.c real.c self_calls.c
}

step_calls()
{
	local files
	mapfile -t files < <(sources . | grep -vxE '(address|sized|cm_id|id_table|real|self_calls)\.c')
	add_sources "${files[@]}"
	# A version is named for the library.
	sed -E 's/\<RDMA_NS_([0-9]+\.[0-9]+)/RDMANS_\1/' "$tree/librdmacm/librdma-ns.map" >librdmans/librdmans.map
}

# The names that a page describes, but for its own.
page_names() # PAGE
{
	sed -n '/^# NAME$/,/^# SYNOPSIS$/p' "$tree/man/$1.md" | tr '\n' ' ' | sed -E 's/^# NAME *//; s/ - .*//' | tr -s ', ' '\n' |
		grep -vx "${1%.*}" || true
}

step_man()
{
	local page name pages=() aliases=()
	for page in "$tree"/man/rdma_ns*.md; do
		page=$(basename "$page" .md)
		pages+=("$page")
		put librdmans/man "man/$page.md"
		# What rdma-core's pages have in their heads.
		sed -i "2,/^---\$/{/^header:/a layout: page\nlicense: 'Licensed under GPLv2 or the OpenIB.org BSD license (MIT variant) - See COPYING.md'
			s/^header: .*/footer: librdmans\nheader: \"librdmans Programmer's Manual\"/}" "librdmans/man/$page.md"
		[[ $page != *.3 ]] || for name in $(page_names "$page"); do
			aliases+=("  $page $name.3")
		done
	done
	# As with librdmacm, rdma-core's file for pkg-config names no other library for programs that call both.
	change librdmans/man/rdma_ns.7.md "Link with ..." \
		's/(\*-lrdmans)\* \(pkg-config: \*librdmans\*\)/\1 -lrdmacm -libverbs* (pkg-config: *librdmans librdmacm libibverbs*)/'
	{
		printf '# %s\nrdma_man_pages(\n' "SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB"
		printf '  %s.md\n' "${pages[@]}"
		printf '  )\nrdma_alias_man_pages(\n'
		printf '%s\n' "${aliases[@]}"
		printf '  )\n'
	} >librdmans/man/CMakeLists.txt
	insert_after CMakeLists.txt "  add_subdirectory(librdmans)" <<<"  add_subdirectory(librdmans/man)"
}

# The tests of what the library hides, each with what it needs beside: as tests/unit/CMakeLists.txt has it.
step_unit()
{
	local cmake=$tree/tests/unit/CMakeLists.txt name names file
	# The log, which the test of cancellation needs as well, is the preload library's.
	names=$(sed -n '/^foreach(name IN ITEMS address /,/)$/p' "$cmake" | tr -s ' \t\n)' '\n' | sed -n '/^ITEMS$/,$p' | tail -n +2 |
		grep -vxE 'log|cancel')
	put librdmans/tests tests/unit/ns_{folder,messages}.{c,h} tests/unit/ns_fakes.h
	{
		cat <<-END
			# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
			# The library hides what is tested here.
			set(SOURCES "")
			foreach(SOURCE \${RDMA_NS_SOURCES})
			  list(APPEND SOURCES "../\${SOURCE}")
			endforeach()
			include_directories(.. ../exchange ../host ../resolve \${CMOCKA_INCLUDE_DIRS})
			# Tables leave out what is zero.
			RDMA_AddOptCFlag(CMAKE_C_FLAGS HAVE_C_WNO_MISSING_FIELD_INITIALIZERS "-Wno-missing-field-initializers")
			add_library(rdma_ns_parts STATIC \${SOURCES} ns_messages.c ns_folder.c)

			function(rdma_ns_test NAME)
			  rdma_test_executable(test_ns_\${NAME} test_ns_\${NAME}.c)
			  target_link_libraries(test_ns_\${NAME} LINK_PRIVATE rdma_ns_parts rdmacm ibverbs
			    \${CMOCKA_LIBRARIES}
			    \${NL_LIBRARIES}
			    \${ZLIB_LIBRARIES}
			    \${CMAKE_THREAD_LIBS_INIT}
			    \${CMAKE_DL_LIBS}
			    \${ARGN}
			    )
			endfunction()

		END
		for name in $names; do
			file=test_ns_$name
			put librdmans/tests "tests/unit/$file.c"
			echo "rdma_ns_test($name$(sed -nE "s/^target_link_options\($file PRIVATE (.*)\)\$/ \"\1\"/p" "$cmake"))"
		done
	} >librdmans/tests/CMakeLists.txt
	cat >>librdmans/CMakeLists.txt <<-'END'

		pkg_check_modules(CMOCKA QUIET cmocka)
		if (CMOCKA_FOUND)
		  add_subdirectory(tests)
		endif()
	END
}

step_python()
{
	local file
	for file in "$tree"/python/rdma_ns/*.py; do
		put librdmans/python "python/rdma_ns/${file##*/}"
	done
	# shellcheck disable=SC2016
	echo '__version__ = "@PACKAGE_VERSION@"' >librdmans/python/__version__.py.in
	{
		printf '# %s\nrdma_python_module(rdma_ns\n' "SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB"
		(cd librdmans/python && printf '  %s\n' *.py)
		printf '  )\n'
	} >librdmans/python/CMakeLists.txt
	cat >>librdmans/CMakeLists.txt <<-'END'

		# Where Python's modules go is known if pyverbs is built.
		if (CYTHON_EXECUTABLE)
		  add_subdirectory(python)
		endif()
	END
}

# In tests/, whose loader runs each test_*.py: one such file has all tests, the others are rdma_ns_*.py.
step_pyverbs()
{
	local file name
	for file in "$tree"/pyverbs-tests/*.py; do
		name=${file##*/}
		[[ $name != suite.py ]] || continue
		renamed <"$file" | sed -E 's/^(from|import) (base|peers|places|verbs)\>/\1 tests.rdma_ns_\2/
			s/^import (tests\.rdma_ns_([a-z]+))$/import \1 as \2/; s/"stock\.py"/"rdma_ns_stock.py"/; s/\<stock\.py\>/rdma_ns_stock.py/' \
			>"tests/rdma_ns_${name#test_}"
	done
	# A program of its own, which finds what lies beside it.
	change tests/rdma_ns_stock.py "import verbs" 's/tests\.(rdma_ns_verbs)/\1/'
	put tests packaging/core/tests/test_rdma_ns.py
	(cd tests && printf '  %s\n' rdma_ns_*.py) | insert_after tests/CMakeLists.txt "  rdmacm_utils.py"
	insert_after tests/CMakeLists.txt "  test_rdmacm.py" <<<"  test_rdma_ns.py"
}

step_debian()
{
	local cm next page
	cm=$(sed -nE 's/^Package: (librdmacm1(t64)?)$/\1/p' debian/control | head -n 1)
	[[ -n $cm ]] || no_line debian/control "Package: librdmacm1"
	# The library's are behind librdmacm's, and the module's is behind pyverbs'.
	sed "s/@LIBRDMACM@/$cm/; /^Package: python3/,\$d" "$tree/packaging/core/debian.control" |
		insert_before debian/control "Package: rdmacm-utils"
	next=$(awk '/^Package: / { if (found) { print; exit } found = $2 == "python3-pyverbs" }' debian/control)
	sed -n '/^Package: python3/,$p' "$tree/packaging/core/debian.control" |
		insert_before debian/control "${next:-Package: (behind python3-pyverbs)}"
	change debian/control "valgrind [...]" '/^Standards-Version:/,$b; s/^( +)(valgrind( \[[^]]*\])?)$/\1\2,\n\1zlib1g-dev/'
	insert_before debian/copyright "Files: providers/bnxt_re/*" <<-'END'
		Files: librdmans/*
		Copyright: 2026, the rdma-ns authors
		License: BSD-MIT or GPL-2

	END
	# The version in the tree is the first that has them.
	renamed <"$tree/debian/librdma-ns1.symbols" |
		sed -E "s/\<RDMA_NS_([0-9]+\.[0-9]+)/RDMANS_\1/g; s/(@[A-Z0-9_.]+) .*/\1 ${package_version%%.*}/" >debian/librdmans1.symbols
	echo 'usr/lib/*/librdmans.so.*' >debian/librdmans1.install
	printf '%s\n' usr/include/rdma/rdma_ns.h 'usr/lib/*/librdmans.so' 'usr/lib/*/pkgconfig/librdmans.pc' \
		'usr/share/man/man3/rdma_ns_*.3' usr/share/man/man7/rdma_ns.7 >debian/librdmans-dev.install
	echo usr/lib/python3/dist-packages/rdma_ns >debian/python3-rdma-ns.install
	# librdmacm-dev has all pages rdma_*: all but these, from now on.
	{
		for page in librdmacm/man/rdma_n*.3*; do
			[[ ! -e $page ]] || echo "usr/share/man/man3/$(basename "$page" | sed -E 's/(\.3).*/\1/')"
		done
		echo 'usr/share/man/man3/rdma_[!n]*.3'
	} | insert_before debian/librdmacm-dev.install 'usr/share/man/man3/rdma_*.3'
	change debian/librdmacm-dev.install 'usr/share/man/man3/rdma_*.3' '/^usr\/share\/man\/man3\/rdma_\*\.3$/d'
	change debian/rules "-Npython3-pyverbs" 's/-Npython3-pyverbs/& -Npython3-rdma-ns/'
}

# What both specs say of the library.
rpm_description()
{
	cat <<-'END'
		librdmans is used beside librdmacm. It listens in a network namespace and on a
		network interface, tells on which one each connection request arrived, and
		refuses requests that were not meant for this namespace.

	END
}

# The module's package, which nobody else can tell that it needs the library: ctypes loads that.
rpm_python() # SPEC WIDTH LIBRARY LINE: WIDTH of a field's name
{
	local tests
	tests=$(grep -m 1 -xE '%\{_docdir\}/.*/tests/\*\.py' "$1") || no_line "$1" '%{_docdir}/.../tests/*.py'
	{
		printf '%s\n' '%if %{with_pyverbs}' '%package -n python3-rdma-ns'
		printf "%-$2s %s\n" Summary: "Python3 module for librdmans"
		printf '%s\n' "$4"
		printf "%-$2s %s\n" Requires: "$3"
		cat <<-END

			%description -n python3-rdma-ns
			It binds and listens in a network namespace and on a network interface, tells
			on which interface each RDMA CM connection request arrived, and refuses
			requests that were not meant for this namespace.
			%endif

		END
	} | insert_before "$1" "%prep"
	printf '%s\n' '' '%files -n python3-rdma-ns' '%{python3_sitearch}/rdma_ns' | insert_after "$1" "$tests"
}

step_rpm()
{
	local spec=redhat/rdma-core.spec isa='%{?_isa} = %{version}-%{release}'
	insert_after "$spec" "BuildRequires: valgrind-devel" <<<"BuildRequires: zlib-devel"
	insert_after "$spec" "Obsoletes: librdmacm-devel < %{version}-%{release}" <<-END
		Requires: librdmans$isa
		Provides: librdmans-devel = %{version}-%{release}
		Conflicts: librdma-ns-devel
	END
	{
		cat <<-END
			%package -n librdmans
			Summary: RDMA CM connections resolved as the IP stack resolves packets
			Requires: librdmacm$isa

			%description -n librdmans
		END
		rpm_description
	} | insert_before "$spec" "%package -n srp_daemon"
	insert_after "$spec" "%postun -n librdmacm -p /sbin/ldconfig" <<-'END'

		%post -n librdmans -p /sbin/ldconfig
		%postun -n librdmans -p /sbin/ldconfig
	END
	insert_after "$spec" '%{_mandir}/man7/rdma_cm.*' <<<'%{_mandir}/man7/rdma_ns.*'
	insert_before "$spec" "%files -n srp_daemon" <<-'END'
		%files -n librdmans
		%{_libdir}/librdmans.so.*

	END
	rpm_python "$spec" 0 "librdmans$isa" '%{?python_provide:%python_provide python3-rdma-ns}'

	spec=suse/rdma-core.spec
	insert_after "$spec" "BuildRequires:  pkgconfig(udev)" <<<"BuildRequires:  pkgconfig(zlib)"
	insert_after "$spec" "%define rdmacm_so_major 1" <<<"%define rdmans_so_major 1"
	insert_after "$spec" '%define  rdmacm_lname librdmacm%{rdmacm_so_major}' <<<'%define  rdmans_lname librdmans%{rdmans_so_major}'
	insert_after "$spec" 'Requires:       %{rdmacm_lname} = %{version}-%{release}' \
		<<<'Requires:       %{rdmans_lname} = %{version}-%{release}'
	{
		cat <<-'END'
			%package -n     %rdmans_lname
			Summary:        RDMA CM connections resolved as the IP stack resolves packets
			Group:          System/Libraries
			Requires:       %{rdmacm_lname} = %{version}-%{release}

			%description -n %rdmans_lname
		END
		rpm_description
	} | insert_before "$spec" '%package -n srp_daemon'
	# Release 64 brought a macro for both.
	if grep -qxF '%postun -n %rdmacm_lname -p /sbin/ldconfig' "$spec"; then
		insert_after "$spec" '%postun -n %rdmacm_lname -p /sbin/ldconfig' <<-'END'

			%post -n %rdmans_lname -p /sbin/ldconfig
			%postun -n %rdmans_lname -p /sbin/ldconfig
		END
	else
		insert_after "$spec" '%ldconfig_scriptlets -n %rdmacm_lname' <<<'%ldconfig_scriptlets -n %rdmans_lname'
	fi
	insert_after "$spec" '%{_mandir}/man7/rdma_cm.*' <<<'%{_mandir}/man7/rdma_ns.*'
	insert_before "$spec" '%files -n srp_daemon' <<-'END'
		%files -n %rdmans_lname
		%{_libdir}/librdmans.so.*

	END
	rpm_python "$spec" 15 '%{rdmans_lname} = %{version}-%{release}' 'Group:          Development/Languages/Python'
}

step_maintainers()
{
	local who
	who=$(core_git var GIT_COMMITTER_IDENT | sed 's/>.*/>/')
	insert_after MAINTAINERS "F:	librdmacm/" <<-END

		LIBRDMANS USERSPACE LIBRARY FOR RDMA CM IN NETWORK NAMESPACES
		M:	$who
		S:	Supported
		F:	kernel-headers/rdma/rdma_cm_ns_wire.h
		F:	librdmans/
		F:	tests/rdma_ns_*
		F:	tests/test_rdma_ns.py
	END
}
