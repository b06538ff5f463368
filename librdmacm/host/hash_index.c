// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "hash_index.h"

#define ROUNDS_PER_WORD 2
#define ROUNDS_AT_END 4

static uint64_t process_key[2];

static uint64_t rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void take_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, ROUNDS_PER_WORD);
	v[0] ^= word;
}

static uint64_t little_endian(const uint8_t *bytes, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, bytes, length);
	return le64toh(word);
}

uint64_t hash_keyed(const uint64_t key[2], const void *bytes, size_t length)
{
	uint64_t v[4] = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
			  key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 };
	const uint8_t *byte = bytes;
	size_t left = length;

	for (; left >= 8; left -= 8, byte += 8)
		take_word(v, little_endian(byte, 8));
	take_word(v, little_endian(byte, left) | (uint64_t)length << 56);
	v[2] ^= 0xff;
	mix(v, ROUNDS_AT_END);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Without random numbers, a fixed key must do. */
static void choose_key(void)
{
	if (getrandom(process_key, sizeof(process_key), GRND_NONBLOCK) != sizeof(process_key))
		memset(process_key, 0x5a, sizeof(process_key));
}

uint32_t hash_bytes(const void *bytes, size_t length)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, choose_key);
	return (uint32_t)hash_keyed(process_key, bytes, length);
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
