/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Why a container was refused, for whoever has to tell it: a line, or a CNI plugin's JSON. */
#ifndef RDMA_NS_PROBLEM_H
#define RDMA_NS_PROBLEM_H

#define PROBLEM_TEXT_MAX 2048

enum problem_kind {
	PROBLEM_INPUT, /* it is not the JSON that it should be */
	PROBLEM_KEY, /* it has a member that is not known */
	PROBLEM_VERSION, /* of CNI */
	PROBLEM_ENVIRONMENT, /* a variable is missing or wrong */
	PROBLEM_SETTINGS, /* what is asked for does not exist or is not allowed */
	PROBLEM_CONTAINER, /* there is no such container */
	PROBLEM_TAKEN, /* another namespace has the address */
	PROBLEM_STATE, /* a netdev or an address is not there, or is not as it was made */
	PROBLEM_BUSY, /* later it may succeed */
	PROBLEM_SYSTEM,
};

struct problem {
	enum problem_kind kind;
	char text[PROBLEM_TEXT_MAX]; /* names the object and the remedy */
};

/* Returns -1. */
__attribute__((format(printf, 3, 4))) int problem_set(struct problem *problem,
						       enum problem_kind kind, const char *format,
						       ...);

#endif
