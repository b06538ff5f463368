// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns hook: an OCI runtime's hook that gives containers IPoIB netdevs and takes them back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "attachment.h"
#include "namespaces.h"
#include "oci_state.h"

#define ATTACHMENTS_MAX 16

static const char help[] =
	"Usage: rdma-ns hook [OPTION]...\n"
	"       rdma-ns hook --release-ended\n"
	"\n"
	"Give a container IPoIB netdevs with addresses that no other network namespace has, or refuse\n"
	"to start it. This is a hook for OCI runtimes (crun, runc, podman), for the stages createRuntime\n"
	"and poststop; the state of the container is read from standard input. Annotations of the\n"
	"container ask for netdevs; the file of networks says what they may ask for.\n"
	"\n"
	"  org.rdma-ns.network.NETWORK=[ADDRESS[/LENGTH][,ADDRESS[/LENGTH]]...]\n"
	"                            a netdev in this network, with these addresses\n"
	"  org.rdma-ns.netdev.NETWORK=NETDEV   its name in the container\n"
	"\n"
	"  -c, --config FILE         the networks (/etc/rdma-ns/networks.json)\n"
	"  -n, --network NETWORK[=ADDRESS[,ADDRESS]...]\n"
	"                            a netdev that no annotation asks for; repeatable\n"
	"  -l, --log FILE            append what standard error says to this file, too\n"
	"  -r, --release-ended       read no state: take back what containers have that have ended, and\n"
	"                            name those that have not\n"
	"  -h, --help                print this text\n"
	"\n"
	"What standard error says is also sent to the system's log, since crun shows it to nobody.\n"
	"The exit status is 0 on success, also if the container asks for nothing, 1 if it was refused or\n"
	"something could not be removed, and 2 if the usage is wrong. rdma-ns-hook(8) has examples.\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "log", required_argument, NULL, 'l' },
	{ "network", required_argument, NULL, 'n' },
	{ "release-ended", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct hook {
	const char *config;
	struct networks networks;
	const char *wanted[ATTACHMENTS_MAX]; /* of the command line */
	size_t wanted_count;
	bool release_ended;
	struct attachment *list;
	size_t count;
};

static int add_addresses(struct attachment *attachment, const char *text, struct problem *problem)
{
	char copy[INET6_ADDRSTRLEN + 8];

	while (*text) {
		const size_t length = strcspn(text, ",");

		if (attachment->addresses_count == ATTACHMENT_ADDRESSES_MAX)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "network '%s': more than %d addresses",
					   attachment->network->name, ATTACHMENT_ADDRESSES_MAX);
		/* What is cut off is too long for an address. */
		snprintf(copy, sizeof(copy), "%.*s", (int)(length < sizeof(copy) ? length : 100),
			 text);
		if (network_address(attachment->network, copy,
				    &attachment->addresses[attachment->addresses_count], problem))
			return -1;
		attachment->addresses_count++;
		text += length;
		if (*text == ',' && !*++text)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "network '%s': an address is missing after ','",
					   attachment->network->name);
	}
	return 0;
}

static int name_netdev(const struct hook *hook, struct attachment *attachment,
		       const struct oci_state *state, struct problem *problem)
{
	const char *name;

	if (oci_state_annotation(state, ANNOTATION_NETDEV, attachment->network->name, &name,
				 problem))
		return -1;
	if (!*name)
		name = *attachment->network->netdev ? attachment->network->netdev :
						      attachment->network->name;
	if (!network_is_netdev_name(name))
		return problem_set(problem, PROBLEM_SETTINGS,
				   "'%.64s' cannot be a netdev's name: ask for another one by the "
				   "annotation " ANNOTATION_NETDEV "%s",
				   name, attachment->network->name);
	for (size_t i = 0; i < hook->count; i++) {
		if (!strcmp(hook->list[i].netdev, name))
			return problem_set(problem, PROBLEM_SETTINGS,
					   "two netdevs would be called '%s': ask for another name "
					   "by the annotation " ANNOTATION_NETDEV "%s",
					   name, attachment->network->name);
	}
	strcpy(attachment->netdev, name);
	return 0;
}

static int add_network(struct hook *hook, const struct oci_state *state, const char *name,
		       const char *addresses, struct problem *problem)
{
	struct attachment *attachment = &hook->list[hook->count];

	if (hook->count == ATTACHMENTS_MAX)
		return problem_set(problem, PROBLEM_SETTINGS, "more than %d networks",
				   ATTACHMENTS_MAX);
	attachment->network = networks_find(&hook->networks, name);
	if (!attachment->network)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "there is no network '%.64s': ask for another one, or add it to "
				   "%s",
				   name, hook->config);
	for (size_t i = 0; i < hook->count; i++) {
		if (hook->list[i].network == attachment->network)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "the network '%s' is asked for twice", name);
	}
	if (name_netdev(hook, attachment, state, problem) ||
	    add_addresses(attachment, addresses, problem))
		return -1;
	hook->count++;
	return 0;
}

