// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns cni: a CNI plugin that gives pods IPoIB netdevs, or checks those of other plugins. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "cni_config.h"
#include "cni_ipam.h"
#include "namespaces.h"
#include "netlink.h"
#include "oci_state.h"

static const char help[] =
	"Usage: CNI_COMMAND=ADD|CHECK|DEL|VERSION ... rdma-ns cni\n"
	"\n"
	"Give a pod an IPoIB netdev with addresses that no other network namespace has, or check those\n"
	"that plugins before this one in the chain have given. This is a CNI plugin, of the type\n"
	"\"rdma-ns\", which runtimes call by that name, without the word \"cni\". Variables of the\n"
	"environment say what to do, and the configuration is read from standard input. rdma-ns-cni(8)\n"
	"has examples.\n"
	"\n"
	"  -h, --help    print this text\n"
	"\n"
	"The exit status is 0 on success, and 1 if standard output has an error of CNI; 2 if the usage is\n"
	"wrong.\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct call {
	const char *container, *netns, *netdev;
	struct cni_config config;
	char owner[8 + NETWORK_NAME_MAX + CONTAINER_KEY_MAX];
};

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void print_object(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static int code_of(enum problem_kind kind)
{
	/* The specification's, and from 100 on this plugin's. */
	static const int codes[] = {
		[PROBLEM_INPUT] = 6,	    [PROBLEM_KEY] = 2,	     [PROBLEM_VERSION] = 1,
		[PROBLEM_ENVIRONMENT] = 4,  [PROBLEM_SETTINGS] = 7,  [PROBLEM_CONTAINER] = 3,
		[PROBLEM_TAKEN] = 101,	    [PROBLEM_STATE] = 102,   [PROBLEM_BUSY] = 11,
		[PROBLEM_SYSTEM] = 100,
	};

	return codes[kind];
}

static int print_problem(const char *version, const struct problem *problem)
{
	struct json_object *object = json_object_new_object();
	char *safe = safe_message(problem->text);

	add(object, "cniVersion", json_object_new_string(version));
	add(object, "code", json_object_new_int(code_of(problem->kind)));
	add(object, "msg", json_object_new_string(safe ? safe : strerror(ENOMEM)));
	print_object(object);
	free(safe);
	return failed("cni: %s", problem->text);
}

static int print_versions(void)
{
	static const char *const versions[] = CNI_VERSIONS;
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();

	for (size_t i = 0; versions[i]; i++)
		json_object_array_add(array, json_object_new_string(versions[i]));
	add(object, "cniVersion", json_object_new_string(CNI_VERSION));
	add(object, "supportedVersions", array);
	print_object(object);
	return STATUS_OK;
}

static int get_variable(const char *name, const char **value, struct problem *problem)
{
	*value = getenv(name);
	if (*value && **value)
		return 0;
	return problem_set(problem, PROBLEM_ENVIRONMENT, "%s is not set", name);
}

static int get_variables(struct call *call, bool need_netns, struct problem *problem)
{
	struct problem missing;

	if (get_variable("CNI_CONTAINERID", &call->container, problem) ||
	    get_variable("CNI_IFNAME", &call->netdev, problem) ||
	    (get_variable("CNI_NETNS", &call->netns, &missing) && need_netns &&
	     get_variable("CNI_NETNS", &call->netns, problem)))
		return -1;
	if (!network_is_name(call->container, CONTAINER_KEY_MAX))
		return problem_set(problem, PROBLEM_ENVIRONMENT,
				   "CNI_CONTAINERID is not up to %d letters, digits, '_', '.' and "
				   "'-'",
				   CONTAINER_KEY_MAX - 1);
	if (!network_is_netdev_name(call->netdev))
		return problem_set(problem, PROBLEM_ENVIRONMENT,
				   "CNI_IFNAME '%.64s' cannot be a netdev's name", call->netdev);
	return 0;
}

static struct json_object *text_of(const struct rdma_ns_address *address)
{
	char ip[TEXT_MAX], text[TEXT_MAX + 4];

	snprintf(text, sizeof(text), "%s/%u", ip_text(address->family, address->bytes, ip),
		 address->prefix_length);
	return json_object_new_string(text);
}

/* The member of a result that is an array, which is added if it is missing. */
static struct json_object *array_of(struct json_object *result, const char *key)
{
	struct json_object *array;

	if (json_input_get(result, key, json_type_array, &array) != JSON_MEMBER_FOUND) {
		array = json_object_new_array();
		add(result, key, array);
	}
	return array;
}

/* The gateway that another plugin has given with the address, or NULL. */
static struct json_object *gateway_of(struct json_object *given, size_t index)
{
	struct json_object *ips, *ip = NULL, *gateway;

	if (given && json_input_get(given, "ips", json_type_array, &ips) == JSON_MEMBER_FOUND)
		ip = json_object_array_get_idx(ips, index);
	if (!json_object_is_type(ip, json_type_object))
		return NULL;
	json_input_get(ip, "gateway", json_type_string, &gateway);
	return json_object_get(gateway);
}

static struct json_object *interface_of(const struct call *call, const struct ipoib_netdev *netdev)
{
	struct json_object *object = json_object_new_object();
	char lladdr[3 * NETDEV_LLADDR_MAX];

	for (int i = 0; i < NETDEV_LLADDR_MAX; i++)
		snprintf(lladdr + 3 * i, 4, "%02x%s", netdev->lladdr[i],
			 i + 1 < NETDEV_LLADDR_MAX ? ":" : "");
	add(object, "name", json_object_new_string(call->netdev));
	add(object, "mac", json_object_new_string(lladdr));
	add(object, "sandbox", json_object_new_string(call->netns));
	return object;
}

static void add_routes(struct json_object *result, struct json_object *given)
{
	struct json_object *routes, *list;

	if (json_input_get(given, "routes", json_type_array, &routes) != JSON_MEMBER_FOUND)
		return;
	list = array_of(result, "routes");
	for (size_t i = 0; i < json_object_array_length(routes); i++)
		json_object_array_add(list,
				      json_object_get(json_object_array_get_idx(routes, i)));
}

/* As with CNI's own plugins, that of the configuration counts before that of "ipam". */
static void add_dns(struct json_object *result, struct json_object *own, struct json_object *given)
{
	struct json_object *dns = own;

	if (!own && (!given || json_object_object_get_ex(result, "dns", NULL) ||
		     json_input_get(given, "dns", json_type_object, &dns) != JSON_MEMBER_FOUND))
		return;
	add(result, "dns", json_object_get(dns));
}

/* What comes from plugins before this one stays. @given: by the plugin of "ipam", or NULL. */
static void print_result(const struct call *call, const struct attachment *attachment,
			 struct json_object *given)
{
	struct json_object *result = json_object_get(call->config.previous);
	struct json_object *interfaces, *ips;
	size_t index;

	if (!result)
		result = json_object_new_object();
	interfaces = array_of(result, "interfaces");
	ips = array_of(result, "ips");
	index = json_object_array_length(interfaces);
	json_object_array_add(interfaces, interface_of(call, &attachment->made));
	for (size_t i = 0; i < attachment->addresses_count; i++) {
		const struct rdma_ns_address *address = &attachment->addresses[i];
		struct json_object *ip = json_object_new_object(), *gateway = gateway_of(given, i);

		if (*call->config.version == '0')
			add(ip, "version",
			    json_object_new_string(address->family == AF_INET ? "4" : "6"));
		add(ip, "address", text_of(address));
		if (gateway)
			add(ip, "gateway", gateway);
		add(ip, "interface", json_object_new_int64((int64_t)index));
		json_object_array_add(ips, ip);
	}
	if (given)
		add_routes(result, given);
	add_dns(result, call->config.dns, given);
	add(result, "cniVersion", json_object_new_string(call->config.version));
	print_object(result);
}

static struct attachment_target target_of(const struct call *call)
{
	return (struct attachment_target){ .owner = call->owner,
					   .path = call->netns,
					   .refuse_unseen = call->config.refuse_unseen };
}

/* What the plugin of "ipam" has given. Returns the number of addresses, -1 and the problem. */
static int take_given(struct json_object *given, struct attachment *attachment,
		      struct problem *problem)
{
	const int routes = cni_result_routes(given, attachment->routes, ATTACHMENT_ROUTES_MAX,
					     problem);

	if (routes < 0)
		return -1;
	attachment->routes_count = (size_t)routes;
	return cni_result_addresses(given, NULL, attachment->addresses, ATTACHMENT_ADDRESSES_MAX,
				    problem);
}

/* The addresses that the network's own ranges allow, then those of the plugin that gives them. */
static int get_addresses(struct call *call, struct attachment *attachment,
			 struct json_object **given, struct problem *problem)
{
	const char *ipam = call->config.ipam;
	int count;

	/* The plugin that gives addresses reads what the runtime asks for by itself. */
	if (!*ipam) {
		count = cni_config_addresses(&call->config, attachment->addresses,
					     ATTACHMENT_ADDRESSES_MAX, problem);
	} else {
		if (cni_ipam_run(ipam, "ADD", call->config.object, given, problem))
			return -1;
		count = take_given(*given, attachment, problem);
	}
	attachment->addresses_count = count < 0 ? 0 : (size_t)count;
	return count < 0 ? -1 : 0;
}

static int add_netdev(struct call *call, struct problem *problem)
{
	const struct attachment_target target = target_of(call);
	struct attachment *attachment = calloc(1, sizeof(*attachment));
	struct json_object *given = NULL, *none;
	struct problem other;
	int result = -1;

	if (!attachment)
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	attachment->network = &call->config.network;
	strcpy(attachment->netdev, call->netdev);
	if (!get_addresses(call, attachment, &given, problem))
		result = attachments_make(&target, attachment, 1, problem);
	if (!result)
		print_result(call, attachment, given);
	else if (given && cni_ipam_run(call->config.ipam, "DEL", call->config.object, &none, &other))
		failed("cni: %s", other.text);
	json_object_put(given);
	free(attachment);
	return result;
}

/* Each address that a result says the netdev has must be there. */
static int has_addresses(struct json_object *result, const struct rdma_ns_netdev *netdev,
			 struct problem *problem)
{
	struct rdma_ns_address list[ATTACHMENT_ADDRESSES_MAX];
	const int count = cni_result_addresses(result, netdev->name, list, ATTACHMENT_ADDRESSES_MAX,
					       problem);
	char text[TEXT_MAX];

	for (int i = 0; i < count; i++) {
		if (!addresses_have(netdev->addresses, netdev->addresses_count, &list[i]))
			return problem_set(problem, PROBLEM_STATE,
					   "the netdev '%s' does not have the address %s any more: "
					   "start the container again",
					   netdev->name,
					   ip_text(list[i].family, list[i].bytes, text));
	}
	return count < 0 ? -1 : 0;
}

/*
 * Claim what the result says the netdev has. Anyone in its partition may give it further addresses,
 * by advertising prefixes. Where duplicate detection has not ended, or has found another holder,
 * the audit is all the more needed.
 */
static int claim_given(struct json_object *result, const struct rdma_ns_netdev *netdev,
		       struct attachment *attachment, struct problem *problem)
{
	for (size_t i = 0; i < netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &netdev->addresses[i];
		const size_t count = attachment->addresses_count;

		if (!cni_result_may_give(result, netdev->name, address) ||
		    addresses_have(attachment->addresses, count, address))
			continue;
		if (count == ATTACHMENT_ADDRESSES_MAX)
			return problem_set(problem, PROBLEM_STATE,
					   "plugins have given the netdev '%s' more than %d "
					   "addresses: give it fewer",
					   netdev->name, ATTACHMENT_ADDRESSES_MAX);
		attachment->addresses[count] = *address;
		attachment->addresses[count].unusable = 0;
		attachment->addresses_count++;
	}
	return 0;
}

/* Audit what a netdev of the container has been given. */
static int check_netdev(const struct call *call, uint64_t netns,
			const struct rdma_ns_netdev *netdev, struct problem *problem)
{
	const struct attachment_target target = target_of(call);
	struct attachment *attachment;
	int result;

	if (has_addresses(call->config.previous, netdev, problem))
		return -1;
	attachment = calloc(1, sizeof(*attachment));
	if (!attachment)
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	attachment->place = *netdev;
	attachment->place.ifindex = UINT32_MAX;
	result = claim_given(call->config.previous, netdev, attachment, problem);
	if (!result) {
		records_limit(true);
		result = attachments_audit(&target, NULL, netns, attachment, 1, problem);
		records_limit(false);
	}
	free(attachment);
	return result;
}

static int check_netdevs(const struct call *call, int netns_fd, struct problem *problem)
{
	struct rdma_ns_netdev **netdevs;
	bool found = false;
	int result = 0;

	if (netdevs_of(netns_fd, &netdevs) < 0)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "cannot list the netdevs of %s: %s", call->netns, strerror(errno));
	for (size_t i = 0; !result && netdevs[i]; i++) {
		if (netdevs[i]->transport != RDMA_NS_TRANSPORT_IB ||
		    !cni_result_has_netdev(call->config.previous, netdevs[i]->name))
			continue;
		found = true;
		result = check_netdev(call, netlink_netns_inode(netns_fd), netdevs[i], problem);
	}
	rdma_ns_free_netdevs(netdevs);
	if (result || found)
		return result;
	return problem_set(problem, PROBLEM_STATE,
			   "no plugin before this one has given an IPoIB netdev that is still there: "
			   "put one into the chain, or configure a \"device\"");
}

