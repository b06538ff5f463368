// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "attachment_child.h"

/* Neither the host nor a container's other netdevs come so far. */
#define IFINDEX_BASE (1u << 20)
#define IFINDEX_TRIES 8

#define GUID_OFFSET 12 /* in a link-layer address, behind what the kernel chooses */

int record_make_child(struct record *record, const char *name, struct problem *problem)
{
	char own_name[NETDEV_NAME_MAX];
	int result = -1;

	record->identity.qpn = 0;
	record->identity.created = 0;
	for (int i = 0; i < IFINDEX_TRIES && result; i++) {
		uint32_t number;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return 1;
		record->identity.ifindex = IFINDEX_BASE + number % (IFINDEX_BASE << 8);
		snprintf(own_name, sizeof(own_name), "rdma-ns%x", record->identity.ifindex);
		if (record_write(record, problem))
			return -1;
		result = ipoib_make(name ? name : own_name, &record->identity);
		if (result && errno != EEXIST && errno != EBUSY)
			break;
	}
	if (result)
		return 1;
	/* From now on it is found wherever it goes. */
	return record_write(record, problem);
}

static int restore(const struct record *record)
{
	uint8_t lladdr[NETDEV_LLADDR_MAX];
	struct ipoib_netdev netdev;

	if (ipoib_find(-1, &record->identity, &netdev) != 1) {
		errno = ENODEV;
		return -1;
	}
	memcpy(lladdr, netdev.lladdr, GUID_OFFSET);
	memcpy(lladdr + GUID_OFFSET, record->lladdr + GUID_OFFSET, sizeof(lladdr) - GUID_OFFSET);
	if ((memcmp(netdev.lladdr, lladdr, sizeof(lladdr)) != 0 ||
	     memcmp(netdev.broadcast, record->broadcast, sizeof(netdev.broadcast)) != 0) &&
	    ipoib_set_lladdr(-1, netdev.ifindex, lladdr, record->broadcast))
		return -1;
	return ipoib_restore(-1, &netdev, &record->settings);
}

int record_make_anew(struct record *record, struct problem *problem)
{
	int result = record_make_child(record, record->taken, problem);

	if (result < 0)
		return -1;
	if (!result)
		result = restore(record);
	if (result && errno == EEXIST)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "%s cannot come back to the host, where another netdev has that "
				   "name: rename or remove that one, and the next start of a "
				   "container brings it back",
				   record->taken);
	if (result)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "cannot make the host's netdev %s anew: %s: the next start of a "
				   "container tries it again; 'rm " RECORDS_ATTACHED "/%s' ends this",
				   record->taken, strerror(errno), record->key);
	return 0;
}
