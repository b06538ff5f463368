/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Where a netdev is that a container was given, and may have moved on. */
#ifndef RDMA_NS_ATTACHMENT_SEARCH_H
#define RDMA_NS_ATTACHMENT_SEARCH_H

#include "attachment_record.h"
#include "namespaces.h"

/*
 * What all searches and looks of a run may take: a netdev has gone if a second search finds no
 * other namespaces than the first one, and either of them may take all the time of a search.
 */
#define RELEASE_LOOK_SECONDS 15
#define RELEASE_SECONDS (2 * SEARCH_SECONDS / HURRY + RELEASE_LOOK_SECONDS)

/*
 * All namespaces, which are searched for when they are needed first. Start with zeros; there is one
 * of these in a run.
 */
struct release_search {
	struct namespaces namespaces;
	bool done;
	int error; /* of the search */
	struct timespec start; /* of the first search */
};

/* Whoever looks again searches again, in the time that is left. */
void release_search_end(struct release_search *search);

#define PLACE_WHY_MAX 400

struct place_found {
	int netns_fd; /* -1: the host */
	bool lost; /* the record's namespace is not kept any more: it may have come from there */
	bool kept; /* in the namespace that is kept for the record, or it may be */
	struct ipoib_netdev netdev;
	char why[PLACE_WHY_MAX]; /* NOT_SEEN: what was in the way, and the remedy */
};

enum location {
	FOUND,
	GONE, /* or where nobody can look */
	DOUBTFUL, /* one with its QPN is there, which may be another one */
	NOT_SEEN, /* some place could not be looked at */
};

/* @kept: the record's namespace, or -1 and the reason in @error. */
enum location record_locate(const struct records *records, const struct record *record, int kept,
			    int error, struct release_search *search, struct place_found *found);

/* Is this child of the host, perhaps, the record's netdev? */
bool record_is_stray(const struct records *records, const struct record *record,
		     const struct ipoib_netdev *netdev);

#endif
