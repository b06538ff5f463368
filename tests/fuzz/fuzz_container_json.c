// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * JSON as the state of a container, as the file of networks, as a CNI plugin's configuration, and
 * as a record of what a container was given: what is believed is fit for the names of files and
 * netdevs, and for messages.
 */
#include <stdlib.h>
#include <string.h>

#include "attachment_record.h"
#include "cni_config.h"
#include "oci_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct problem *problem)
{
	if (!*problem->text || strlen(problem->text) >= sizeof(problem->text))
		abort();
}

static void check_name(const char *name)
{
	if (!*name || *name == '.' || strpbrk(name, "/: \n\\%"))
		abort();
}

static void check_address(const struct network *network, const char *text)
{
	struct rdma_ns_address address;
	struct problem problem = { 0 };

	if (network_address(network, text, &address, &problem)) {
		check_problem(&problem);
		return;
	}
	if (!network->ranges_count || address.prefix_length > 128 ||
	    (address.family == AF_INET && address.prefix_length > 32))
		abort();
}

/* The annotations ask the networks of the same document for addresses. */
static void check_state(struct json_object *object, const struct networks *networks)
{
	struct problem problem = { 0 };
	struct oci_state state;
	const char *text;

	if (oci_state_parse(&state, json_object_get(object), &problem)) {
		check_problem(&problem);
		return;
	}
	check_name(state.id);
	if (state.pid < 0 || (state.stage == OCI_BEGIN && !state.pid))
		abort();
	for (size_t i = 0; i < networks->count; i++) {
		if (!oci_state_annotation(&state, ANNOTATION_NETWORK, networks->list[i].name, &text,
					  &problem))
			check_address(&networks->list[i], text);
	}
	oci_state_release(&state);
}

static void check_networks(const struct networks *networks)
{
	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->list[i];

		check_name(network->name);
		check_name(network->device);
		if (*network->netdev)
			check_name(network->netdev);
		if (!network->port || (network->pkey && !(network->pkey & 0x7fff)))
			abort();
		for (size_t j = 0; j < network->take_count; j++)
			check_name(network->take[j]);
	}
}

static void check_record(struct json_object *object)
{
	struct record record = { 0 };

	if (!record_parse(&record, object) && (record.identity.qpn > 0xffffff || !record.addresses))
		abort();
	free(record.addresses);
}

static void check_cni(struct json_object *object)
{
	struct rdma_ns_address list[4];
	struct netdev_route routes[4];
	struct problem problem = { 0 };
	struct cni_config config;

	if (cni_config_parse(&config, json_object_get(object), &problem)) {
		check_problem(&problem);
	} else {
		check_name(config.network.name);
		if (*config.ipam)
			check_name(config.ipam);
		if (cni_config_addresses(&config, list, 4, &problem) > 4)
			abort();
		if (config.previous &&
		    cni_result_addresses(config.previous, "ib0", list, 4, &problem) > 0) {
			if (!cni_result_may_give(config.previous, "ib0", &list[0]))
				abort();
			cni_result_has_netdev(config.previous, "ib0");
		}
		if (config.previous && cni_result_routes(config.previous, routes, 4, &problem) > 4)
			abort();
	}
	if (!*config.version)
		abort();
	cni_config_release(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problem problem = { 0 };
	struct json_object *object =
		json_input_parse((const char *)data, size, "the input", &problem);
	struct networks networks;

	if (!object) {
		check_problem(&problem);
		return 0;
	}
	if (networks_parse(&networks, object, "the input", &problem))
		check_problem(&problem);
	check_networks(&networks);
	check_state(object, &networks);
	check_record(object);
	check_cni(object);
	networks_release(&networks);
	json_object_put(object);
	return 0;
}
