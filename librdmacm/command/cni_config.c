// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <string.h>

#include "cni_config.h"

static int parse_version(struct cni_config *config, struct problem *problem)
{
	static const char *const versions[] = CNI_VERSIONS;
	const char *version;

	/* Those of the first version did not say it. */
	if (json_input_text(config->object, "cniVersion", &version) == JSON_MEMBER_ABSENT)
		version = "0.1.0";
	for (size_t i = 0; versions[i]; i++) {
		if (!strcmp(versions[i], version)) {
			config->version = versions[i];
			return 0;
		}
	}
	return problem_set(problem, PROBLEM_VERSION,
			   "\"cniVersion\" '%.32s' is none of 0.3.0, 0.3.1, 0.4.0 and 1.0.0", version);
}

static int parse_ipam(struct cni_config *config, struct problem *problem)
{
	struct json_object *ipam;

	config->ipam = "";
	switch (json_input_get(config->object, "ipam", json_type_object, &ipam)) {
	case JSON_MEMBER_ABSENT:
		return 0;
	case JSON_MEMBER_FOUND:
		/* Some write {} for none. */
		if (!json_object_object_length(ipam) ||
		    (json_input_text(ipam, "type", &config->ipam) == JSON_MEMBER_FOUND &&
		     network_is_name(config->ipam, NETWORK_NAME_MAX)))
			return 0;
		break;
	case JSON_MEMBER_WRONG:
		break;
	}
	config->ipam = "";
	return problem_set(problem, PROBLEM_SETTINGS,
			   "\"ipam\" must be an object with a \"type\", such as \"host-local\"");
}

static int parse_unseen(struct cni_config *config, struct problem *problem)
{
	const char *unseen;

	if (json_input_text(config->object, "unseen", &unseen) == JSON_MEMBER_ABSENT)
		return 0;
	config->refuse_unseen = !strcmp(unseen, "refuse");
	if (config->refuse_unseen || !strcmp(unseen, "warn"))
		return 0;
	return problem_set(problem, PROBLEM_SETTINGS,
			   "\"unseen\" must be \"warn\" or \"refuse\"");
}

/* A misspelt "p_key" would mean another partition. These are CNI's, and what Multus adds. */
static const char *const others[] = {
	"cniVersion", "name",	       "type",	   "args", "ipMasq", "ipam",
	"dns",	      "prevResult",    "unseen",   "runtimeConfig", "capabilities",
	"deviceID",   "pciBusID",      "logLevel", "logFile", NULL,
};

static int parse(struct cni_config *config, struct problem *problem)
{
	struct json_object *member;
	const char *name;

	if (parse_version(config, problem))
		return -1;
	if (json_input_text(config->object, "name", &name) != JSON_MEMBER_FOUND ||
	    !network_is_name(name, NETWORK_NAME_MAX))
		return problem_set(problem, PROBLEM_SETTINGS,
				   "\"name\" must be up to %d letters, digits, '_', '.' and '-'",
				   NETWORK_NAME_MAX - 1);
	strcpy(config->network.name, name);
	if (json_input_get(config->object, "prevResult", json_type_object, &config->previous) ==
	    JSON_MEMBER_WRONG)
		return problem_set(problem, PROBLEM_SETTINGS, "\"prevResult\" must be an object");
	/* Some write {} for none. */
	json_input_get(config->object, "dns", json_type_object, &config->dns);
	if (config->dns && !json_object_object_length(config->dns))
		config->dns = NULL;
	if (parse_ipam(config, problem) || parse_unseen(config, problem))
		return -1;
	config->check_only = !json_object_object_get_ex(config->object, "device", &member);
	if (!config->check_only)
		return network_parse(&config->network, config->object, others,
				     "the configuration", problem);
	name = json_input_unknown(config->object, others);
	if (!name)
		return 0;
	return problem_set(problem, PROBLEM_KEY,
			   "\"%.100s\" needs a \"device\"; without one, this plugin only checks what "
			   "those before it have given",
			   name);
}

int cni_config_parse(struct cni_config *config, struct json_object *object, struct problem *problem)
{
	*config = (struct cni_config){ .object = object, .version = CNI_VERSION, .ipam = "" };
	return parse(config, problem);
}

void cni_config_release(struct cni_config *config)
{
	network_release(&config->network);
	json_object_put(config->object);
	config->object = NULL;
}

static struct json_object *ips_of(struct json_object *object)
{
	struct json_object *ips;

	if (!object)
		return NULL;
	json_input_get(object, "ips", json_type_array, &ips);
	return ips;
}

int cni_config_addresses(const struct cni_config *config, struct rdma_ns_address *list, int room,
			 struct problem *problem)
{
	struct json_object *object, *ips;
	size_t count;

	json_input_get(config->object, "runtimeConfig", json_type_object, &object);
	ips = ips_of(object);
	if (!ips) {
		json_input_get(config->object, "args", json_type_object, &object);
		if (object)
			json_input_get(object, "cni", json_type_object, &object);
		ips = ips_of(object);
	}
	count = ips ? json_object_array_length(ips) : 0;
	if (count > (size_t)room)
		return problem_set(problem, PROBLEM_SETTINGS, "more than %d addresses are asked for",
				   room);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_input_string(json_object_array_get_idx(ips, i));

		if (!text)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "\"ips\" must be an array of addresses");
		if (network_address(&config->network, text, &list[i], problem))
			return -1;
	}
	return (int)count;
}

