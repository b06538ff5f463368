// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Two ways to the wire: the kernel's QPs 0 and 1, by umad, and a UD QP with QP 1's Q_Key. */
#include <endian.h>
#include <errno.h>
#include <infiniband/umad.h>
#include <infiniband/umad_sm.h>
#include <infiniband/umad_types.h>
#include <infiniband/verbs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storm.h"

#define QP1_QKEY 0x80010000
#define DEPTH 16
#define HANDLES 64
#define TRIES 4
#define TIMEOUT_MS 500

struct storm_port {
	int fd, smp_agent, gmp_agent;
	void *umad;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	uint8_t *buffer;
	unsigned int posted;
	struct {
		uint16_t lid;
		struct ibv_ah *ah;
	} handles[HANDLES];
};

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "mad-storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct ibv_context *open_verbs(const char *name)
{
	struct ibv_device **device = ibv_get_device_list(NULL);

	while (device && *device && strcmp(ibv_get_device_name(*device), name))
		device++;
	return device && *device ? ibv_open_device(*device) : NULL;
}

static void make_qp(struct storm_port *port, const char *device)
{
	struct ibv_context *verbs = open_verbs(device);
	struct ibv_qp_attr attr = { .qp_state = IBV_QPS_INIT, .port_num = 1, .qkey = QP1_QKEY };
	struct ibv_qp_init_attr init = {
		.cap = { .max_send_wr = DEPTH,
			 .max_send_sge = 1,
			 .max_recv_wr = 1,
			 .max_recv_sge = 1 },
		.qp_type = IBV_QPT_UD,
	};

	port->pd = verbs ? ibv_alloc_pd(verbs) : NULL;
	port->cq = verbs ? ibv_create_cq(verbs, DEPTH, NULL, NULL, 0) : NULL;
	port->buffer = calloc(1, STORM_LARGEST);
	if (!port->pd || !port->cq || !port->buffer)
		die(device);
	port->mr = ibv_reg_mr(port->pd, port->buffer, STORM_LARGEST, 0);
	init.send_cq = init.recv_cq = port->cq;
	port->qp = ibv_create_qp(port->pd, &init);
	if (!port->mr || !port->qp ||
	    ibv_modify_qp(port->qp, &attr,
			  IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_QKEY))
		die("a QP with QP 1's Q_Key");
	attr.qp_state = IBV_QPS_RTR;
	if (ibv_modify_qp(port->qp, &attr, IBV_QP_STATE))
		die("ready to receive");
	attr.qp_state = IBV_QPS_RTS;
	if (ibv_modify_qp(port->qp, &attr, IBV_QP_STATE | IBV_QP_SQ_PSN))
		die("ready to send");
}

struct storm_port *storm_open(const char *device)
{
	struct storm_port *port = calloc(1, sizeof(*port));

	if (!port || umad_init())
		die("umad_init");
	/* First: only then is it known where a datagram begins in a buffer. */
	port->fd = umad_open_port(device, 1);
	if (port->fd < 0)
		die(device);
	port->umad = umad_alloc(1, umad_size() + STORM_LARGEST);
	port->smp_agent = umad_register(port->fd, UMAD_CLASS_SUBN_LID_ROUTED, 1, 0, NULL);
	port->gmp_agent = umad_register(port->fd, UMAD_CLASS_CM, 2, 0, NULL);
	if (!port->umad || port->smp_agent < 0 || port->gmp_agent < 0)
		die("umad_register");
	make_qp(port, device);
	return port;
}

static struct ibv_ah *handle(struct storm_port *port, uint16_t lid)
{
	struct ibv_ah_attr attr = { .dlid = lid, .port_num = 1 };
	unsigned int i = lid % HANDLES;

	if (port->handles[i].ah && port->handles[i].lid == lid)
		return port->handles[i].ah;
	if (port->handles[i].ah)
		ibv_destroy_ah(port->handles[i].ah);
	port->handles[i].lid = lid;
	port->handles[i].ah = ibv_create_ah(port->pd, &attr);
	return port->handles[i].ah;
}

static int send_raw(struct storm_port *port, const struct storm_mad *mad)
{
	struct ibv_sge sge = { .addr = (uintptr_t)port->buffer,
			       .length = (uint32_t)mad->length,
			       .lkey = port->mr->lkey };
	struct ibv_send_wr *bad, work = { .sg_list = &sge,
					  .num_sge = 1,
					  .opcode = IBV_WR_SEND,
					  .send_flags = IBV_SEND_SIGNALED };
	struct ibv_wc wc;
	int result;

	work.wr.ud.ah = handle(port, mad->lid);
	work.wr.ud.remote_qpn = 1;
	work.wr.ud.remote_qkey = mad->qkey;
	if (!work.wr.ud.ah)
		return errno;
	memcpy(port->buffer, mad->bytes, mad->length);
	result = ibv_post_send(port->qp, &work, &bad);
	if (result)
		return result;
	while (!ibv_poll_cq(port->cq, 1, &wc))
		;
	return wc.status ? EIO : 0;
}

int storm_send(struct storm_port *port, const struct storm_mad *mad)
{
	ib_mad_addr_t address = { .hop_limit = 64 };

	if (mad->raw)
		return send_raw(port, mad);
	memset(port->umad, 0, umad_size());
	memcpy(umad_get_mad(port->umad), mad->bytes, UMAD_LEN_DATA + sizeof(struct umad_hdr));
	umad_set_grh(port->umad, NULL);
	if (mad->grh) {
		memcpy(address.gid, scene.targets[0].gid, sizeof(address.gid));
		umad_set_grh(port->umad, &address);
	}
	umad_set_addr(port->umad, mad->lid, mad->smp ? 0 : 1, 0, (int)mad->qkey);
	umad_set_pkey(port->umad, mad->pkey_index);
	errno = 0;
	if (!umad_send(port->fd, mad->smp ? port->smp_agent : port->gmp_agent, port->umad,
		       UMAD_LEN_DATA + sizeof(struct umad_hdr), 0, 0))
		return 0;
	return errno ? errno : EIO;
}

bool storm_read(struct storm_port *port, uint16_t lid, uint16_t attribute, uint32_t modifier,
		uint8_t data[64])
{
	struct umad_smp *smp = umad_get_mad(port->umad);
	static uint32_t transaction;
	int length;

	for (int i = 0; i < TRIES; i++) {
		memset(port->umad, 0, umad_size() + sizeof(*smp));
		smp->base_version = 1;
		smp->mgmt_class = UMAD_CLASS_SUBN_LID_ROUTED;
		smp->class_version = 1;
		smp->method = UMAD_METHOD_GET;
		smp->tid = htobe64(++transaction);
		smp->attr_id = htobe16(attribute);
		smp->attr_mod = htobe32(modifier);
		smp->mkey = htobe64(scene.m_key);
		umad_set_addr(port->umad, lid, 0, 0, 0);
		if (umad_send(port->fd, port->smp_agent, port->umad, sizeof(*smp), TIMEOUT_MS, 0))
			die("umad_send");
		length = sizeof(*smp);
		if (umad_recv(port->fd, port->umad, &length, 2 * TIMEOUT_MS) < 0 ||
		    umad_status(port->umad) || (be64toh(smp->tid) & 0xffffffff) != transaction)
			continue;
		memcpy(data, smp->data, sizeof(smp->data));
		return !smp->status;
	}
	return false;
}
