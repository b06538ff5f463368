// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* An id cannot be bound to a netdev and have an AF_IB address, whichever comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include <cmocka.h>

#include <infiniband/ib.h>
#include <rdma/rdma_ns.h>

#include "ns_fakes.h"

static unsigned int calls; /* of librdmacm that give an address, or listen */

static int fake_create_ep(struct rdma_cm_id **id, struct rdma_addrinfo *res, struct ibv_pd *pd,
			  struct ibv_qp_init_attr *attr)
{
	static struct rdma_cm_id made;

	(void)pd;
	(void)attr;
	made = (struct rdma_cm_id){ .ps = RDMA_PS_TCP };
	memcpy(&made.route.addr.src_storage, res->ai_src_addr, res->ai_src_len);
	*id = &made;
	return 0;
}

static void fake_destroy_ep(struct rdma_cm_id *id)
{
	(void)id;
}

static int fake_bind_addr(struct rdma_cm_id *id, struct sockaddr *address)
{
	(void)id;
	(void)address;
	calls++;
	return 0;
}

static int fake_listen(struct rdma_cm_id *id, int backlog)
{
	(void)id;
	(void)backlog;
	calls++;
	return 0;
}

const struct real *__wrap_real_librdmacm(void);
const struct real *__wrap_real_librdmacm(void)
{
	static const struct real fake = {
		.bind_addr = fake_bind_addr,
		.create_ep = fake_create_ep,
		.destroy_ep = fake_destroy_ep,
		.destroy_id = fake_destroy_id,
		.listen = fake_listen,
		.set_option = fake_set_option,
	};

	return &fake;
}

static struct sockaddr_ib address = { .sib_family = AF_IB };

static void test_address_first(void **state)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP };

	(void)state;
	calls = 0;
	memcpy(&id.route.addr.src_storage, &address, sizeof(address));
	assert_int_equal(rdma_ns_bind_netdev(&id, if_nametoindex("lo")), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(rdma_ns_bind_netdev_name(&id, "lo"), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(rdma_ns_bind_netdev(&id, 0), 0);
	assert_int_equal(rdma_ns_set_policy(&id, RDMA_NS_POLICY_VERIFY), 0);
	assert_int_equal(rdma_ns_listen(&id, 1), 0);
	assert_int_equal(calls, 1);
	rdma_ns_destroy_id(&id);
}

static void test_netdev_first(void **state)
{
	struct rdma_cm_id id = { .ps = RDMA_PS_TCP };

	(void)state;
	calls = 0;
	assert_int_equal(rdma_ns_bind_netdev_name(&id, "lo"), 0);
	assert_int_equal(rdma_ns_bind_addr(&id, (struct sockaddr *)&address), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	/* librdmacm's own rdma_bind_addr() knows nothing of this. */
	memcpy(&id.route.addr.src_storage, &address, sizeof(address));
	assert_int_equal(rdma_ns_listen(&id, 1), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(calls, 0);
	rdma_ns_destroy_id(&id);
}

static void test_endpoint(void **state)
{
	const struct rdma_ns_id_opts opts = { .size = sizeof(opts), .netdev = "lo" };
	struct rdma_addrinfo res = {
		.ai_flags = RAI_PASSIVE,
		.ai_src_addr = (struct sockaddr *)&address,
		.ai_src_len = sizeof(address),
	};
	struct rdma_cm_id *id;

	(void)state;
	assert_int_equal(rdma_ns_create_ep(&id, &res, NULL, NULL, &opts), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(rdma_ns_create_ep(&id, &res, NULL, NULL, NULL), 0);
	rdma_ns_destroy_ep(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_first),
		cmocka_unit_test(test_netdev_first),
		cmocka_unit_test(test_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