/* The interfaces are numbered as they stand in the result. */
static bool is_of(struct json_object *result, struct json_object *ip, const char *netdev)
{
	struct json_object *number, *interfaces, *interface;
	const char *name;
	int64_t index;

	if (!netdev)
		return true;
	json_input_get(result, "interfaces", json_type_array, &interfaces);
	json_input_get(ip, "interface", json_type_int, &number);
	index = number ? json_object_get_int64(number) : -1;
	if (!interfaces || index < 0 || (size_t)index >= json_object_array_length(interfaces))
		return false;
	interface = json_object_array_get_idx(interfaces, (size_t)index);
	return json_object_is_type(interface, json_type_object) &&
	       json_input_text(interface, "name", &name) == JSON_MEMBER_FOUND &&
	       !strcmp(name, netdev);
}

int cni_result_addresses(struct json_object *result, const char *netdev,
			 struct rdma_ns_address *list, int room, struct problem *problem)
{
	struct json_object *ips = ips_of(result);
	const size_t length = ips ? json_object_array_length(ips) : 0;
	int count = 0;

	for (size_t i = 0; i < length; i++) {
		struct json_object *ip = json_object_array_get_idx(ips, i);
		const char *text;

		if (!json_object_is_type(ip, json_type_object) ||
		    json_input_text(ip, "address", &text) != JSON_MEMBER_FOUND || count == room ||
		    !network_parse_address(text, &list[count]))
			return problem_set(problem, PROBLEM_SETTINGS,
					   "the result of a plugin has more than %d addresses, or "
					   "one that is none",
					   room);
		if (is_of(result, ip, netdev))
			count++;
	}
	return count;
}

bool cni_result_may_give(struct json_object *result, const char *netdev,
			 const struct rdma_ns_address *address)
{
	struct json_object *ips = ips_of(result), *number;
	const size_t length = ips ? json_object_array_length(ips) : 0;
	struct rdma_ns_address given;
	const char *text;

	for (size_t i = 0; i < length; i++) {
		struct json_object *ip = json_object_array_get_idx(ips, i);

		if (!json_object_is_type(ip, json_type_object) ||
		    json_input_text(ip, "address", &text) != JSON_MEMBER_FOUND ||
		    !network_parse_address(text, &given) || !addresses_have(&given, 1, address))
			continue;
		json_input_get(ip, "interface", json_type_int, &number);
		if (!number || is_of(result, ip, netdev))
			return true;
	}
	return false;
}

static bool parse_gateway(struct json_object *object, const char *key, struct netdev_route *route)
{
	const char *text;

	switch (json_input_text(object, key, &text)) {
	case JSON_MEMBER_ABSENT:
		return true;
	case JSON_MEMBER_FOUND:
		route->has_gateway =
			inet_pton(route->destination.family, text, route->gateway) == 1;
		return route->has_gateway;
	case JSON_MEMBER_WRONG:
		break;
	}
	return false;
}

/* The gateway of the first address that is of the route's family. */
static void add_gateway(struct json_object *ips, struct netdev_route *route)
{
	const size_t length = ips ? json_object_array_length(ips) : 0;
	struct rdma_ns_address address;
	const char *text;

	for (size_t i = 0; i < length && !route->has_gateway; i++) {
		struct json_object *ip = json_object_array_get_idx(ips, i);

		if (json_object_is_type(ip, json_type_object) &&
		    json_input_text(ip, "address", &text) == JSON_MEMBER_FOUND &&
		    network_parse_address(text, &address) &&
		    address.family == route->destination.family)
			(void)parse_gateway(ip, "gateway", route);
	}
}

int cni_result_routes(struct json_object *result, struct netdev_route *list, int room,
		      struct problem *problem)
{
	struct json_object *routes;
	size_t length;

	json_input_get(result, "routes", json_type_array, &routes);
	length = routes ? json_object_array_length(routes) : 0;
	for (size_t i = 0; i < length; i++) {
		struct json_object *route = json_object_array_get_idx(routes, i);
		const char *text;

		if (i < (size_t)room)
			memset(&list[i], 0, sizeof(list[i]));
		if (i >= (size_t)room || !json_object_is_type(route, json_type_object) ||
		    json_input_text(route, "dst", &text) != JSON_MEMBER_FOUND ||
		    !network_parse_range(text, &list[i].destination) ||
		    !parse_gateway(route, "gw", &list[i]))
			return problem_set(problem, PROBLEM_SETTINGS,
					   "the result of a plugin has more than %d routes, or one "
					   "that is none",
					   room);
		add_gateway(ips_of(result), &list[i]);
	}
	return (int)length;
}

bool cni_result_has_netdev(struct json_object *result, const char *netdev)
{
	struct json_object *interfaces;
	size_t count;

	json_input_get(result, "interfaces", json_type_array, &interfaces);
	count = interfaces ? json_object_array_length(interfaces) : 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *interface = json_object_array_get_idx(interfaces, i);
		const char *name, *sandbox;

		if (json_object_is_type(interface, json_type_object) &&
		    json_input_text(interface, "name", &name) == JSON_MEMBER_FOUND &&
		    json_input_text(interface, "sandbox", &sandbox) == JSON_MEMBER_FOUND &&
		    *sandbox && !strcmp(name, netdev))
			return true;
	}
	return false;
}
