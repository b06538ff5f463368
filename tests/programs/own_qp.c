// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "own_qp.h"

#define DEVICES 8

/* What all QPs of a device share. */
static struct device {
	struct ibv_context *verbs;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
} devices[DEVICES];

static __attribute__((noreturn)) void die(const char *what)
{
	fprintf(stderr, "%s: ", program_invocation_short_name);
	perror(what);
	exit(1);
}

static struct device *find_device(struct ibv_context *verbs)
{
	struct device *device = devices;

	while (device < devices + DEVICES && device->verbs && device->verbs != verbs)
		device++;
	if (device == devices + DEVICES) {
		errno = ENOSPC;
		die("more devices than expected");
	}
	if (device->verbs)
		return device;
	device->verbs = verbs;
	device->pd = ibv_alloc_pd(verbs);
	if (!device->pd)
		die("ibv_alloc_pd");
	device->cq = ibv_create_cq(verbs, 1, NULL, NULL, 0);
	if (!device->cq)
		die("ibv_create_cq");
	return device;
}

struct ibv_qp *own_qp_of_type(struct ibv_context *verbs, enum ibv_qp_type type)
{
	const struct device *device = find_device(verbs);
	struct ibv_qp_init_attr attr = {
		.send_cq = device->cq,
		.recv_cq = device->cq,
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = type,
	};
	struct ibv_qp *qp = ibv_create_qp(device->pd, &attr);

	if (!qp)
		die("ibv_create_qp");
	return qp;
}

struct ibv_qp *own_qp(struct ibv_context *verbs)
{
	return own_qp_of_type(verbs, IBV_QPT_RC);
}
