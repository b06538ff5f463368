// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fork_lock.h"
#include "hash_index.h"
#include "id_table.h"

struct entry {
	struct hash_link link;
	struct id_state state;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct hash_index by_id;

__attribute__((constructor)) static void watch_forks(void)
{
	fork_lock(&lock);
}

/* A peer cannot choose where ids are in memory, so no keyed hash is needed. */
static uint32_t hash_of(const struct rdma_cm_id *id)
{
	return (uint32_t)((uint64_t)(uintptr_t)id * 0x9e3779b97f4a7c15 >> 32);
}

static struct entry *find(const struct rdma_cm_id *id)
{
	struct hash_link *link;

	for (link = hash_index_first(&by_id, hash_of(id)); link; link = hash_index_next(link)) {
		struct entry *entry = HASH_OWNER(link, struct entry, link);

		if (entry->state.id == id)
			return entry;
	}
	return NULL;
}

bool id_table_get(const struct rdma_cm_id *id, struct id_state *state)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = find(id);
	if (entry) {
		*state = entry->state;
		/* The namespace exists as long as the entry does. */
		netns_ref(state->netns);
	}
	pthread_mutex_unlock(&lock);
	return entry;
}

void id_state_release(struct id_state *state)
{
	netns_put(state->netns);
	state->netns = NULL;
}

/* If there is an entry already, this is another id at the same address. */
static bool replace(const struct id_state *state, bool anew, struct netns **old)
{
	bool dying;

	struct entry *entry = find(state->id);

	if (!entry)
		return false;
	*old = entry->state.netns;
	dying = !anew && entry->state.dying;
	entry->state = *state;
	entry->state.dying = dying;
	return true;
}

int id_table_set(const struct id_state *state)
{
	struct netns *old = netns_ref(state->netns);
	struct entry *entry = NULL;
	int status = 0;

	pthread_mutex_lock(&lock);
	if (!replace(state, true, &old)) {
		entry = malloc(sizeof(*entry));
		if (entry) {
			entry->state = *state;
			entry->state.dying = false;
		}
		if (!entry || hash_index_add(&by_id, &entry->link, hash_of(state->id))) {
			free(entry);
			status = -1;
		} else {
			old = NULL;
		}
	}
	pthread_mutex_unlock(&lock);
	netns_put(old);
	return status;
}

void id_table_update(const struct id_state *state)
{
	struct netns *old = netns_ref(state->netns);

	pthread_mutex_lock(&lock);
	replace(state, false, &old);
	pthread_mutex_unlock(&lock);
	netns_put(old);
}

void id_table_begin_destroy(const struct rdma_cm_id *id)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = find(id);
	if (entry)
		entry->state.dying = true;
	pthread_mutex_unlock(&lock);
}

void id_table_end_destroy(const struct rdma_cm_id *id, bool alive)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = find(id);
	if (entry && !entry->state.dying)
		entry = NULL;
	if (entry && alive) {
		entry->state.dying = false;
		entry = NULL;
	}
	if (entry)
		hash_index_remove(&by_id, &entry->link);
	pthread_mutex_unlock(&lock);
	if (entry)
		id_state_release(&entry->state);
	free(entry);
}
