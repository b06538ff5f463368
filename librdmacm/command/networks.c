// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "networks.h"

#define PKEY_NUMBER 0x7fff

bool network_is_name(const char *text, size_t room)
{
	size_t length = 0;

	for (; text[length]; length++) {
		if (!isascii(text[length]) ||
		    (!isalnum((unsigned char)text[length]) && !strchr("_.-", text[length])))
			return false;
	}
	return length && length < room && isalnum((unsigned char)text[0]);
}

/* The folders "all" and "default" of sysctl are no netdevs. */
bool network_is_netdev_name(const char *text)
{
	return network_is_name(text, NETDEV_NAME_MAX) && strcmp(text, "all") != 0 &&
	       strcmp(text, "default") != 0 && strcmp(text, "lo") != 0;
}

static bool parse_prefix(const char *text, bool need_length, struct rdma_ns_address *address)
{
	const char *slash = strchr(text, '/');
	const size_t length = slash ? (size_t)(slash - text) : strlen(text);
	char copy[INET6_ADDRSTRLEN];
	uint32_t bits;

	memset(address, 0, sizeof(*address));
	if (length >= sizeof(copy) || (need_length && !slash))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (inet_pton(AF_INET, copy, address->bytes) == 1)
		address->family = AF_INET;
	else if (inet_pton(AF_INET6, copy, address->bytes) == 1)
		address->family = AF_INET6;
	else
		return false;
	bits = address->family == AF_INET ? 32 : 128;
	if (slash && !parse_number(slash + 1, bits, &bits))
		return false;
	address->prefix_length = (uint8_t)bits;
	return true;
}

/* Not the wildcard, loopback, link-local or multicast; IPv4 addresses are written as such. */
static bool is_host(const struct rdma_ns_address *address)
{
	struct in6_addr ip;

	if (address->family == AF_INET)
		return address->bytes[0] && address->bytes[0] != 127 && address->bytes[0] < 224;
	memcpy(&ip, address->bytes, sizeof(ip));
	return !IN6_IS_ADDR_UNSPECIFIED(&ip) && !IN6_IS_ADDR_LOOPBACK(&ip) &&
	       !IN6_IS_ADDR_MULTICAST(&ip) && !IN6_IS_ADDR_V4MAPPED(&ip) &&
	       !IN6_IS_ADDR_LINKLOCAL(&ip);
}

bool network_parse_address(const char *text, struct rdma_ns_address *address)
{
	return parse_prefix(text, true, address) && is_host(address);
}

bool addresses_have(const struct rdma_ns_address *list, size_t count,
		    const struct rdma_ns_address *address)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].family == address->family &&
		    !memcmp(list[i].bytes, address->bytes, sizeof(address->bytes)))
			return true;
	}
	return false;
}

bool network_parse_range(const char *text, struct rdma_ns_address *range)
{
	return parse_prefix(text, true, range);
}

static bool is_in(const struct rdma_ns_address *range, const struct rdma_ns_address *address)
{
	const size_t bytes = range->prefix_length / 8, bits = range->prefix_length % 8;

	if (range->family != address->family || memcmp(range->bytes, address->bytes, bytes))
		return false;
	return !bits || !((range->bytes[bytes] ^ address->bytes[bytes]) >> (8 - bits));
}

int network_address(const struct network *network, const char *text,
		    struct rdma_ns_address *address, struct problem *problem)
{
	const bool has_length = strchr(text, '/');

	if (!parse_prefix(text, false, address) || !is_host(address))
		return problem_set(problem, PROBLEM_SETTINGS,
				   "'%.100s' is not ADDRESS or ADDRESS/LENGTH of a host", text);
	for (size_t i = 0; i < network->ranges_count; i++) {
		const struct rdma_ns_address *range = &network->ranges[i];

		if (!is_in(range, address))
			continue;
		if (!has_length || address->prefix_length < range->prefix_length)
			address->prefix_length = range->prefix_length;
		return 0;
	}
	return problem_set(problem, PROBLEM_SETTINGS,
			   "network '%s' does not allow the address %s: ask for another one, or "
			   "add it to the network's \"addresses\"",
			   network->name, text);
}