/* Those that plugins before this one have set do not matter less. */
static int check_routes(const struct call *call, int netns_fd, struct problem *problem)
{
	struct netdev_route list[ATTACHMENT_ROUTES_MAX];
	const int count = cni_result_routes(call->config.previous, list, ATTACHMENT_ROUTES_MAX,
					    problem);
	char text[TEXT_MAX];

	for (int i = 0; i < count; i++) {
		const struct rdma_ns_address *to = &list[i].destination;
		const int found = netdev_route_find(netns_fd, to);

		if (found < 0)
			return problem_set(problem, PROBLEM_SYSTEM,
					   "cannot list the routes of %s: %s", call->netns,
					   strerror(errno));
		if (!found)
			return problem_set(problem, PROBLEM_STATE,
					   "the route to %s/%u has gone: start the container again",
					   ip_text(to->family, to->bytes, text), to->prefix_length);
	}
	return count < 0 ? -1 : 0;
}

/* Of this plugin or of those before it: everything is there, and nobody else has the addresses. */
static int check(const struct call *call, struct problem *problem)
{
	int netns_fd, result;

	if (!call->config.previous)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "there is no \"prevResult\": without a \"device\", this plugin "
				   "checks what those before it have given");
	netns_fd = open(call->netns, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (netns_fd < 0 || !netlink_netns_inode(netns_fd))
		result = problem_set(problem, PROBLEM_CONTAINER, "%s is no network namespace",
				     call->netns);
	else
		result = check_netdevs(call, netns_fd, problem);
	if (!result && !call->config.check_only)
		result = check_routes(call, netns_fd, problem);
	if (netns_fd >= 0)
		close(netns_fd);
	return result;
}

