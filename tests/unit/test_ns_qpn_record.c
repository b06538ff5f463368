// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ns_messages.h"
#include "qpn_record.h"

static const struct qpn_record both = { RDMA_CM_NS_ALL_FLAGS, 0x0a0b0c, 0x123456 };

static const struct {
	const char *name;
	enum qpn_message message;
	size_t offset, length;
} messages[] = {
	{ "REQ", QPN_MESSAGE_REQ, 40, 56 },
	{ "SIDR REQ", QPN_MESSAGE_SIDR_REQ, 164, 180 },
	{ "REP", QPN_MESSAGE_REP, 180, 196 },
	{ "SIDR REP", QPN_MESSAGE_SIDR_REP, 120, 136 },
};

static const struct {
	const char *source, *destination;
} pairs[] = {
	{ "10.0.0.9", "10.0.0.5" },
	{ "fd00::9", "fd00::5" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_bytes(void **state)
{
	static const uint8_t expected[12] = { 0x4e, 0x51, 0x17, 0,    0,    0x0a,
					      0x0b, 0x0c, 0,	0x12, 0x34, 0x56 };
	struct qpn_record decoded;
	uint8_t bytes[12];

	(void)state;
	assert_int_equal(qpn_record_encode(&both, bytes), QPN_RECORD_OK);
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(qpn_record_decode(bytes, &decoded), QPN_RECORD_OK);
	assert_int_equal(decoded.flags, both.flags);
	assert_int_equal(decoded.source_qpn, both.source_qpn);
	assert_int_equal(decoded.destination_qpn, both.destination_qpn);
}

/* The trailer of a known connection, so that it cannot change unnoticed. */
static void test_known_trailer(void **state)
{
	struct sockaddr_storage source = ns_sockaddr("10.0.0.9", 40722);
	struct sockaddr_storage destination = ns_sockaddr("10.0.0.5", 7471);
	static const uint8_t covered[49] = {
		0x4e, 0x51, 0x17, 0, 0, 0x0a, 0x0b, 0x0c, 0, 0x12, 0x34, 0x56, /* record */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 9,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 5,
		0x9f, 0x12, 0x1d, 0x2f, 4, /* ports, IP version */
	};
	uint32_t crc = 0xffffffff;
	uint8_t data[56];

	(void)state;
	for (size_t i = 0; i < sizeof(covered); i++) {
		crc ^= covered[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	crc = ~crc;
	assert_int_equal(qpn_trailer_put(QPN_MESSAGE_REQ, &both, (void *)&source,
					 (void *)&destination, data, 0),
			 QPN_RECORD_OK);
	assert_memory_equal(data + 40, covered, 12);
	for (int i = 0; i < 4; i++)
		assert_int_equal(data[52 + i], crc >> (24 - 8 * i) & 0xff);
}

static void test_encode_refuses(void **state)
{
	static const struct {
		struct qpn_record record;
		enum qpn_record_status status;
	} rows[] = {
		{ { 8, 0, 0 }, QPN_RECORD_RESERVED },
		{ { 0xf1, 5, 0 }, QPN_RECORD_RESERVED },
		{ { 1, 0x1000005, 0 }, QPN_RECORD_RESERVED },
		{ { 2, 0, 0x80000005 }, QPN_RECORD_RESERVED },
		{ { 1, 0, 0 }, QPN_RECORD_BAD_QPN },
		{ { 1, 1, 0 }, QPN_RECORD_BAD_QPN },
		{ { 2, 0, 0xffffff }, QPN_RECORD_BAD_QPN },
		{ { 0, 5, 0 }, QPN_RECORD_BAD_QPN },
		{ { 1, 5, 6 }, QPN_RECORD_BAD_QPN },
		{ { 0, 0, 0 }, QPN_RECORD_OK },
		{ { 4, 0, 0 }, QPN_RECORD_OK },
		{ { 1, 2, 0 }, QPN_RECORD_OK },
		{ { 2, 0, 0xfffffe }, QPN_RECORD_OK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[12] = { 0 }, zero[12] = { 0 };

		print_message("row %zu\n", i);
		assert_int_equal(qpn_record_encode(&rows[i].record, bytes), rows[i].status);
		if (rows[i].status != QPN_RECORD_OK)
			assert_memory_equal(bytes, zero, sizeof(zero));
	}
}

static void test_decode_refuses(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum qpn_record_status status;
	} rows[] = {
		{ 0, 0x4f, QPN_RECORD_ABSENT },	      { 1, 0x50, QPN_RECORD_ABSENT },
		{ 2, 0x07, QPN_RECORD_WRONG_VERSION }, { 2, 0x27, QPN_RECORD_WRONG_VERSION },
		{ 2, 0x1f, QPN_RECORD_RESERVED },      { 2, 0x18, QPN_RECORD_RESERVED },
		{ 3, 1, QPN_RECORD_RESERVED },	      { 4, 1, QPN_RECORD_RESERVED },
		{ 8, 0x80, QPN_RECORD_RESERVED },      { 2, 0x16, QPN_RECORD_BAD_QPN },
		{ 2, 0x15, QPN_RECORD_BAD_QPN },
	};
	uint8_t good[12], bytes[12];

	(void)state;
	qpn_record_encode(&both, good);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct qpn_record record = { 0x55, 0x55, 0x55 };

		print_message("row %zu\n", i);
		memcpy(bytes, good, sizeof(bytes));
		bytes[rows[i].at] = rows[i].value;
		assert_int_equal(qpn_record_decode(bytes, &record), rows[i].status);
		assert_int_equal(record.flags, 0x55);
	}
}

/* Each message, each address family: what was put is found, and hidden without a trace. */
static void test_trailer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages) * COUNT(pairs); i++) {
		const size_t m = i / COUNT(pairs), p = i % COUNT(pairs);
		struct sockaddr_storage source = ns_sockaddr(pairs[p].source, 40722);
		struct sockaddr_storage destination = ns_sockaddr(pairs[p].destination, 7471);
		uint8_t data[196], blank[196];
		struct qpn_record found;

		print_message("%s %s\n", messages[m].name, pairs[p].source);
		assert_int_equal(qpn_trailer_length(messages[m].message), messages[m].length);
		for (size_t used = 0; used <= messages[m].length; used++) {
			enum qpn_record_status status;

			memset(data, 0xa5, sizeof(data));
			memset(blank, 0, sizeof(blank));
			memset(blank, 0xa5, used);
			status = qpn_trailer_put(messages[m].message, &both, (void *)&source,
						 (void *)&destination, data, used);
			if (used > messages[m].offset) {
				assert_int_equal(status, QPN_RECORD_NO_ROOM);
				assert_int_equal(data[messages[m].offset], 0xa5);
				continue;
			}
			assert_int_equal(status, QPN_RECORD_OK);
			assert_int_equal(qpn_trailer_find(messages[m].message, (void *)&source,
							  (void *)&destination, data,
							  messages[m].length, &found),
					 QPN_RECORD_OK);
			assert_int_equal(found.source_qpn, both.source_qpn);
			assert_int_equal(found.destination_qpn, both.destination_qpn);
			assert_int_equal(found.flags, both.flags);
			qpn_trailer_blank(messages[m].message, data);
			assert_memory_equal(data, blank, messages[m].length);
		}
	}
}

