// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Posting, and waiting for what comes of it; the fabric's faults. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "verbs.h"

double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void nap(void)
{
	const struct timespec time = { .tv_nsec = 500000 };

	nanosleep(&time, NULL);
}

int try_send(struct end *end, const struct op *op)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)end->buffer + op->at,
		.length = op->length,
		.lkey = op->lkey ? op->lkey : end->mr->lkey,
	};
	struct ibv_send_wr wr = {
		.wr_id = op->id,
		.opcode = op->opcode,
		.send_flags = op->flags,
		.imm_data = htonl(op->imm),
		.sg_list = &sge,
		.num_sge = op->length != 0,
	};
	uint64_t remote_addr = (uintptr_t)end->peer->buffer + op->remote_at;
	uint32_t rkey = op->rkey ? op->rkey : end->peer->mr->rkey;
	struct ibv_send_wr *bad;

	if (op->opcode == IBV_WR_ATOMIC_CMP_AND_SWP || op->opcode == IBV_WR_ATOMIC_FETCH_AND_ADD) {
		wr.wr.atomic.remote_addr = remote_addr;
		wr.wr.atomic.rkey = rkey;
		wr.wr.atomic.compare_add = op->compare_add;
		wr.wr.atomic.swap = op->swap;
	} else if (end->qp->qp_type == IBV_QPT_UD) {
		wr.wr.ud.ah = op->ah;
		wr.wr.ud.remote_qpn = op->qpn;
		wr.wr.ud.remote_qkey = op->qkey;
	} else {
		wr.wr.rdma.remote_addr = remote_addr;
		wr.wr.rdma.rkey = rkey;
	}
	return ibv_post_send(end->qp, &wr, &bad);
}

int try_recv(struct end *end, uint64_t id, size_t at, size_t length)
{
	struct ibv_sge sge = {
		.addr = (uintptr_t)end->buffer + at,
		.length = length,
		.lkey = end->mr->lkey,
	};
	struct ibv_recv_wr wr = { .wr_id = id, .sg_list = &sge, .num_sge = length != 0 };
	struct ibv_recv_wr *bad;

	if (end->srq)
		return ibv_post_srq_recv(end->srq, &wr, &bad);
	return ibv_post_recv(end->qp, &wr, &bad);
}

int post_send(struct end *end, const struct op *op)
{
	int ret = try_send(end, op);

	CHECK(!ret, "ibv_post_send (opcode %d, %zu bytes): %s", op->opcode, op->length, strerror(ret));
	return 0;
}

int post_recv(struct end *end, uint64_t id, size_t at, size_t length)
{
	int ret = try_recv(end, id, at, length);

	CHECK(!ret, "ibv_post_recv: %s", strerror(ret));
	return 0;
}

int poll_wc(struct ibv_cq *cq, struct ibv_wc *wc, int ms)
{
	double end = now_ms() + ms;
	int i, ret;

	for (i = 0;; i++) {
		ret = ibv_poll_cq(cq, 1, wc);
		CHECK(ret >= 0, "ibv_poll_cq: %d", ret);
		if (ret > 0)
			return 1;
		if (now_ms() > end)
			return 0;
		if (i > 100)
			nap();
	}
}

int expect_wc(struct ibv_cq *cq, uint64_t id, enum ibv_wc_status status, int ms, struct ibv_wc *wc)
{
	struct ibv_wc own;
	int ret;

	wc = wc ? wc : &own;
	ret = poll_wc(cq, wc, ms);
	if (ret < 0)
		return -1;
	CHECK(ret, "no completion after %d ms; expected %s of %llu", ms, ibv_wc_status_str(status),
	      (unsigned long long)id);
	CHECK(wc->wr_id == id && wc->status == status, "expected %s of %llu, saw %s of %llu",
	      ibv_wc_status_str(status), (unsigned long long)id, ibv_wc_status_str(wc->status),
	      (unsigned long long)wc->wr_id);
	return 0;
}

int expect_no_wc(struct ibv_cq *cq, int ms)
{
	struct ibv_wc wc;
	int ret = poll_wc(cq, &wc, ms);

	CHECK(ret <= 0, "a completion that nobody expected: %s of %llu",
	      ibv_wc_status_str(wc.status), (unsigned long long)wc.wr_id);
	return ret;
}

int expect_event(struct node *node, enum ibv_event_type type, int ms)
{
	struct pollfd poll_fd = { .fd = node->context->async_fd, .events = POLLIN };
	double end = now_ms() + ms;
	struct ibv_async_event event;
	char others[256] = "none";
	size_t used = 0;
	int left;

	while ((left = (int)(end - now_ms())) > 0) {
		if (poll(&poll_fd, 1, left) <= 0)
			continue;
		if (ibv_get_async_event(node->context, &event))
			continue;
		ibv_ack_async_event(&event);
		if (event.event_type == type)
			return 0;
		if (used < sizeof(others))
			used += snprintf(others + used, sizeof(others) - used, "%s%s",
					 used ? ", " : "", ibv_event_type_str(event.event_type));
	}
	FAIL("%s: no event '%s' in %d ms; others: %s", node->device, ibv_event_type_str(type), ms,
	     others);
}

void drain_events(struct node *node)
{
	struct ibv_async_event event;

	while (!ibv_get_async_event(node->context, &event))
		ibv_ack_async_event(&event);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t first_random(uint32_t seed)
{
	return seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL;
}

void fill(uint8_t *data, size_t length, uint32_t seed)
{
	uint64_t state = first_random(seed);
	size_t i, chunk;

	for (i = 0; i < length; i += chunk) {
		uint64_t word = next_random(&state);

		chunk = length - i < sizeof(word) ? length - i : sizeof(word);
		memcpy(data + i, &word, chunk);
	}
}

bool same(const uint8_t *data, size_t length, uint32_t seed)
{
	uint64_t state = first_random(seed);
	size_t i, chunk;

	for (i = 0; i < length; i += chunk) {
		uint64_t word = next_random(&state);

		chunk = length - i < sizeof(word) ? length - i : sizeof(word);
		if (memcmp(data + i, &word, chunk))
			return false;
	}
	return true;
}

int hurt(const struct node *node, const char *file, const char *text)
{
	char path[128];
	ssize_t written;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/sib/%s/%d/%s", node->device, node->port,
		 file);
	fd = open(path, O_WRONLY);
	CHECK(fd >= 0, "%s: %s", path, strerror(errno));
	written = write(fd, text, strlen(text));
	close(fd);
	CHECK(written == (ssize_t)strlen(text), "'%s' to %s: %s", text, path, strerror(errno));
	return 0;
}

int find_pkey(const struct node *node, uint16_t pkey)
{
	__be16 entry;
	int i;

	for (i = 0; i < 16 && !ibv_query_pkey(node->context, node->port, i, &entry); i++)
		if (ntohs(entry) == pkey)
			return i;
	FAIL("%s has no P_Key 0x%04x", node->device, pkey);
}

int wait_port_state(const struct node *node, enum ibv_port_state state, int ms)
{
	double end = now_ms() + ms;
	struct ibv_port_attr attr;

	do {
		CHECK(!ibv_query_port(node->context, node->port, &attr), "ibv_query_port fails");
		if (attr.state == state)
			return 0;
		nap();
	} while (now_ms() < end);
	FAIL("%s is %s after %d ms, not %s", node->device, ibv_port_state_str(attr.state), ms,
	     ibv_port_state_str(state));
}
