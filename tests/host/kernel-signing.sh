#!/bin/bash
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# rdma-ns-kernel where the kernel demands signatures: which key has signed what modprobe would load. The hosts are made
# up, and so is sign-file, but what it writes is a signature.
# Timeout: 1200
set -euo pipefail
tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$tree/tests/lib/tap.sh"
. "$tree/tests/lib/kernel-host.sh"

key_of() # NAME: makes one, and DKMS use it
{
	openssl req -new -x509 -nodes -days 9 -subj "/CN=$1" -newkey rsa:2048 -keyout "/mnt/$1.key" -outform DER \
		-out "/mnt/$1.pub" 2>/dev/null
	mkdir -p /etc/dkms/framework.conf.d
	printf '%s\n' "mok_signing_key=/mnt/$1.key" "mok_certificate=/mnt/$1.pub" >/etc/dkms/framework.conf.d/key.conf
}

touch /mnt/enrolled
host
run rdma-ns-kernel enable
tap_equal "without Secure Boot, unsigned modules will do" "0 revision-1 " "$status $(next "$old") $(signer rdma_cm)"
secure_boot
key_of first
signer_of "$old"
run rdma-ns-kernel status
tap_match "with it, status says that the kernel would refuse them" \
	"^3 .*kernel $old would refuse its extended modules, which are not signed with the key of /mnt/first.pub" "$status $said"
run rdma-ns-kernel enable
tap_equal "and enable builds them again, with a signature" "0 first first 2" \
	"$status $(signer rdma_cm) $(signer ib_uverbs) $(wc -l </mnt/builds)"
run rdma-ns-kernel status
tap_equal "of which status has nothing to complain" 0 "$status"
run rdma-ns-kernel enable
tap_equal "what is signed is not built again" 2 "$(wc -l </mnt/builds)"

mount -t tmpfs tmpfs /etc/depmod.d
echo "override rdma_cm $old kernel" >/etc/depmod.d/own.conf
depmod "$old"
run rdma-ns-kernel enable
tap_equal "nor where the administrator's rules prefer a stock module" "1 2" "$status $(wc -l </mnt/builds)"
umount /etc/depmod.d
run rdma-ns-kernel enable
tap_equal "without them, it is put in place" "0 first 2" "$status $(signer rdma_cm) $(wc -l </mnt/builds)"

key_of second
run rdma-ns-kernel status
tap_match "another key is another signature, for status" "^3 .*not signed with the key of /mnt/second.pub" "$status $said"
touch /mnt/sign-fails
run rdma-ns-kernel enable
tap_match "enable fails where they cannot be signed" \
	"^1 .*kernel $old: DKMS has not signed the modules with the key of /mnt/second.pub.*: check sign_file in /etc/dkms/framework.conf, then run 'rdma-ns-kernel enable'; see /var/lib/rdma-ns/$old.log" "$status $said"
tap_equal "and the modules of before stay" first "$(signer rdma_cm)"
rm /mnt/sign-fails
run rdma-ns-kernel enable
tap_equal "later it succeeds" "0 second" "$status $(signer rdma_cm)"

# The private key may be kept elsewhere.
before=$(sha256sum /mnt/second.pub)
mv /mnt/second.key /mnt/offline.key
run postinst triggered /usr/src
tap_equal "nobody needs the private key while nothing is to be built" "0 1" "$status $(grep -c "modprobe loads the extended" <<<"$said")"
run upgrade 2
tap_match "when something is, it is named" "kernel $old: the private key /mnt/second.key of /mnt/second.pub is missing" "$said"
tap_equal "the enrolled certificate stays" "$before" "$(sha256sum /mnt/second.pub)"
tap_equal "and so do the modules" "second revision-1" "$(signer rdma_cm) $(next "$old")"
mv /mnt/offline.key /mnt/second.key
run rdma-ns-kernel enable
tap_equal "with it, they are built" "0 second revision-2" "$status $(signer rdma_cm) $(next "$old")"

host
secure_boot
run rdma-ns-kernel enable
tap_match "where nothing can sign, the first enable fails" "^1 .*kernel $old: DKMS has not signed the modules" "$status $said"
tap_equal "and modprobe loads the stock module" "" "$(next "$old")"
tap_end