static void test_damage(void **state)
{
	struct sockaddr_storage source = ns_sockaddr("10.0.0.9", 40722);
	struct sockaddr_storage destination = ns_sockaddr("10.0.0.5", 7471);
	uint8_t good[56], *data;
	struct qpn_record found;

	(void)state;
	qpn_trailer_put(QPN_MESSAGE_REQ, &both, (void *)&source, (void *)&destination, good, 0);
	for (size_t at = 40; at < 56; at++) {
		for (int bit = 0; bit < 8; bit++) {
			uint8_t bad[56];

			memcpy(bad, good, sizeof(bad));
			bad[at] ^= (uint8_t)(1 << bit);
			assert_int_not_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&source,
							      (void *)&destination, bad,
							      sizeof(bad), &found),
					     QPN_RECORD_OK);
		}
	}
	/* Each of the other 255 values of each byte. */
	for (size_t at = 40; at < 56; at++) {
		for (int value = 1; value < 256; value++) {
			uint8_t bad[56];

			memcpy(bad, good, sizeof(bad));
			bad[at] ^= (uint8_t)value;
			assert_int_not_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&source,
							      (void *)&destination, bad,
							      sizeof(bad), &found),
					     QPN_RECORD_OK);
		}
	}
	/* On the heap, so that a read past the end is seen. */
	for (size_t length = 0; length < 56; length++) {
		data = malloc(length ? length : 1);
		assert_non_null(data);
		memcpy(data, good, length);
		assert_int_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&source,
						  (void *)&destination, data, length, &found),
				 QPN_RECORD_ABSENT);
		free(data);
	}
	assert_int_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&source, (void *)&destination,
					  NULL, 56, &found),
			 QPN_RECORD_ABSENT);
}