static int add_wanted(struct hook *hook, const struct oci_state *state, const char *wanted,
		      struct problem *problem)
{
	const size_t length = strcspn(wanted, "=");
	char name[NETWORK_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%.*s", (int)(length < sizeof(name) ? length : sizeof(name)),
		 wanted);
	return add_network(hook, state, name, wanted + length + (wanted[length] == '='), problem);
}

static int add_annotated(struct hook *hook, const struct oci_state *state, struct problem *problem)
{
	const size_t length = strlen(ANNOTATION_NETWORK);

	json_object_object_foreach(state->annotations, key, value)
	{
		const char *text = json_input_string(value);

		if (strncmp(key, ANNOTATION_NETWORK, length) != 0)
			continue;
		if (!text)
			return problem_set(problem, PROBLEM_INPUT,
					   "the annotation %.100s is not a text", key);
		if (add_network(hook, state, key + length, text, problem))
			return -1;
	}
	return 0;
}

static bool wants_nothing(const struct hook *hook, const struct oci_state *state)
{
	if (hook->wanted_count)
		return false;
	if (!state->annotations)
		return true;
	json_object_object_foreach(state->annotations, key, value)
	{
		(void)value;
		if (!strncmp(key, ANNOTATION_NETWORK, strlen(ANNOTATION_NETWORK)))
			return false;
	}
	return true;
}

static int begin(struct hook *hook, const struct oci_state *state, const char *owner,
		 struct problem *problem)
{
	struct attachment_target target = { .owner = owner };
	char path[64];

	if (wants_nothing(hook, state))
		return 0;
	if (networks_read(&hook->networks, hook->config, problem))
		return -1;
	hook->list = calloc(ATTACHMENTS_MAX, sizeof(*hook->list));
	if (!hook->list)
		return problem_set(problem, PROBLEM_SYSTEM, "there is no memory left");
	for (size_t i = 0; i < hook->wanted_count; i++) {
		if (add_wanted(hook, state, hook->wanted[i], problem))
			return -1;
	}
	if (state->annotations && add_annotated(hook, state, problem))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", state->pid);
	target.path = path;
	target.refuse_unseen = hook->networks.refuse_unseen;
	return attachments_make(&target, hook->list, hook->count, problem);
}

static int run(struct hook *hook, struct problem *problem)
{
	struct json_object *object = json_input_read(STDIN_FILENO, "the state", problem);
	char owner[8 + CONTAINER_KEY_MAX];
	struct oci_state state;
	int result;

	if (!object || oci_state_parse(&state, object, problem))
		return -1;
	snprintf(owner, sizeof(owner), "hook:%s", state.id);
	if (state.stage == OCI_BEGIN)
		result = begin(hook, &state, owner, problem);
	else if (state.stage == OCI_END)
		result = attachments_release(
			owner, NULL,
			"call 'rdma-ns hook --release-ended', which takes back what this one had",
			problem);
	else
		result = problem_set(problem, PROBLEM_INPUT,
				     "the container is running already: configure this hook for "
				     "createRuntime and poststop alone");
	oci_state_release(&state);
	return result;
}

static const char *log_file;

static void log_error(const char *message)
{
	FILE *file = log_file ? fopen(log_file, "ae") : NULL;
	const time_t now = time(NULL);
	char text[32] = "";
	struct tm parts;

	syslog(LOG_ERR, "%s", message);
	if (!file)
		return;
	if (gmtime_r(&now, &parts))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	fprintf(file, "%s rdma-ns: %s\n", text, message);
	fclose(file);
}

int command_hook(const struct options *options, int count, char **words)
{
	struct hook hook = { .config = NETWORKS_DEFAULT_FILE };
	struct problem problem;
	int option, result, status;

	(void)options;
	optind = 0;
	while ((option = getopt_long(count, words, ":c:l:n:rh", long_options, NULL)) != -1) {
		if (option == 'h')
			return print(help);
		if (option == 'c')
			hook.config = optarg;
		else if (option == 'l')
			log_file = optarg;
		else if (option == 'r')
			hook.release_ended = true;
		else if (option == 'n' && hook.wanted_count < ATTACHMENTS_MAX)
			hook.wanted[hook.wanted_count++] = optarg;
		else if (option == 'n')
			return usage_error("hook: more than %d networks", ATTACHMENTS_MAX);
		else
			return bad_option("hook", long_options, option, words[optind - 1]);
	}
	if (optind < count)
		return usage_error("hook: unexpected word '%s'", words[optind]);
	openlog("rdma-ns", LOG_PID, LOG_DAEMON);
	set_error_copy(log_error);
	namespaces_hurry();
	result = hook.release_ended ? attachments_release_ended(&problem) : run(&hook, &problem);
	status = result ? failed("hook: %s", problem.text) : STATUS_OK;
	set_error_copy(NULL);
	free(hook.list);
	networks_release(&hook.networks);
	return status;
}