static int wrong(struct problem *problem, const char *what, const char *key, const char *expected)
{
	return problem_set(problem, PROBLEM_SETTINGS, "%s: \"%s\" must be %s", what, key, expected);
}

/* A number, or a text such as "0x8001". */
static int parse_pkey(struct network *network, struct json_object *object, const char *what,
		      struct problem *problem)
{
	struct json_object *member;
	uint32_t number = 0;
	bool good;

	if (!json_object_object_get_ex(object, "p_key", &member) || !member)
		return 0;
	if (json_object_is_type(member, json_type_int)) {
		const int64_t value = json_object_get_int64(member);

		good = value > 0 && value <= UINT16_MAX;
		number = (uint32_t)value;
	} else {
		good = json_input_string(member) &&
		       parse_number(json_input_string(member), UINT16_MAX, &number);
	}
	/* The kernel's IPoIB always joins as a full member. */
	network->pkey = (uint16_t)(number | (PKEY_NUMBER + 1));
	if (!good || !(number & PKEY_NUMBER))
		return wrong(problem, what, "p_key", "a P_Key such as \"0x8001\"");
	return 0;
}

static int parse_device_port(struct network *network, struct json_object *object, const char *what,
			     struct problem *problem)
{
	const char *text;

	if (json_input_text(object, "device", &text) != JSON_MEMBER_FOUND ||
	    !parse_device(text, network->device, &network->port) ||
	    !network_is_name(network->device, sizeof(network->device)))
		return wrong(problem, what, "device", "DEVICE or DEVICE/PORT, such as \"mlx5_0\"");
	if (!network->port)
		network->port = 1;
	return 0;
}

static int parse_array(struct json_object *object, const char *key, size_t size, void **list,
		       size_t *count, struct json_object **array)
{
	enum json_member result = json_input_get(object, key, json_type_array, array);

	if (result != JSON_MEMBER_FOUND)
		return result == JSON_MEMBER_ABSENT ? 0 : -1;
	*count = json_object_array_length(*array);
	*list = calloc(*count ? *count : 1, size);
	return *list ? 0 : -1;
}

static int parse_ranges(struct network *network, struct json_object *object, const char *what,
			struct problem *problem)
{
	static const char expected[] = "an array of ranges such as \"10.0.0.0/24\"";
	struct json_object *array;
	void *list = NULL;

	if (parse_array(object, "addresses", sizeof(*network->ranges), &list,
			&network->ranges_count, &array))
		return wrong(problem, what, "addresses", expected);
	network->ranges = list;
	for (size_t i = 0; i < network->ranges_count; i++) {
		const char *text = json_input_string(json_object_array_get_idx(array, i));

		if (!text || !network_parse_range(text, &network->ranges[i]))
			return wrong(problem, what, "addresses", expected);
	}
	return 0;
}

static int parse_take(struct network *network, struct json_object *object, const char *what,
		      struct problem *problem)
{
	static const char expected[] = "an array of the host's IPoIB children";
	struct json_object *array;
	void *list = NULL;

	if (parse_array(object, "take", sizeof(*network->take), &list, &network->take_count,
			&array))
		return wrong(problem, what, "take", expected);
	network->take = list;
	for (size_t i = 0; i < network->take_count; i++) {
		const char *text = json_input_string(json_object_array_get_idx(array, i));

		if (!text || !network_is_netdev_name(text))
			return wrong(problem, what, "take", expected);
		strcpy(network->take[i], text);
	}
	return 0;
}

static int unknown(struct json_object *object, const char *const *keys, const char *const *more,
		   const char *what, struct problem *problem)
{
	const char *all[64];
	const char *key;
	size_t count = 0;

	while (*keys)
		all[count++] = *keys++;
	while (*more)
		all[count++] = *more++;
	all[count] = NULL;
	key = json_input_unknown(object, all);
	if (!key)
		return 0;
	return problem_set(problem, PROBLEM_KEY, "%s: unknown key \"%.100s\"", what, key);
}

