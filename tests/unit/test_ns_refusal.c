// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "refusal.h"

static const uint8_t expected[8] = { 0xce, 0x53, 0x52, 0xca, 1, RDMA_NS_REASON_AMBIGUOUS, 0, 0 };

static void test_bytes(void **state)
{
	struct rdma_cm_ns_refusal refusal;

	(void)state;
	refusal_encode(RDMA_NS_REASON_AMBIGUOUS, &refusal);
	assert_memory_equal(&refusal, expected, sizeof(expected));
}

static void test_lengths(void **state)
{
	enum rdma_ns_reason reason;
	uint8_t data[148] = { 0 };

	(void)state;
	memcpy(data, expected, sizeof(expected));
	for (size_t length = 0; length < sizeof(data); length++) {
		reason = RDMA_NS_REASON_NONE;
		assert_int_equal(refusal_decode(data, length, &reason), length >= sizeof(expected));
		assert_int_equal(reason, length >= sizeof(expected) ? RDMA_NS_REASON_AMBIGUOUS :
								      RDMA_NS_REASON_NONE);
	}
	assert_false(refusal_decode(NULL, sizeof(data), &reason));
}

/* Any other byte makes it the application's, but for a reason that is not known yet. */
static void test_flips(void **state)
{
	(void)state;
	for (size_t at = 0; at < 148; at++) {
		for (int bit = 0; bit < 8; bit++) {
			enum rdma_ns_reason reason = RDMA_NS_REASON_NONE;
			uint8_t data[148] = { 0 };

			memcpy(data, expected, sizeof(expected));
			data[at] ^= 1 << bit;
			assert_int_equal(refusal_decode(data, sizeof(data), &reason),
					 at == 5 && data[5]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
