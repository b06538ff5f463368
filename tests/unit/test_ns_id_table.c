// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What is kept of ids: replaced, updated, removed, by several threads, in namespaces that are
 * counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "id_table.h"

#define IDS 500
#define THREADS 4

static struct rdma_cm_id ids[THREADS][IDS];

static void destroy(const struct rdma_cm_id *id)
{
	id_table_begin_destroy(id);
	id_table_end_destroy(id, false);
}

static void test_one(void **state)
{
	struct id_state one = { .id = &ids[0][0], .policy = RDMA_NS_POLICY_VERIFY }, got;

	(void)state;
	assert_false(id_table_get(one.id, &got));
	destroy(one.id);
	id_table_update(&one);
	assert_false(id_table_get(one.id, &got));

	assert_int_equal(id_table_set(&one), 0);
	assert_true(id_table_get(one.id, &got));
	assert_int_equal(got.policy, RDMA_NS_POLICY_VERIFY);
	id_state_release(&got);
	one.policy = RDMA_NS_POLICY_STRICT;
	id_table_update(&one);
	one.ifindex = 7;
	assert_int_equal(id_table_set(&one), 0);
	assert_true(id_table_get(one.id, &got));
	assert_int_equal(got.policy, RDMA_NS_POLICY_STRICT);
	assert_int_equal(got.ifindex, 7);
	id_state_release(&got);
	destroy(one.id);
	assert_false(id_table_get(one.id, &got));
}

static void test_destruction(void **state)
{
	struct id_state one = { .id = &ids[0][0], .ifindex = 1 }, got;

	(void)state;
	assert_int_equal(id_table_set(&one), 0);
	id_table_begin_destroy(one.id);
	id_table_update(&one);
	assert_true(id_table_get(one.id, &got));
	assert_true(got.dying);
	id_table_end_destroy(one.id, true);
	assert_true(id_table_get(one.id, &got));
	assert_false(got.dying);

	/* Another thread's new id has got the address of one that is just gone. */
	id_table_begin_destroy(one.id);
	one.ifindex = 2;
	assert_int_equal(id_table_set(&one), 0);
	id_table_end_destroy(one.id, false);
	assert_true(id_table_get(one.id, &got));
	assert_int_equal(got.ifindex, 2);
	destroy(one.id);
	assert_false(id_table_get(one.id, &got));
}

/* The sanitizers see to it that a namespace is there as long as a state that names it. */
static void test_namespaces(void **state)
{
	struct id_state one = { .id = &ids[0][0], .netns = netns_get(-1) }, got;
	struct netns *again;
	uint64_t inode;

	(void)state;
	assert_non_null(one.netns);
	inode = netns_inode(one.netns);
	assert_int_equal(id_table_set(&one), 0);
	assert_int_equal(id_table_set(&one), 0);
	id_table_update(&one);
	id_state_release(&one);
	assert_true(id_table_get(&ids[0][0], &got));
	destroy(&ids[0][0]);
	assert_int_equal(netns_inode(got.netns), inode);
	again = netns_get(-1);
	assert_ptr_equal(again, got.netns);
	netns_put(again);
	id_state_release(&got);
}

static void *churn(void *data)
{
	struct rdma_cm_id *mine = data;
	struct id_state one = { 0 }, got;

	for (int round = 0; round < 20; round++) {
		one.netns = netns_get(-1);
		for (int i = 0; i < IDS; i++) {
			one.id = &mine[i];
			one.ifindex = (uint32_t)i;
			if (id_table_set(&one))
				return data;
		}
		id_state_release(&one);
		for (int i = 0; i < IDS; i++) {
			if (!id_table_get(&mine[i], &got) || got.ifindex != (uint32_t)i)
				return data;
			got.ifindex++;
			id_table_update(&got);
			id_state_release(&got);
			if (!id_table_get(&mine[i], &got) || got.ifindex != (uint32_t)i + 1)
				return data;
			id_state_release(&got);
			destroy(&mine[i]);
			if (id_table_get(&mine[i], &got))
				return data;
		}
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[THREADS];
	void *failed;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, churn, ids[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_destruction),
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