int network_parse(struct network *network, struct json_object *object, const char *const *more,
		  const char *what, struct problem *problem)
{
	static const char *const keys[] = { "device", "p_key", "netdev", "addresses", "take",
					    NULL };
	const char *netdev;

	if (unknown(object, keys, more, what, problem) ||
	    parse_device_port(network, object, what, problem) ||
	    parse_pkey(network, object, what, problem) ||
	    parse_ranges(network, object, what, problem) ||
	    parse_take(network, object, what, problem))
		return -1;
	if (json_input_text(object, "netdev", &netdev) != JSON_MEMBER_ABSENT &&
	    !network_is_netdev_name(netdev))
		return wrong(problem, what, "netdev", "the name of a netdev");
	strcpy(network->netdev, netdev);
	return 0;
}

static int parse_named(struct networks *networks, struct json_object *object, const char *path,
		       struct problem *problem)
{
	static const char *const more[] = { "name", NULL };
	struct network *network = &networks->list[networks->count];
	char what[256];
	const char *name;

	snprintf(what, sizeof(what), "%s: network %zu", path, networks->count + 1);
	if (!json_object_is_type(object, json_type_object))
		return problem_set(problem, PROBLEM_SETTINGS, "%s is not a JSON object", what);
	if (json_input_text(object, "name", &name) != JSON_MEMBER_FOUND ||
	    !network_is_name(name, NETWORK_NAME_MAX))
		return wrong(problem, what, "name",
			     "a name of letters, digits, '_', '.' and '-'");
	if (networks_find(networks, name))
		return problem_set(problem, PROBLEM_SETTINGS,
				   "%s: there are two networks with the name '%s'", path, name);
	strcpy(network->name, name);
	networks->count++;
	return network_parse(network, object, more, what, problem);
}

static int parse_all(struct networks *networks, struct json_object *object, const char *path,
		     struct problem *problem)
{
	static const char *const keys[] = { "networks", "unseen", NULL }, *const none[] = { NULL };
	struct json_object *array;
	const char *unseen;
	size_t count;

	if (unknown(object, keys, none, path, problem))
		return -1;
	if (json_input_text(object, "unseen", &unseen) != JSON_MEMBER_ABSENT &&
	    strcmp(unseen, "refuse") != 0 && strcmp(unseen, "warn") != 0)
		return wrong(problem, path, "unseen", "\"warn\" or \"refuse\"");
	networks->refuse_unseen = !strcmp(unseen, "refuse");
	if (json_input_get(object, "networks", json_type_array, &array) != JSON_MEMBER_FOUND)
		return wrong(problem, path, "networks", "an array of objects");
	count = json_object_array_length(array);
	networks->list = calloc(count ? count : 1, sizeof(*networks->list));
	if (!networks->list)
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < count; i++) {
		if (parse_named(networks, json_object_array_get_idx(array, i), path, problem))
			return -1;
	}
	return 0;
}

int networks_parse(struct networks *networks, struct json_object *object, const char *path,
		   struct problem *problem)
{
	memset(networks, 0, sizeof(*networks));
	if (!parse_all(networks, object, path, problem))
		return 0;
	networks_release(networks);
	return -1;
}

int networks_read(struct networks *networks, const char *path, struct problem *problem)
{
	struct json_object *object = json_input_read_trusted(path, problem);
	int result = object ? networks_parse(networks, object, path, problem) : -1;

	json_object_put(object);
	return result;
}

void network_release(struct network *network)
{
	free(network->ranges);
	free(network->take);
	network->ranges = NULL;
	network->take = NULL;
}

void networks_release(struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++)
		network_release(&networks->list[i]);
	free(networks->list);
	memset(networks, 0, sizeof(*networks));
}

const struct network *networks_find(const struct networks *networks, const char *name)
{
	for (size_t i = 0; i < networks->count; i++) {
		if (!strcmp(networks->list[i].name, name))
			return &networks->list[i];
	}
	return NULL;
}
