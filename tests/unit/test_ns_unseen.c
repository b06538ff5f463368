// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A process without a free descriptor, in which the library cannot look where a request arrived:
 * it says so, the data are the application's all the same, and a listener that would have to refuse
 * all requests does not begin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "id_table.h"
#include "ns_fakes.h"
#include "ns_messages.h"
#include "passive.h"
#include "qpn_record.h"

#define OFFSET 40 /* of the record, in a request */
#define LENGTH 56

static unsigned int listens;

static int fake_listen(struct rdma_cm_id *id, int backlog)
{
	(void)id;
	assert_int_equal(backlog, 3);
	listens++;
	return 0;
}

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real fake = {
		.listen = fake_listen,
		.destroy_id = fake_destroy_id,
		.set_option = fake_set_option,
	};

	return &fake;
}

/* What libibverbs has behind a context: it asks an open device, which takes no descriptor. */
static int query_port(struct ibv_context *context, uint8_t port, struct ibv_port_attr *attributes,
		      size_t size)
{
	(void)context;
	assert_int_equal(port, 1);
	assert_int_equal(size, sizeof(*attributes));
	attributes->link_layer = IBV_LINK_LAYER_INFINIBAND;
	return 0;
}

static struct ibv_device device = { .transport_type = IBV_TRANSPORT_IB, .name = "none0" };
static struct verbs_context verbs = {
	.sz = sizeof(struct verbs_context),
	.query_port = query_port,
	.context = { .abi_compat = __VERBS_ABI_IS_EXTENDED, .device = &device },
};

static struct rlimit before;

static void use_up_descriptors(void)
{
	const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct rlimit limit;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void free_descriptors(void)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void judge(enum rdma_ns_policy policy, struct netns *netns, struct id_state *accepted)
{
	const struct qpn_record record = {
		.flags = RDMA_CM_NS_SOURCE_QPN | RDMA_CM_NS_DESTINATION_QPN,
		.source_qpn = 0x10,
		.destination_qpn = 4,
	};
	struct id_state state = { .policy = policy, .netns = netns, .netns_error = EMFILE };
	uint8_t data[LENGTH] = "hello", sent[LENGTH] = "hello";
	struct rdma_cm_id listener = { .ps = RDMA_PS_TCP };
	struct rdma_cm_id id = {
		.ps = RDMA_PS_TCP,
		.qp_type = IBV_QPT_RC,
		.port_num = 1,
		.verbs = &verbs.context,
	};
	struct rdma_cm_event event = { .id = &id, .listen_id = &listener };

	state.id = &listener;
	event.event = RDMA_CM_EVENT_CONNECT_REQUEST;
	id.route.addr.src_storage = ns_sockaddr("10.0.0.5", 7471);
	id.route.addr.dst_storage = ns_sockaddr("10.0.0.9", 40000);
	listener.route.addr.src_storage = id.route.addr.src_storage;
	assert_int_equal(qpn_trailer_put(QPN_MESSAGE_REQ, &record, &id.route.addr.dst_addr,
					 &id.route.addr.src_addr, data, 5),
			 QPN_RECORD_OK);
	assert_memory_not_equal(data + OFFSET, sent + OFFSET, LENGTH - OFFSET);
	event.param.conn.private_data = data;
	event.param.conn.private_data_len = sizeof(data);
	use_up_descriptors();
	passive_judge(&event, &state, accepted);
	free_descriptors();
	assert_memory_equal(data, sent, LENGTH);
}

static void test_a_request(void **state)
{
	struct netns *netns = netns_get(-1);

	(void)state;
	assert_non_null(netns);
	for (int i = 0; i < 2; i++) {
		for (int policy = 0; policy <= RDMA_NS_POLICY_LAST; policy++) {
			struct id_state accepted;
			const struct rdma_ns_resolution *found = &accepted.resolution;

			judge((enum rdma_ns_policy)policy, i ? netns : NULL, &accepted);
			assert_int_equal(found->verdict, policy == RDMA_NS_POLICY_REPORT ?
								 RDMA_NS_ACCEPT_FLAGGED :
								 RDMA_NS_REJECT);
			assert_int_equal(found->reason, RDMA_NS_REASON_ROUTE);
			assert_int_equal(found->ingress.route, RDMA_NS_ROUTE_FAILED);
			assert_int_equal(found->ingress.route_errno, EMFILE);
			assert_int_equal(found->ingress.transport, RDMA_NS_TRANSPORT_IB);
			assert_int_equal(accepted.exchange.received, 1);
			assert_int_equal(accepted.exchange.wanted_qpn, 4);
		}
	}
	netns_put(netns);
}

static int listen_with(enum rdma_ns_policy policy, bool at_the_limit)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP };
	int status, error;

	id.route.addr.src_storage = ns_sockaddr("10.0.0.5", 7471);
	assert_int_equal(rdma_ns_set_policy(&id, policy), 0);
	listens = 0;
	if (at_the_limit)
		use_up_descriptors();
	status = rdma_ns_listen(&id, 3);
	error = errno;
	if (at_the_limit)
		free_descriptors();
	assert_int_equal(listens, !status);
	rdma_ns_destroy_id(&id);
	errno = error;
	return status;
}

static void test_a_listener(void **state)
{
	(void)state;
	assert_int_equal(listen_with(RDMA_NS_POLICY_VERIFY, true), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(listen_with(RDMA_NS_POLICY_STRICT, true), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(listen_with(RDMA_NS_POLICY_REPORT, true), 0);
	/* Once it can look, what it needs is open. */
	assert_int_equal(listen_with(RDMA_NS_POLICY_VERIFY, false), 0);
	assert_int_equal(listen_with(RDMA_NS_POLICY_VERIFY, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request),
		cmocka_unit_test(test_a_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
