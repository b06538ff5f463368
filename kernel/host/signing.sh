# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by rdma-ns-kernel: whether the kernel takes modules that DKMS has signed.
#   signing_demand      what makes the kernel refuse modules whose key it does not know; nothing if it takes all
#   signing_check       fails, and says why, if it would refuse DKMS's
#   signing_make_key    makes the key and its certificate, if DKMS has neither
#   signing_has_key RELEASE           fails, and says so, if DKMS could sign only with another key than the certificate's
#   signing_is_done RELEASE FILE...   whether these modules are signed so, if they must be; sets $signing_certificate

signing_secure_boot()
{
	local name variable value
	for name in MokSBStateRT SecureBoot; do
		for variable in /sys/firmware/efi/efivars/"$name"-*; do
			[[ -r $variable ]] || continue
			value=$(tail -c 1 "$variable" | od -An -tu1 | tr -d ' ')
			# With shim's own validation switched off, the kernel counts Secure Boot as off.
			[[ $name$value != MokSBStateRT1 ]] || return 1
			[[ $name$value != SecureBoot1 ]] || return 0
		done
	done
	return 1
}

signing_demand()
{
	if signing_secure_boot; then
		echo "Secure Boot is on"
	elif [[ $(cat /sys/module/module/parameters/sig_enforce 2>/dev/null) == Y ]]; then
		echo "module.sig_enforce is on"
	elif grep -qE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown 2>/dev/null; then
		echo "the kernel is locked down"
	fi
}

# As DKMS finds them: its configuration, and then the distribution's default.
signing_files() # [RELEASE]: sets $signing_key and $signing_certificate
{
	local default=/var/lib/dkms/mok certificate=.pub private=.key
	if grep -qsE '^ID="?ubuntu' /etc/os-release; then
		default=/var/lib/shim-signed/mok/MOK
		certificate=.der
		private=.priv
	fi
	signing_key=$(dkms_setting mok_signing_key "${1-$running}")
	signing_certificate=$(dkms_setting mok_certificate "${1-$running}")
	# DKMS has its own default for the other one if the configuration names one alone.
	[[ -z $signing_key ]] || default=/var/lib/dkms/mok certificate=.pub
	: "${signing_key:=$default$private}" "${signing_certificate:=$default$certificate}"
}

# As DKMS does it, if this version has no action for that. One of both alone has a counterpart elsewhere, and the
# certificate may be enrolled.
signing_make_key()
{
	signing_files
	[[ $signing_key != pkcs11:* ]] || return 0
	[[ ! -e $signing_key && ! -e $signing_certificate ]] || return 0
	dkms generate_mok >/dev/null 2>&1 || true
	[[ -e $signing_key && -e $signing_certificate ]] ||
		openssl req -new -x509 -nodes -days 36500 -subj "/CN=DKMS module signing key" -newkey rsa:2048 \
			-keyout "$signing_key" -outform DER -out "$signing_certificate" >/dev/null 2>&1 || true
}

# DKMS would replace both.
signing_has_key()
{
	[[ -n $(signing_demand) ]] || return 0
	signing_files "$1"
	[[ $signing_key != pkcs11:* && ! -e $signing_key && -e $signing_certificate ]] || return 0
	say "kernel $1: the private key $signing_key of $signing_certificate is missing: put it there, then run 'rdma-ns-kernel enable'"
	return 1
}

signing_serial()
{
	{
		openssl x509 -inform DER -in "$signing_certificate" -noout -serial ||
			openssl x509 -in "$signing_certificate" -noout -serial
	} 2>/dev/null | sed -n 's/^serial=0*//p'
}

# kmod tells the key by its certificate's serial number.
signing_is_done()
{
	local file serial
	[[ -n $(signing_demand) ]] || return 0
	signing_files "$1"
	# signing_check tells of a certificate that only root can read.
	[[ ! -e $signing_certificate || -r $signing_certificate ]] || return 0
	serial=$(signing_serial)
	for file in "${@:2}"; do
		[[ -n $serial && $(modinfo -F sig_key "$file" 2>/dev/null | sed 's/://g; s/^0*//') == "$serial" ]] || return 1
	done
}

# The kernel may also have been built with the key.
signing_is_known()
{
	local identifier
	[[ $(mokutil --test-key "$signing_certificate" 2>&1) != *"already enrolled"* ]] || return 0
	identifier=$(openssl x509 -inform DER -in "$signing_certificate" -noout -ext subjectKeyIdentifier 2>/dev/null |
		sed -n '2{s/[^0-9A-Fa-f]//g; s/.*/\L&/p}')
	[[ -n $identifier ]] && grep -q " asymmetri .*: $identifier: " /proc/keys 2>/dev/null
}

# A module whose key is not enrolled is not loaded, and modprobe does not try another one: the host would be
# without RDMA after its next boot.
signing_check()
{
	local demand
	demand=$(signing_demand)
	[[ -n $demand ]] || return 0
	signing_files
	if ! command -v mokutil >/dev/null; then
		say "$demand: install the package mokutil, which enrols the key of the modules"
	elif ! command -v openssl >/dev/null; then
		say "$demand: install the package openssl, which makes the key of the modules and tells what was signed with it"
	elif [[ ! -e $signing_certificate && -e $signing_key ]]; then
		say "$demand, but the certificate $signing_certificate of $signing_key is missing: put it there, then run 'rdma-ns-kernel enable'"
	elif [[ ! -e $signing_certificate ]]; then
		say "$demand, so the modules need a key, but there is no $signing_certificate: name one in /etc/dkms/framework.conf, or run 'rdma-ns-kernel enable'"
	elif [[ ! -r $signing_certificate ]]; then
		say "$demand, and only root can read $signing_certificate, to tell whether the kernel has this key"
	elif signing_is_known; then
		return 0
	else
		say "$demand, so no module signed with DKMS's key would be loaded: run 'mokutil --import $signing_certificate', reboot, confirm, and try again"
	fi
	return 1
}
