// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* What a new container is told if another namespace has an address that it would get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "looks.h"

enum { HOST, TENANT, OTHER, NAMESPACES };

#define LEFT "it is what hook:a:ib0 left when it ended: 'rdma-ns hook --release-ended' "

#define OWN_INODE 100 /* of the container that starts: nobody has found it yet */

static struct namespace list[NAMESPACES];
static char names[NAMESPACES][16] = { "host", "tenant", "other" };
static char *tenant; /* another name of its namespace, or NULL */
static struct holder found[8];
static size_t found_count;

int namespaces_find(struct namespaces *namespaces, enum namespaces_extent extent)
{
	assert_int_equal(extent, NAMESPACES_ALL);
	memset(namespaces, 0, sizeof(*namespaces));
	for (size_t i = 0; i < NAMESPACES; i++)
		list[i] = (struct namespace){ .inode = i + 1, .fd = -1, .name = names[i] };
	if (tenant)
		list[TENANT].name = tenant;
	namespaces->list = list;
	namespaces->count = NAMESPACES;
	return 0;
}

void namespaces_release(struct namespaces *namespaces)
{
	(void)namespaces;
}

struct namespace *namespaces_by_inode(const struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		if (namespaces->list[i].inode == inode)
			return &namespaces->list[i];
	}
	return NULL;
}

static char unseen[32]; /* the namespaces of which not all was seen */

int namespaces_unseen(struct namespaces *namespaces, enum unseen kind, const char *name, int error)
{
	(void)namespaces;
	assert_int_equal(kind, UNSEEN_NETDEVS);
	assert_int_equal(error, EADDRINUSE);
	strcat(unseen, name);
	return 0;
}

int namespaces_tell(const struct namespaces *namespaces)
{
	(void)namespaces;
	return *unseen ? STATUS_UNSEEN : STATUS_OK;
}

static struct let_go hidden; /* if it has a family */

int looks_take(struct looks *looks, struct namespaces *namespaces, bool enter)
{
	(void)namespaces;
	assert_true(enter);
	memset(looks, 0, sizeof(*looks));
	looks->holders.list = calloc(found_count + 8, sizeof(*found));
	assert_non_null(looks->holders.list);
	looks->holders.count = found_count;
	looks->holders.room = found_count + 8;
	memcpy(looks->holders.list, found, sizeof(found));
	return hidden.ip.family ? let_go_add(&looks->hidden, &hidden) : 0;
}

void looks_release(struct looks *looks)
{
	holders_release(&looks->holders);
	let_go_release(&looks->hidden);
}

static struct rdma_ns_address address_of(const char *text)
{
	struct rdma_ns_address address = { .family = AF_INET, .prefix_length = 24 };

	if (strchr(text, ':'))
		address.family = AF_INET6;
	assert_int_equal(inet_pton(address.family, text, address.bytes), 1);
	return address;
}

/* Where the host's own netdevs say that their children are; a stray's GID is that of no port. */
static struct rdma_ns_netdev place_on(uint32_t port)
{
	struct rdma_ns_netdev netdev = { .transport = RDMA_NS_TRANSPORT_IB,
					 .port = port,
					 .pkey = 0xffff,
					 .qpn = 0x100 + port,
					 .up = 1 };

	if (port)
		strcpy(netdev.device, "sib0");
	netdev.gid.raw[15] = (uint8_t)port;
	return netdev;
}

static struct rdma_ns_netdev netdevs[8];
static const char *contested; /* the address that all of them have */

static struct holder *find_holder(size_t namespace, uint32_t port, const char *name)
{
	struct rdma_ns_netdev *netdev = &netdevs[found_count];
	struct holder *holder = &found[found_count++];

	*netdev = place_on(port);
	netdev->ifindex = (uint32_t)(10 + found_count);
	strcpy(netdev->name, name);
	*holder = (struct holder){ .netdev = netdev,
				   .address = address_of(contested),
				   .namespace = namespace };
	return holder;
}

static int start(void **state)
{
	(void)state;
	found_count = 0;
	contested = "10.0.0.5";
	memset(&hidden, 0, sizeof(hidden));
	return 0;
}