static void test_wrong_connection(void **state)
{
	static const struct {
		const char *source;
		uint16_t source_port;
		const char *destination;
		uint16_t destination_port;
		enum qpn_record_status status;
	} rows[] = {
		{ "10.0.0.9", 40722, "10.0.0.5", 7471, QPN_RECORD_OK },
		{ "10.0.0.8", 40722, "10.0.0.5", 7471, QPN_RECORD_BAD_CRC },
		{ "10.0.0.9", 40723, "10.0.0.5", 7471, QPN_RECORD_BAD_CRC },
		{ "10.0.0.9", 40722, "10.0.0.6", 7471, QPN_RECORD_BAD_CRC },
		{ "10.0.0.9", 40722, "10.0.0.5", 7472, QPN_RECORD_BAD_CRC },
		{ "10.0.0.5", 7471, "10.0.0.9", 40722, QPN_RECORD_ECHOED },
		{ "::10.0.0.9", 40722, "::10.0.0.5", 7471, QPN_RECORD_BAD_CRC },
		{ "10.0.0.9", 40722, "fd00::5", 7471, QPN_RECORD_NO_TUPLE },
	};
	struct sockaddr_storage source = ns_sockaddr("10.0.0.9", 40722);
	struct sockaddr_storage destination = ns_sockaddr("10.0.0.5", 7471);
	struct sockaddr_storage af_ib = { .ss_family = 27 };
	uint8_t data[56], untouched[56];
	struct qpn_record found;

	(void)state;
	qpn_trailer_put(QPN_MESSAGE_REQ, &both, (void *)&source, (void *)&destination, data, 40);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sockaddr_storage from = ns_sockaddr(rows[i].source, rows[i].source_port);
		struct sockaddr_storage to =
			ns_sockaddr(rows[i].destination, rows[i].destination_port);

		print_message("row %zu\n", i);
		assert_int_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&from, (void *)&to, data,
						  sizeof(data), &found),
				 rows[i].status);
	}
	memset(data, 0xa5, sizeof(data));
	memcpy(untouched, data, sizeof(data));
	assert_int_equal(
		qpn_trailer_put(QPN_MESSAGE_REQ, &both, (void *)&af_ib, (void *)&af_ib, data, 0),
		QPN_RECORD_NO_TUPLE);
	assert_memory_equal(data, untouched, sizeof(data));
}

/*
 * An application that sends back the private data it got, and one that keeps them for the next one.
 */
static void test_echo(void **state)
{
	struct sockaddr_storage client = ns_sockaddr("10.0.0.9", 40722);
	struct sockaddr_storage server = ns_sockaddr("10.0.0.5", 7471);
	struct sockaddr_storage later = ns_sockaddr("10.0.0.9", 40724);
	uint8_t request[56], reply[196];
	struct qpn_record found;

	(void)state;
	memset(reply, 0, sizeof(reply));
	qpn_trailer_put(QPN_MESSAGE_REQ, &both, (void *)&client, (void *)&server, request, 0);
	memcpy(reply + 140, request, sizeof(request));
	assert_int_equal(qpn_trailer_find(QPN_MESSAGE_REP, (void *)&server, (void *)&client, reply,
					  sizeof(reply), &found),
			 QPN_RECORD_ECHOED);
	assert_int_equal(qpn_trailer_find(QPN_MESSAGE_REQ, (void *)&later, (void *)&server, request,
					  sizeof(request), &found),
			 QPN_RECORD_BAD_CRC);
}

static void test_status_words(void **state)
{
	(void)state;
	for (int i = QPN_RECORD_OK; i <= QPN_RECORD_NO_TUPLE; i++)
		assert_string_not_equal(qpn_record_status_str(i), "unknown");
	assert_string_equal(qpn_record_status_str(QPN_RECORD_NO_TUPLE + 1), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),	       cmocka_unit_test(test_known_trailer),
		cmocka_unit_test(test_encode_refuses), cmocka_unit_test(test_decode_refuses),
		cmocka_unit_test(test_trailer),	       cmocka_unit_test(test_damage),
		cmocka_unit_test(test_wrong_connection), cmocka_unit_test(test_echo),
		cmocka_unit_test(test_status_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
