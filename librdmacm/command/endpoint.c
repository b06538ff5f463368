// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "causes.h"
#include "endpoint.h"
#include "peer_message.h"

#define GRH_LENGTH 40 /* in front of each datagram that is received */

volatile sig_atomic_t endpoint_interrupted;

static void interrupt(int number)
{
	(void)number;
	endpoint_interrupted = 1;
}

const sigset_t *endpoint_signals(void)
{
	const struct sigaction action = { .sa_handler = interrupt };
	static sigset_t unblocked;
	sigset_t blocked;

	/*
	 * The signals are unblocked only while waiting, so that none is missed between a check and
	 * the wait.
	 */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &blocked, &unblocked);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigdelset(&unblocked, SIGINT);
	sigdelset(&unblocked, SIGTERM);
	return &unblocked;
}

static int set_nonblocking(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

struct rdma_event_channel *endpoint_channel(const char *command)
{
	struct rdma_event_channel *channel;
	struct rdma_ns_features features;
	char cause[CAUSE_MAX];
	int error;

	/* librdmacm has less to say about it. */
	if (!rdma_ns_query_features(&features, sizeof(features))) {
		if (features.rdma_cm_errno) {
			tell_no_rdma_cm(command, features.rdma_cm_errno);
			return NULL;
		}
		if (!features.devices) {
			failed("%s: there is no RDMA device here: 'rdma dev' lists devices, 'rdma "
			       "system' says whether each belongs to one namespace",
			       command);
			return NULL;
		}
	}
	channel = rdma_create_event_channel();
	if (channel && !set_nonblocking(channel->fd))
		return channel;
	error = errno;
	if (cause_of_nodes(cause))
		failed("%s: %s", command, cause);
	else
		failed("%s: cannot create an RDMA CM event channel: %s", command, strerror(error));
	if (channel)
		rdma_destroy_event_channel(channel);
	return NULL;
}

static bool is_datagram(const struct rdma_cm_id *id)
{
	return id->ps == RDMA_PS_UDP;
}

const void *endpoint_private_data(const struct rdma_cm_event *event, size_t *length)
{
	if (is_datagram(event->id)) {
		*length = event->param.ud.private_data_len;
		return event->param.ud.private_data;
	}
	*length = event->param.conn.private_data_len;
	return event->param.conn.private_data;
}

uint32_t endpoint_size_max(const struct rdma_cm_id *id)
{
	const struct ibv_sa_path_rec *path = id->route.path_rec;
	struct ibv_port_attr port;
	unsigned int mtu;

	if (!is_datagram(id))
		return PEER_SIZE_MAX;
	if (ibv_query_port(id->verbs, id->port_num, &port))
		return 0;
	mtu = port.active_mtu;
	if (id->route.num_paths && path->mtu && path->mtu < mtu)
		mtu = path->mtu;
	return (128u << mtu) - PEER_HEADER_LENGTH;
}

static uint8_t *incoming(const struct endpoint *endpoint)
{
	return endpoint->memory + endpoint->room;
}

uint8_t *endpoint_outgoing(const struct endpoint *endpoint)
{
	return endpoint->memory;
}

int endpoint_create(struct endpoint *endpoint, struct rdma_cm_id *id, uint32_t size)
{
	struct ibv_qp_init_attr attr = {
		.cap = { .max_send_wr = 1, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = is_datagram(id) ? IBV_QPT_UD : IBV_QPT_RC,
		.sq_sig_all = 1,
	};
	size_t length;

	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->id = id;
	endpoint->room = PEER_HEADER_LENGTH + (size_t)size;
	length = 2 * endpoint->room + GRH_LENGTH;
	endpoint->memory = calloc(1, length);
	endpoint->channel = ibv_create_comp_channel(id->verbs);
	if (!endpoint->memory || !endpoint->channel || set_nonblocking(endpoint->channel->fd))
		return -1;
	endpoint->cq = ibv_create_cq(id->verbs, 2, NULL, endpoint->channel, 0);
	if (!endpoint->cq || ibv_req_notify_cq(endpoint->cq, 0))
		return -1;
	attr.send_cq = attr.recv_cq = endpoint->cq;
	if (rdma_create_qp(id, NULL, &attr))
		return -1;
	endpoint->region = ibv_reg_mr(id->pd, endpoint->memory, length, IBV_ACCESS_LOCAL_WRITE);
	return endpoint->region ? endpoint_receive(endpoint) : -1;
}

void endpoint_destroy(struct endpoint *endpoint)
{
	if (!endpoint->id)
		return;
	if (endpoint->way)
		ibv_destroy_ah(endpoint->way);
	if (endpoint->id->qp)
		rdma_destroy_qp(endpoint->id);
	if (endpoint->cq)
		ibv_destroy_cq(endpoint->cq);
	if (endpoint->channel)
		ibv_destroy_comp_channel(endpoint->channel);
	if (endpoint->region)
		ibv_dereg_mr(endpoint->region);
	rdma_ns_destroy_id(endpoint->id);
	free(endpoint->memory);
	memset(endpoint, 0, sizeof(*endpoint));
}

int endpoint_aim(struct endpoint *endpoint, const struct rdma_ud_param *param)
{
	struct ibv_ah_attr attr = param->ah_attr;

	endpoint->way = ibv_create_ah(endpoint->id->pd, &attr);
	endpoint->peer_qpn = param->qp_num;
	endpoint->peer_key = param->qkey;
	return endpoint->way ? 0 : -1;
}

int endpoint_send(struct endpoint *endpoint, size_t length)
{
	struct ibv_sge part = {
		.addr = (uintptr_t)endpoint->memory,
		.length = (uint32_t)length,
		.lkey = endpoint->region->lkey,
	};
	struct ibv_send_wr *bad, request = {
		.sg_list = &part,
		.num_sge = 1,
		.opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	};

	if (endpoint->way) {
		request.wr.ud.ah = endpoint->way;
		request.wr.ud.remote_qpn = endpoint->peer_qpn;
		request.wr.ud.remote_qkey = endpoint->peer_key;
	}
	errno = ibv_post_send(endpoint->id->qp, &request, &bad);
	endpoint->sending = !errno;
	return errno ? -1 : 0;
}

int endpoint_receive(struct endpoint *endpoint)
{
	struct ibv_sge part = {
		.addr = (uintptr_t)incoming(endpoint),
		.length = (uint32_t)endpoint->room + (is_datagram(endpoint->id) ? GRH_LENGTH : 0),
		.lkey = endpoint->region->lkey,
	};
	struct ibv_recv_wr *bad, request = { .sg_list = &part, .num_sge = 1 };

	errno = ibv_post_recv(endpoint->id->qp, &request, &bad);
	endpoint->receiving = !errno;
	return errno ? -1 : 0;
}

/*
 * A datagram listener recognizes its peer by what it sends, and answers nobody else. Anybody can
 * send it a datagram, which must not keep the peer away.
 */
static bool is_peer(struct endpoint *endpoint, struct ibv_wc *completion)
{
	struct ibv_grh *grh = (struct ibv_grh *)incoming(endpoint);
	struct peer_header header;

	if (endpoint->way)
		return completion->src_qp == endpoint->peer_qpn;
	if (peer_message_read(incoming(endpoint) + GRH_LENGTH, completion->byte_len - GRH_LENGTH,
			      &header) == PEER_BAD_HEADER ||
	    header.type != PEER_ASK)
		return false;
	endpoint->way =
		ibv_create_ah_from_wc(endpoint->id->pd, completion, grh, endpoint->id->port_num);
	endpoint->peer_qpn = completion->src_qp;
	endpoint->peer_key = RDMA_UDP_QKEY;
	return endpoint->way;
}

static void take_notifications(struct endpoint *endpoint)
{
	struct ibv_cq *cq;
	void *context;

	while (!ibv_get_cq_event(endpoint->channel, &cq, &context))
		ibv_ack_cq_events(cq, 1);
	ibv_req_notify_cq(endpoint->cq, 0);
}

enum endpoint_event endpoint_take(struct endpoint *endpoint, const uint8_t **message,
				  size_t *length, enum ibv_wc_status *status)
{
	const size_t header = is_datagram(endpoint->id) ? GRH_LENGTH : 0;
	struct ibv_wc completion;
	int count;

	for (;;) {
		count = ibv_poll_cq(endpoint->cq, 1, &completion);
		if (!count) {
			/*
			 * A completion between this check and the next notification must not be
			 * missed.
			 */
			take_notifications(endpoint);
			count = ibv_poll_cq(endpoint->cq, 1, &completion);
		}
		if (!count)
			return ENDPOINT_NOTHING;
		*status = count < 0 ? IBV_WC_GENERAL_ERR : completion.status;
		if (*status != IBV_WC_SUCCESS)
			return ENDPOINT_BROKEN;
		if (!(completion.opcode & IBV_WC_RECV)) {
			endpoint->sending = false;
			return ENDPOINT_SENT;
		}
		endpoint->receiving = false;
		if (header && (completion.byte_len < header || !is_peer(endpoint, &completion))) {
			if (endpoint_receive(endpoint))
				return ENDPOINT_BROKEN;
			continue;
		}
		*message = incoming(endpoint) + header;
		*length = completion.byte_len - header;
		return ENDPOINT_RECEIVED;
	}
}