/* The container would get the address on each of these ports; 0 ends them. */
static const char *claim(const struct records *records, const uint32_t *ports)
{
	static const struct attachment_target target = { .owner = "hook:new",
							 .path = "/dev/null",
							 .refuse_unseen = true };
	static struct problem problem;
	static struct attachment wanted[4];
	size_t count = 0;

	memset(wanted, 0, sizeof(wanted));
	for (; ports[count]; count++) {
		wanted[count].place = place_on(ports[count]);
		wanted[count].place.ifindex = UINT32_MAX - (uint32_t)count;
		wanted[count].addresses[0] = address_of(contested);
		wanted[count].addresses_count = 1;
	}
	strcpy(problem.text, "nothing");
	*unseen = '\0';
	attachments_audit(&target, records, OWN_INODE, wanted, count, &problem);
	return problem.text;
}

static const uint32_t first[] = { 1, 0 }, both[] = { 1, 2, 0 };

static void assert_says(const char *text, const char *part)
{
	print_message("%s\n", text);
	assert_non_null(strstr(text, part));
}

static void test_nobody_has_it(void **state)
{
	(void)state;
	assert_string_equal(claim(NULL, both), "nothing");
	find_holder(TENANT, 3, "ib2.5");
	assert_string_equal(claim(NULL, both), "nothing");
}

/* A path of the tenant's choice leaves room for what it has done, and for the remedy. */
static void test_long_name(void **state)
{
	static char name[4000];

	(void)state;
	memset(name, '/', sizeof(name) - 1);
	tenant = name;
	find_holder(TENANT, 1, "ib0.5");
	assert_says(claim(NULL, first), "has it ('rdma-ns netdevs -A' shows it): remove it there");
	tenant = NULL;
}

static void test_each_claim(void **state)
{
	(void)state;
	find_holder(TENANT, 2, "ib1.5");
	assert_says(claim(NULL, both), "10.0.0.5 is taken on sib0/2");
	assert_string_equal(claim(NULL, first), "nothing");
}

/* One whose port nobody knows makes one group of what is on several ports. */
static void test_each_claim_beside_a_stray(void **state)
{
	static const uint32_t second[] = { 2, 0 };
	struct holder *stray = find_holder(NAMESPACES, 0, "stray");

	(void)state;
	/* It is the new container's own, and harms nobody. */
	stray->netdev = &netdevs[0];
	find_holder(TENANT, 2, "ib1.5");
	assert_says(claim(NULL, second), "netdev ib1.5 of tenant");
	assert_says(claim(NULL, both), "netdev ib1.5 of tenant");
	assert_string_equal(claim(NULL, first), "nothing");
}

#define ACCUSED "tenant has it, which it was not given"

/* That of a container which was given the holder's netdev. */
static struct record record_of(struct holder *holder, struct rdma_ns_address *given)
{
	holder->parent = 2;
	holder->created = 7;
	return (struct record){ .key = "hook:a:ib0",
				.netns = TENANT + 1,
				.identity = { .parent = holder->parent,
					      .ifindex = holder->netdev->ifindex,
					      .qpn = holder->netdev->qpn,
					      .pkey = holder->netdev->pkey,
					      .created = holder->created },
				.addresses = given,
				.addresses_count = 1 };
}

static void test_not_given(void **state)
{
	struct holder *holder = find_holder(TENANT, 1, "ib0.5");
	struct rdma_ns_address given = address_of("10.0.0.6");
	struct record record = record_of(holder, &given);
	const struct records records = { .list = &record, .count = 1 };

	(void)state;
	assert_says(claim(NULL, first), "tenant has it (");
	assert_says(claim(&records, first), ACCUSED);
	/* Its owner has moved it into a namespace of its own. */
	record.netns = 99;
	assert_says(claim(&records, first), ACCUSED);
	/* It can be seen less well there. */
	holder->created = 0;
	assert_says(claim(&records, first), ACCUSED);
	holder->created = 7;
	holder->upper = 33;
	assert_says(claim(&records, first), ACCUSED);
	given = address_of("10.0.0.5");
	assert_says(claim(&records, first), "tenant has it (");
	given = address_of("10.0.0.6");
	record.addresses_count = 0;
	assert_says(claim(&records, first), "tenant has it (");
	record.addresses_count = 1;
	*record.key = '\0';
	assert_says(claim(&records, first), "tenant has it (");
}

