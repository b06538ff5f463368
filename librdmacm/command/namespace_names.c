// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "namespace_names.h"

#define HEX_DIGITS "0123456789abcdef"

/* What a namespace may be called after its container, or is called by ip netns. */
struct claim {
	char text[CONTAINER_NAME_MAX];
	struct namespace *namespace;
	bool is_name;
};

/* "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX" */
static bool is_uuid(const char *name)
{
	static const size_t lengths[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (i && *name++ != '-')
			return false;
		if (strspn(name, HEX_DIGITS) != lengths[i])
			return false;
		name += lengths[i];
	}
	return !*name;
}

/* CRI-O, containerd and podman call files among the names of ip netns so: nobody knows them. */
static bool is_made_up(const char *name)
{
	static const char *const prefixes[] = { "cni-", "netns-", "" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const size_t length = strlen(prefixes[i]);

		if (!strncmp(name, prefixes[i], length) && is_uuid(name + length))
			return true;
	}
	return false;
}

/* Is the leader in it, or does it only hold it, for instance by a descriptor? */
static bool is_led_from_inside(const struct namespace *namespace)
{
	return namespace->named || !strchr(namespace->name, '/');
}

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct claim *)left)->text, ((const struct claim *)right)->text);
}

/* Names that the search has given may be replaced by this, but none that is a person's. */
static int call(struct namespace *namespace, const char *container, bool unique)
{
	char *name;
	int length;

	if (namespace->named && !(unique && is_made_up(namespace->name)))
		return 0;
	if (unique && is_led_from_inside(namespace))
		length = asprintf(&name, "%s", container);
	else
		length = asprintf(&name, "%s/%s", container, namespace->name);
	if (length < 0)
		return -1;
	if (length >= SAFE_NAME_MAX) {
		free(name);
		return 0;
	}
	namespace->found_name = namespace->name;
	namespace->name = name;
	return 0;
}

/* Any of several may be the one that a name does not belong to. */
static int settle(const struct claim *claims, size_t count)
{
	for (size_t i = 0, end; i < count; i = end) {
		size_t inside = 0;

		for (end = i; end < count && !strcmp(claims[end].text, claims[i].text); end++)
			inside += is_led_from_inside(claims[end].namespace);
		for (size_t j = i; j < end; j++) {
			if (!claims[j].is_name &&
			    call(claims[j].namespace, claims[j].text, inside == 1))
				return -1;
		}
	}
	return 0;
}

int namespace_names_settle(struct namespaces *namespaces)
{
	struct claim *claims = calloc(2 * namespaces->count, sizeof(*claims));
	size_t count = 0;
	int result;

	if (!claims)
		return -1;
	for (size_t i = 0; i < namespaces->count; i++) {
		struct namespace *namespace = &namespaces->list[i];

		if (namespace->leader.container.engine) {
			container_name(&namespace->leader.container, claims[count].text);
			claims[count++].namespace = namespace;
		}
		if (namespace->named && strlen(namespace->name) < CONTAINER_NAME_MAX) {
			strcpy(claims[count].text, namespace->name);
			claims[count].is_name = true;
			claims[count++].namespace = namespace;
		}
	}
	qsort(claims, count, sizeof(*claims), compare);
	result = settle(claims, count);
	free(claims);
	return result;
}
