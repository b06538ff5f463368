# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by vm/kernel: compiles the distribution's source of a kernel with vm/debug.config.
#   prepare_debug          fills the cache's folder of $version, such as 6.1-debug
# Source and objects are in $cache.build until the kernel is there. An interrupted compilation goes on there.

debug_need_header() # HEADER PACKAGE
{
	echo "#include <$1>" | gcc -E -x c - >/dev/null 2>&1 ||
		vm_die 1 "the header $1 is missing: install the package $2, or run scripts/setup.sh"
}

debug_unpack()
{
	local package=linux-source-$series package_version
	[[ ! -e $build/unpacked ]] || return 0
	check_space "$needed_mb"
	ask_suite
	package_version=$(candidate "$package")
	[[ -n $package_version ]] ||
		vm_die 1 "apt knows no $package: enable the suite that has it, or run 'sudo apt-get update'"
	rm -rf -- "$build"
	mkdir -p -- "$build/debs"
	say "downloading $package=$package_version"
	(cd "$build/debs" && apt-get -qq -o APT::Sandbox::User=root download "$package=$package_version") ||
		vm_die 1 "apt-get could not download $package: check the network, or run 'sudo apt-get update'"
	say "unpacking"
	# The distribution's patches are in it already.
	dpkg-deb --fsys-tarfile "$build"/debs/*.deb | tar -xO "./usr/src/$package.tar.xz" |
		tar -C "$build" --xz -x || vm_die 1 "$package cannot be unpacked"
	rm -rf -- "$build/debs"
	mv -- "$build/$package" "$build/source"
	touch -- "$build/unpacked"
}

# What was asked for and is not so, as after a typing error, or without what an option depends on.
debug_refused() # ASKED CONFIG
{
	awk '
		function name(line) {
			sub(/^# /, "", line)
			sub(/[= ].*/, "", line)
			return line
		}
		!/^(CONFIG_|# CONFIG_.* is not set$)/ { next }
		NR != FNR { has[name($0)] = $0; next }
		{ asked[name($0)] = $0 }
		END {
			for (option in asked) {
				known = option in has
				# What does not exist is not set.
				if (asked[option] ~ /^#/ ? known && has[option] ~ /=/ : has[option] != asked[option])
					print asked[option] ", but" (known ? ": " has[option] : " there is no such option here")
			}
		}' "$1" "$2" | LC_ALL=C sort
}

debug_configure()
{
	local refused
	# A new .config with the same words does not compile anything again.
	{
		make -s defconfig && scripts/kconfig/merge_config.sh -m .config "$VM_DIR/debug.config" &&
			make -s olddefconfig
	} >../config.log 2>&1 || {
		tail -n 20 ../config.log >&2
		vm_die 1 "the kernel's configuration cannot be made"
	}
	refused=$(debug_refused "$VM_DIR/debug.config" .config)
	[[ -z $refused ]] || {
		echo "$refused" >&2
		vm_die 1 "kernel $version does not take these options of vm/debug.config"
	}
}

debug_compile()
{
	local began=$SECONDS
	say "compiling $(grep -c '=[ym]$' .config) options, some 30 minutes of one processor: interrupt it at will, it goes on where it was"
	# Others' work comes first.
	nice -n 19 make -s -j"$(nproc)" bzImage modules >../build.log 2>&1 || {
		tail -n 20 ../build.log >&2
		vm_die 1 "kernel $version does not compile; everything that was said is in $build/build.log"
	}
	say "compiled in $((SECONDS - began)) s"
}

# What modules are built against, without the objects. They are built against it wherever the cache is.
debug_install()
{
	local release=$1 headers=$cache/usr/src/linux-headers-$1
	mkdir -p -- "$headers" "$cache/source" "$cache/lib/modules/$release/updates"
	make -s INSTALL_MOD_PATH="$cache" INSTALL_MOD_STRIP=1 modules_install >../install.log 2>&1 || {
		tail -n 20 ../install.log >&2
		vm_die 1 "the modules of kernel $version cannot be installed"
	}
	# It cannot be started unpacked, by way of PVH: there, before KASAN is ready, 6.1 runs code that asks it.
	cp arch/x86/boot/bzImage "$cache/vmlinuz"
	find Makefile .config Module.symvers include scripts arch/x86/include arch/x86/Makefile* tools/objtool/objtool \
		! -name '*.o' ! -name '.*.cmd' ! -type d -print0 | tar --null -T - -c | tar -C "$headers" -x
	ln -sfn "../../../usr/src/linux-headers-$release" "$cache/lib/modules/$release/build"
	rm -f -- "$cache/lib/modules/$release/source"
	# The sources alone: objects are several times as large.
	find drivers/infiniband include/rdma include/uapi/rdma -type f \
		! -name '*.o' ! -name '*.ko' ! -name '*.mod*' ! -name '*.a' ! -name '.*' -print0 |
		tar --null -T - -c | tar -C "$cache/source" -x
}

prepare_debug()
{
	local release series=${version%-debug} build=$cache.build
	needed_mb=5000
	kbuild_need bc bc
	kbuild_need bison bison
	kbuild_need cpio cpio
	kbuild_need depmod kmod
	kbuild_need dpkg-deb dpkg
	kbuild_need flex flex
	kbuild_need gcc gcc
	kbuild_need make make
	kbuild_need perl perl
	kbuild_need strip binutils
	kbuild_need xz xz-utils
	debug_need_header libelf.h libelf-dev
	debug_need_header openssl/opensslv.h libssl-dev

	debug_unpack
	cd -- "$build/source" || return
	debug_configure
	debug_compile
	release=$(make -s kernelrelease)
	rm -rf -- "$cache"
	debug_install "$release"
	cd -- "$cache" || return
	finish_cache "$release"
	rm -rf -- "$build"
}