/* Another netdev in a container that has one of ours, which somebody else has given to it. */
static void test_given_by_others(void **state)
{
	struct holder *holder = find_holder(TENANT, 1, "net1");
	struct rdma_ns_address given = address_of("10.0.0.6");
	struct record record = record_of(holder, &given);
	const struct records records = { .list = &record, .count = 1 };

	(void)state;
	holder->created = 9;
	record.identity.qpn++;
	assert_says(claim(&records, first), "tenant has it (");
	/* The QPN of ours that has gone. */
	record.identity.qpn--;
	assert_says(claim(&records, first), "tenant has it (");
}

/* Its container goes on. */
static void live(struct record *record)
{
	snprintf(record->path, sizeof(record->path), "/proc/%d/ns/net", getpid());
	record->start = record_start_of(record->path);
}

/* The namespace of a container that has ended is kept until its netdevs have been taken back. */
static void test_left(void **state)
{
	struct record record = { .key = "hook:a:ib0",
				 .path = "/proc/2000000000/ns/net",
				 .start = 5,
				 .netns = TENANT + 1 };
	const struct records records = { .list = &record, .count = 1 };

	(void)state;
	find_holder(TENANT, 1, "ib0");
	assert_says(claim(NULL, first), "('rdma-ns netdevs -A' shows it): remove it there, or ");
	assert_says(claim(&records, first), LEFT);
	/* One that a release that failed has cleared. */
	strcpy(record.left, record.key);
	*record.key = '\0';
	assert_says(claim(&records, first), LEFT);
	record.netns = OTHER + 1;
	assert_says(claim(&records, first), "remove it there, or ");
	/* One that goes on. */
	strcpy(record.key, record.left);
	*record.left = '\0';
	record.netns = TENANT + 1;
	live(&record);
	assert_says(claim(&records, first), "remove it there, or ");
}

/* While it was looked for; whoever saw that come may take it back. */
static void test_let_go(void **state)
{
	struct holder *holder = find_holder(TENANT, 1, "ib0.5");

	(void)state;
	holder->let_go = true;
	assert_says(
		claim(NULL, first),
		"netdev ib0.5 of tenant had it until this looked ('rdma-ns netdevs -A' shows it): "
		"start this container again; if it is told each time, ");
}

#define ADVERTISED ", perhaps by a router's advertisement ("

/* What a router gave has a lifetime, and may have expired when somebody asks whose it is. */
static void test_advertised(void **state)
{
	struct rdma_ns_address given = address_of("10.0.0.6");
	struct holder *holder;
	struct record record;
	const struct records records = { .list = &record, .count = 1 };

	(void)state;
	contested = "fd00::5";
	holder = find_holder(TENANT, 1, "ib0.5");
	record = record_of(holder, &given);
	live(&record);
	assert_says(claim(&records, first), "tenant has it" ADVERTISED);
	holder->let_go = true;
	assert_says(claim(&records, first), "tenant had it until this looked" ADVERTISED);
	assert_null(strstr(claim(&records, first), "end it"));
	assert_null(strstr(claim(NULL, first), "end it"));
	holder->permanent = true;
	assert_says(claim(&records, first), "had it until this looked, which it was not given (");
	assert_says(claim(&records, first), "end it");
	holder->let_go = false;
	assert_says(claim(&records, first), ACCUSED);
}

static void test_let_go_unseen(void **state)
{
	const struct rdma_ns_address address = address_of("10.0.0.5");

	(void)state;
	hidden.namespace = TENANT;
	hidden.ip.family = AF_INET;
	memcpy(hidden.ip.bytes, address.bytes, sizeof(hidden.ip.bytes));
	assert_says(claim(NULL, first), "not all namespaces could be audited");
	assert_string_equal(unseen, "tenant");
	/* Another address. */
	hidden.ip.bytes[3]++;
	assert_string_equal(claim(NULL, first), "nothing");
	assert_string_equal(unseen, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nobody_has_it, start),
		cmocka_unit_test_setup(test_long_name, start),
		cmocka_unit_test_setup(test_each_claim, start),
		cmocka_unit_test_setup(test_each_claim_beside_a_stray, start),
		cmocka_unit_test_setup(test_not_given, start),
		cmocka_unit_test_setup(test_given_by_others, start),
		cmocka_unit_test_setup(test_left, start),
		cmocka_unit_test_setup(test_let_go, start),
		cmocka_unit_test_setup(test_advertised, start),
		cmocka_unit_test_setup(test_let_go_unseen, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
