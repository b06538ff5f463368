/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the checks of rdma-ns doctor share: where they look, and what they have found. */
#ifndef RDMA_NS_DOCTOR_H
#define RDMA_NS_DOCTOR_H

#include <sys/types.h>

#include "causes.h"
#include "namespaces.h"
#include "rdma_devices.h"

/* The first namespaces; the kernel has never given them other numbers. */
#define HOST_USER_NAMESPACE 0xeffffffdu
#define HOST_PID_NAMESPACE 0xeffffffcu
#define HOST_CGROUP_NAMESPACE 0xeffffffbu

struct finding {
	const char *cause; /* a word for it */
	bool hint;	   /* it may explain a failure, but need not cause one */
	char *text;	   /* "WHAT: REMEDY" */
};

struct doctor {
	struct place place;
	bool address_given;
	bool is_own;		/* the namespace has it */
	bool address_explained; /* a cause is known why it cannot work */
	/* That is a cause already, or could not be seen: no netdevs follow from it. */
	bool no_devices;
	const char *netns;		  /* as the caller names it, or NULL for its own */
	const char *sysfs;		  /* where the devices of the namespace are shown */
	struct rdma_ns_features features; /* of the caller's namespace */
	struct rdma_devices devices;
	int devices_errno;		 /* why they cannot be listed, or 0 */
	struct rdma_ns_netdev **netdevs; /* never NULL; ends with NULL */
	struct finding *findings;
	size_t count, causes;
	char **unseen;
	size_t unseen_count;
	bool no_memory;
};

/* Report a cause. @text is "WHAT: REMEDY", fit for printing; the same text counts once. */
void doctor_found(struct doctor *doctor, const char *cause, const char *text);
__attribute__((format(printf, 3, 4))) void doctor_find(struct doctor *doctor, const char *cause,
						       const char *format, ...);
/* Report what is not wrong in itself. */
__attribute__((format(printf, 3, 4))) void doctor_hint(struct doctor *doctor, const char *cause,
						       const char *format, ...);
/* Say what could not be seen: "WHAT: REMEDY". */
__attribute__((format(printf, 2, 3))) void doctor_unseen(struct doctor *doctor, const char *format,
							 ...);

/* Is each RDMA device in one namespace? */
bool doctor_is_exclusive(const struct doctor *doctor);
/* Is this process in the host's first namespace of that kind? @path: below /proc/self/ns. */
bool doctor_is_in_first(const char *path, ino_t inode);
/* Has the netdev an address that is not link-local? */
bool doctor_has_address(const struct rdma_ns_netdev *netdev);

/*
 * The namespaces of this host that can be seen, for those who look for something in them. Returns
 * -1 if there are none.
 */
int doctor_namespaces(struct namespaces *namespaces);

/* The checks, each in the file of its subject. */
void doctor_check_files(struct doctor *doctor);
void doctor_check_mad_files(struct doctor *doctor);
void doctor_check_devices(struct doctor *doctor);
void doctor_check_drivers(struct doctor *doctor);
void doctor_check_memlock(struct doctor *doctor);
void doctor_check_rdma_limits(struct doctor *doctor);
void doctor_check_netdevs(struct doctor *doctor);
void doctor_check_arp(struct doctor *doctor);
void doctor_check_gids(struct doctor *doctor);
void doctor_check_address(struct doctor *doctor);
void doctor_check_kernel(struct doctor *doctor);
void doctor_check_attempt(struct doctor *doctor);

#endif
