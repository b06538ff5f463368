/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * An index of objects by hash. Objects hold a link for each index that they are in, several objects
 * may have the same key (uthash requires unique keys), and the caller compares keys.
 */
#ifndef RDMA_NS_HASH_INDEX_H
#define RDMA_NS_HASH_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct hash_link {
	struct hash_link *next, **at; /* at: what points here */
	uint32_t hash;
};

struct hash_index {
	struct hash_link **buckets;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

#define HASH_OWNER(link, type, member) ((type *)((char *)(link) - offsetof(type, member)))

/*
 * A tenant chooses the addresses and names that are hashed. The key is random, and the function is
 * SipHash-2-4, so that nobody can choose very many with the same hash.
 */
uint32_t hash_bytes(const void *bytes, size_t length);
/* The same with a given key, for tests. */
uint64_t hash_keyed(const uint64_t key[2], const void *bytes, size_t length);

/* Only the first object can fail, with -1 and ENOMEM; later, the index just does not grow. */
int hash_index_add(struct hash_index *index, struct hash_link *link, uint32_t hash);
void hash_index_remove(struct hash_index *index, struct hash_link *link);

/* The objects with this hash, newest first. */
struct hash_link *hash_index_first(const struct hash_index *index, uint32_t hash);
struct hash_link *hash_index_next(const struct hash_link *link);

void hash_index_release(struct hash_index *index);

#endif
