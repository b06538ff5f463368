/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What is remembered of each netdev that a container was given, in files that only root can reach:
 * which one it is, and the container's network namespace, which is kept until the netdev is taken
 * back. Otherwise the netdev would return to the host, under a name that the container chose.
 */
#ifndef RDMA_NS_ATTACHMENT_RECORD_H
#define RDMA_NS_ATTACHMENT_RECORD_H

#include <limits.h>

#include "attachment_delay.h"
#include "attachment_lost.h"
#include "ipoib_child.h"
#include "networks.h"

#define RECORDS_FOLDER "/run/rdma-ns"
#define RECORDS_ATTACHED RECORDS_FOLDER "/attached"
#define RECORDS_KEPT RECORDS_FOLDER "/netns"

/* The key of a record, "OWNER:NETDEV", is a file's name. */
#define RECORD_KEY_MAX 256

struct record {
	char key[RECORD_KEY_MAX];
	char left[RECORD_KEY_MAX]; /* the key of what could not be taken back; not in the file */
	char path[PATH_MAX]; /* of the container's namespace as long as the container exists */
	uint64_t start; /* when the process of that path started, or 0 */
	uint64_t netns; /* inode; 0: it is not kept any more */
	uint64_t host; /* inode of the namespace that the netdev came from; 0: not known */
	char network[NETWORK_NAME_MAX];
	char netdev[NETDEV_NAME_MAX]; /* as it was called there */
	struct ipoib_identity identity; /* the QPN is 0 until it has been made */
	struct rdma_ns_address *addresses;
	size_t addresses_count;
	/* Of the host's netdev that was handed out; "": it was made. */
	char taken[NETDEV_NAME_MAX];
	uint8_t lladdr[NETDEV_LLADDR_MAX], broadcast[NETDEV_LLADDR_MAX];
	struct ipoib_settings settings;
	struct record_delay delay;
};

struct records {
	struct record *list;
	size_t count;
	struct lost lost;
};

/*
 * What a run may take that has the lock: RELEASE_SECONDS, an audit in a hurry, and a rest for
 * making and removing netdevs. Only what a tenant has slowed down takes so long.
 */
#define RECORDS_RUN_SECONDS 120
/* Who has the lock for longer cannot be ended by its timer. */
#define RECORDS_HOLDER_SECONDS 140
/* Those who wait. The runtime has to give the hook this time and that of a run. */
#define RECORDS_WAIT_SECONDS 180

/*
 * Wait until nobody else makes or removes attachments. Returns a descriptor that keeps it so, or -1
 * and the problem, which ends with what to do then, such as "start the container again". Until
 * records_unlock(), time is limited. The namespace of a record that somebody has removed is not
 * kept any more.
 */
int records_lock(const char *remedy, struct problem *problem);
void records_unlock(int lock);
/*
 * SIGALRM ends the process after a time, since a tenant's file server may let a search wait for
 * ever, and a handler would wait as well. What has been begun is in the records by then.
 */
void records_limit(bool limited);

/* A record that cannot be read is reported on standard error and left out. */
int records_read(struct records *records, struct problem *problem);
void records_release(struct records *records);
/*
 * Is the caller in the network namespace that the netdevs of all records came from? In another one,
 * such as a live container's, they would be taken for what has come back to the host. Without
 * records, the caller's counts as the host's, since a runtime may itself be in a container.
 */
int records_check_host(const struct records *records, struct problem *problem);

int record_write(const struct record *record, struct problem *problem);
/* Keep the namespace of @netns_fd for the record. */
int record_pin(const struct record *record, int netns_fd, struct problem *problem);
/* Returns a descriptor of the namespace that was kept, or -1 and errno: ENOENT if none was. */
int record_open_netns(const struct record *record);
/* When the process started that "/proc/PID/ns/net" is about; 0 if the path is another one. */
uint64_t record_start_of(const char *path);
/* Of a process's stat: when it started, and whether all of its threads have ended. */
bool record_parse_stat(const char *text, uint64_t *start, bool *ended);
/*
 * Does the container still exist? Its process may be in another namespace now, or have threads left
 * when the first one has ended; what cannot be seen counts as if it did.
 */
bool record_is_live(const struct record *record);
/*
 * The namespace is no longer kept, and the record does not name it: whoever made a namespace then
 * might get its inode. If that cannot be written, it is kept.
 */
void record_unpin(struct record *record);
/* There is never a moment at which both or none of the keys have it. */
int record_rename(struct record *record, const char *key, struct problem *problem);
/* Nothing stays. */
void record_forget(const struct record *record);

/* "OWNER:", which the keys of all records of an owner begin with, is in front of "NETDEV". */
bool record_is_owned(const struct record *record, const char *owner);

/* Parse what record_write() has written; frees nothing. The addresses are for free(). */
int record_parse(struct record *record, struct json_object *object);

#endif
