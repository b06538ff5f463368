# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by vm/kernel and by what makes roots: the other suites of this machine's distribution.
#   suite_sources SUITE [OPTIONS]  apt's lines for SUITE and what completes it; nothing if apt knows no archive
#   suite_use SUITE DIR    from here on, apt-cache and apt-get only know SUITE. They keep their files in
#                          DIR; the machine's own sources, lists and cache are neither read nor changed

# Where kernels are that no suite of this machine has.
suite_others=(unstable trixie-backports)

# The archive from which this machine gets its packages has the other suites, too.
suite_mirror()
{
	# shellcheck disable=SC2016 # apt's own names
	apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
		sed -n 's#^Debian/Debian ##p' | head -n 1
}

suite_sources()
{
	local mirror options=${2:+[$2] } base=${1%-backports}
	mirror=$(suite_mirror)
	[[ -n $mirror ]] || return 0
	printf "deb $options$mirror %s main\n" "$1"
	[[ $base == sid || $base == unstable ]] && return
	# Backports need what they are added to.
	[[ $base == "$1" ]] || printf "deb $options$mirror %s main\n" "$base"
	printf "deb $options$mirror %s main\n" "$base-updates"
	printf "deb $options${mirror%/debian*}/debian-security %s main\n" "$base-security"
}

suite_use()
{
	local suite=$1 directory=$2 sources keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	sources=$(suite_sources "$suite" "arch=amd64 signed-by=$keyring")
	[[ -n $sources ]] || vm_die 1 "apt knows no Debian archive to find the suite $suite in: add one to its sources, then 'sudo apt-get update'"
	[[ -r $keyring ]] || vm_die 1 "$keyring is missing: install the package debian-archive-keyring"
	mkdir -p -- "$directory/lists/partial" "$directory/cache/archives/partial"
	echo "$sources" >"$directory/sources.list"
	# A mirror that lags has lists past their date. Nothing of this is ever installed.
	cat >"$directory/apt.conf" <<-END
		Dir::Etc::sourcelist "$directory/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::Lists "$directory/lists";
		Dir::Cache "$directory/cache";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$directory/apt.conf
	# With warnings alone apt-get says that all went well.
	apt-get -qq -o APT::Update::Error-Mode=any update >&2 ||
		vm_die 1 "the package lists of $suite cannot be had: check the network"
}