static int command_add(struct call *call, struct problem *problem)
{
	if (!call->config.check_only)
		return add_netdev(call, problem);
	if (check(call, problem))
		return -1;
	print_object(json_object_get(call->config.previous));
	return 0;
}

static int command_check(struct call *call, struct problem *problem)
{
	const struct attachment_target target = target_of(call);
	struct json_object *none;

	if (!call->config.check_only) {
		if (attachments_check(&target, call->netdev, problem))
			return -1;
		if (*call->config.ipam && cni_ipam_run(call->config.ipam, "CHECK",
						       call->config.object, &none, problem))
			return -1;
	}
	return check(call, problem);
}

static int command_del(struct call *call, struct problem *problem)
{
	struct json_object *none;

	if (call->config.check_only)
		return 0;
	/* Another pod may get the address as soon as it is free: the netdev must have lost it. */
	if (attachments_release(call->owner, call->netdev, "call DEL again", problem))
		return -1;
	return *call->config.ipam ?
		       cni_ipam_run(call->config.ipam, "DEL", call->config.object, &none, problem) :
		       0;
}

static const struct cni_command {
	const char *name;
	int (*run)(struct call *call, struct problem *problem);
	bool need_netns;
} commands[] = {
	{ "ADD", command_add, true },
	{ "CHECK", command_check, true },
	{ "DEL", command_del, false },
};

