// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>

#include "hash_index.h"

/* FNV-1a, with a final mix because only the low bits choose the bucket. */
uint32_t hash_bytes(const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ byte[i]) * 16777619u;
	hash ^= hash >> 15;
	return hash * 2246822519u ^ hash >> 13;
}

static void put(struct hash_link **buckets, size_t size, struct hash_link *link)
{
	struct hash_link **bucket = &buckets[link->hash & (size - 1)];

	link->next = *bucket;
	if (link->next)
		link->next->at = &link->next;
	link->at = bucket;
	*bucket = link;
}

static int grow(struct hash_index *index)
{
	size_t size = index->size ? 2 * index->size : 64;
	struct hash_link **buckets = calloc(size, sizeof(*buckets));

	if (!buckets)
		return -1;
	for (size_t i = 0; i < index->size; i++) {
		struct hash_link *link, *next;

		for (link = index->buckets[i]; link; link = next) {
			next = link->next;
			put(buckets, size, link);
		}
	}
	free(index->buckets);
	index->buckets = buckets;
	index->size = size;
	return 0;
}

int hash_index_add(struct hash_index *index, struct hash_link *link, uint32_t hash)
{
	if (index->count >= index->size && grow(index) && !index->size)
		return -1;
	link->hash = hash;
	put(index->buckets, index->size, link);
	index->count++;
	return 0;
}

void hash_index_remove(struct hash_index *index, struct hash_link *link)
{
	*link->at = link->next;
	if (link->next)
		link->next->at = link->at;
	index->count--;
}

struct hash_link *hash_index_first(const struct hash_index *index, uint32_t hash)
{
	struct hash_link *link;

	if (!index->size)
		return NULL;
	link = index->buckets[hash & (index->size - 1)];
	while (link && link->hash != hash)
		link = link->next;
	return link;
}

struct hash_link *hash_index_next(const struct hash_link *link)
{
	uint32_t hash = link->hash;

	do
		link = link->next;
	while (link && link->hash != hash);
	return (struct hash_link *)link;
}

void hash_index_release(struct hash_index *index)
{
	free(index->buckets);
	index->buckets = NULL;
	index->size = index->count = 0;
}
