/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Take back what containers were given; for those who hold the lock of the records. */
#ifndef RDMA_NS_ATTACHMENT_RELEASE_H
#define RDMA_NS_ATTACHMENT_RELEASE_H

#include "attachment_search.h"

/*
 * The record is cleared in memory, too, but for what could not be taken back. Its file stays if
 * this fails, so that it is tried again.
 */
int record_release(struct records *records, struct record *record, struct release_search *search,
		   struct problem *problem);

/*
 * What could not be taken back is looked for under another key, so that a container of the same ID
 * can have its own one.
 */
int record_set_aside(struct records *records, struct record *record, struct problem *problem);

/*
 * Those of containers that have ended, and those that were never made; of those that could not be
 * taken back before only the ones whose time has come, unless it is to be @all. Returns -1 if one
 * failed; standard error says why.
 */
int records_release_stale(struct records *records, struct release_search *search, bool all);

/*
 * Those whose netdevs are on the host, but for the owner's, unless that is NULL: a container can
 * send its netdev there under any name that is free, by a namespace that it makes and ends. And
 * those of the host's that are missing there, since their names were in use. Returns -1 as above.
 */
int records_release_strays(struct records *records, const char *owner,
			   struct release_search *search);

#endif