static int run(struct call *call, const struct cni_command *command, struct problem *problem)
{
	struct json_object *object;

	if (get_variables(call, command->need_netns, problem))
		return -1;
	object = json_input_read(STDIN_FILENO, "the configuration", problem);
	if (!object || cni_config_parse(&call->config, object, problem))
		return -1;
	snprintf(call->owner, sizeof(call->owner), "cni:%s:%s", call->config.network.name,
		 call->container);
	return command->run(call, problem);
}

static int run_command(const char *name)
{
	struct call call = { .config = { .version = CNI_VERSION } };
	struct problem problem;
	int status = STATUS_OK;
	size_t i = 0;

	if (!strcmp(name, "VERSION"))
		return print_versions();
	while (i < sizeof(commands) / sizeof(commands[0]) && strcmp(commands[i].name, name) != 0)
		i++;
	if (i == sizeof(commands) / sizeof(commands[0])) {
		problem_set(&problem, PROBLEM_ENVIRONMENT,
			    "CNI_COMMAND '%.32s' is none of ADD, CHECK, DEL and VERSION", name);
		return print_problem(CNI_VERSION, &problem);
	}
	if (run(&call, &commands[i], &problem))
		status = print_problem(call.config.version, &problem);
	cni_config_release(&call.config);
	return status;
}

int command_cni(const struct options *options, int count, char **words)
{
	const char *name = getenv("CNI_COMMAND");
	int option;

	(void)options;
	optind = 0;
	while ((option = getopt_long(count, words, ":h", long_options, NULL)) != -1) {
		if (option == 'h')
			return print(help);
		return bad_option("cni", long_options, option, words[optind - 1]);
	}
	if (optind < count)
		return usage_error("cni: unexpected word '%s'", words[optind]);
	if (!name)
		return usage_error("cni: CNI_COMMAND is not set: a container runtime sets it");
	namespaces_hurry();
	return run_command(name);
}
