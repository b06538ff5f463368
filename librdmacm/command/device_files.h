/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The files in /dev/infiniband by which a program reaches RDMA, and why one cannot be opened. */
#ifndef RDMA_NS_DEVICE_FILES_H
#define RDMA_NS_DEVICE_FILES_H

#include "command.h"

/* A cause is "WHAT: REMEDY", in one line. The first ": " ends what is wrong. */
#define CAUSE_MAX 512

/* Describe why /dev/infiniband/rdma_cm cannot be opened; @error is open(2)'s. */
void cause_of_no_rdma_cm(int error, char text[CAUSE_MAX]);
/* The same on standard error. Returns STATUS_FAILED. */
int tell_no_rdma_cm(const char *command, int error);

#define UVERBS_NAME_MAX 32

struct uverbs_file {
	char name[UVERBS_NAME_MAX];	      /* such as uverbs0 */
	char device[RDMA_NS_DEVICE_NAME_MAX]; /* "?" if sysfs does not tell */
	int error;			      /* why it cannot be opened, or 0 */
};

/* Try each file that there should be; false if the module ib_uverbs is not loaded. */
bool uverbs_files_try(void (*take)(void *context, const struct uverbs_file *file), void *context);
/* Describe why this one cannot be opened. */
void cause_of_uverbs(const struct uverbs_file *file, char text[CAUSE_MAX]);

/*
 * Describe in @text a device file of an RDMA device that cannot be opened; false if there is none.
 */
bool cause_of_nodes(char text[CAUSE_MAX]);

#endif
