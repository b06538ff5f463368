// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-mad rc|ud DEVICE LID GID PEER-GID P_KEY SOURCE DESTINATION PORT [QPN [VERSION]]
 *
 * Sends the connection request that RDMA CM would send, but as a management datagram of its own, so
 * that it can name any P_Key; the packet goes out with the port's first. LID, GID and the rest are
 * the receiver's where both have one, SOURCE and DESTINATION IPv4 addresses, QPN the IPoIB QPN that
 * it aims at, VERSION that of RDMA CM's header, which is 0. Nobody here waits for an answer: see
 * what the receiver makes of it. Exit status: 0 sent, 1 failed, 2 usage.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <infiniband/umad.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cm_messages.h"

#define CM_REQ htobe16(0x0010)
#define CM_SIDR_REQ htobe16(0x0017)
#define CM_TIMEOUT 20 /* as 4.096 us shifted */

static __attribute__((noreturn)) void usage(void)
{
	fputs("cm-mad: usage: rc|ud DEVICE LID GID PEER-GID P_KEY SOURCE DESTINATION PORT [QPN [VERSION]]\n",
	      stderr);
	exit(2);
}

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "cm-mad: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fill_ip(struct ip_header *ip, char *const words[], const char *qpn, const char *version)
{
	if (!ip_header_fill(ip, words[0], words[1], qpn))
		usage();
	if (version)
		ip->version = (uint8_t)strtoul(version, NULL, 0);
}

int main(int argc, char **argv)
{
	const int datagram = argc > 1 && !strcmp(argv[1], "ud");
	const char *version = argc == 12 ? argv[11] : NULL;
	uint16_t pkey, lid;
	uint32_t random;
	struct mad *mad;
	void *umad;
	int fd, agent;

	if (argc < 10 || argc > 12 || (!datagram && strcmp(argv[1], "rc")))
		usage();
	if (umad_init())
		die("umad_init");
	/* First: only then is it known where a datagram begins in a buffer. */
	fd = umad_open_port(argv[2], 1);
	if (fd < 0)
		die(argv[2]);
	umad = umad_alloc(1, umad_size() + sizeof(*mad));
	if (!umad)
		die("umad_alloc");
	memset(umad, 0, umad_size() + sizeof(*mad));
	mad = umad_get_mad(umad);
	lid = (uint16_t)strtoul(argv[3], NULL, 0);
	pkey = htobe16((uint16_t)strtoul(argv[6], NULL, 0));
	/* Or the peer takes it for the last one's repetition. */
	random = (uint32_t)time(NULL) << 10 ^ (uint32_t)getpid();

	mad->header.base_version = 1;
	mad->header.class = CM_CLASS;
	mad->header.class_version = CM_CLASS_VERSION;
	mad->header.method = CM_METHOD_SEND;
	mad->header.transaction = htobe64(random);
	if (datagram) {
		mad->header.attribute = CM_SIDR_REQ;
		mad->sidr_req.id = htobe32(random);
		mad->sidr_req.pkey = pkey;
		mad->sidr_req.service_id = htobe64(SERVICE_UDP + strtoul(argv[9], NULL, 0));
		fill_ip(&mad->sidr_req.ip, argv + 7, argv[10], version);
	} else {
		struct req *req = &mad->req;

		mad->header.attribute = CM_REQ;
		req->local_id = htobe32(random);
		req->service_id = htobe64(SERVICE_TCP + strtoul(argv[9], NULL, 0));
		req->ca_guid = htobe64(random);
		req->qpn_and_resources = htobe32((random & 0xffffff) << 8);
		req->remote_eecn_and_timeout = htobe32(CM_TIMEOUT << 3);
		req->psn_and_timeout = htobe32(CM_TIMEOUT << 3);
		req->pkey = pkey;
		req->mtu_and_retries = 5 << 4;
		req->cm_retries = 1 << 4;
		req->local_lid = htobe16(1);
		req->remote_lid = htobe16(lid);
		if (inet_pton(AF_INET6, argv[4], req->remote_gid) != 1 ||
		    inet_pton(AF_INET6, argv[5], req->local_gid) != 1)
			usage();
		req->flow_and_rate = htobe32(3);
		req->sl = 1 << 3; /* in the local subnet */
		req->ack_timeout = CM_TIMEOUT << 3;
		fill_ip(&req->ip, argv + 7, argv[10], version);
	}

	agent = umad_register(fd, CM_CLASS, CM_CLASS_VERSION, 0, NULL);
	if (agent < 0)
		die("umad_register");
	umad_set_addr(umad, lid, 1, 0, CM_QKEY);
	umad_set_pkey(umad, 0);
	if (umad_send(fd, agent, umad, sizeof(*mad), 0, 0))
		die("umad_send");
	umad_close_port(fd);
	return 0;
}
