// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Runs a table of cases on two ports. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pair.h"

struct node nodes[2] = { { .device = "sib0", .port = 1 }, { .device = "sib1", .port = 1 } };
const char *skip_reason;

void complain(const char *file, int line, const char *format, ...)
{
	const char *slash = strrchr(file, '/');
	va_list args;

	printf("# %s:%d: ", slash ? slash + 1 : file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

static int open_node(struct node *node)
{
	struct ibv_port_attr attr;
	struct ibv_device **list;
	int count, i, flags;

	list = ibv_get_device_list(&count);
	for (i = 0; list && i < count; i++)
		if (!strcmp(ibv_get_device_name(list[i]), node->device))
			node->context = ibv_open_device(list[i]);
	ibv_free_device_list(list);
	if (!node->context) {
		fprintf(stderr, "there is no device %s: 'vm/fabric up' first\n", node->device);
		return -1;
	}
	flags = fcntl(node->context->async_fd, F_GETFL);
	if (ibv_query_port(node->context, node->port, &attr) ||
	    ibv_query_gid(node->context, node->port, 0, &node->gid) ||
	    fcntl(node->context->async_fd, F_SETFL, flags | O_NONBLOCK)) {
		fprintf(stderr, "%s has no port %d\n", node->device, node->port);
		return -1;
	}
	if (attr.state != IBV_PORT_ACTIVE) {
		fprintf(stderr, "%s port %d is not ACTIVE\n", node->device, node->port);
		return -1;
	}
	node->lid = attr.lid;
	node->mtu = 128 << attr.active_mtu;
	return 0;
}

/* "sib0:1" */
static int parse_node(struct node *node, char *text)
{
	char *colon = strchr(text, ':');
	char *end = "";

	if (colon) {
		*colon = 0;
		node->port = (int)strtol(colon + 1, &end, 10);
	}
	node->device = text;
	return !*text || *end || node->port < 1 ? -1 : 0;
}

static void run_case(const struct test_case *test, int *failures)
{
	double started = now_ms();
	int result;

	drain_events(&nodes[0]);
	drain_events(&nodes[1]);
	skip_reason = "it does not say why";
	result = test->run(test->argument);
	pairs_free();
	if (result == SKIP)
		printf("skip - %s (%s)\n", test->name, skip_reason);
	else if (result)
		printf("not ok - %s (%.0f ms)\n", test->name, now_ms() - started);
	else
		printf("ok - %s (%.0f ms)\n", test->name, now_ms() - started);
	fflush(stdout);
	*failures += result < 0;
}

static void usage(FILE *to, const char *program)
{
	fprintf(to,
		"Usage: %s [OPTION]... [PATTERN]\n"
		"Verbs between two ports of sib; \"ok - CASE\" or \"not ok - CASE\" for each case.\n"
		"PATTERN: only cases whose name has this extended regular expression in it.\n\n"
		"  -a, --from DEVICE[:PORT]   one end (sib0:1)\n"
		"  -b, --to DEVICE[:PORT]     the other end (sib1:1)\n"
		"  -l, --list                 print the cases' names\n"
		"  -h, --help\n\n"
		"Exit status: 0 all passed, 1 something failed, 2 usage.\n",
		program);
}

int verbs_main(int argc, char **argv, const struct test_case *cases, size_t count)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'a' },
		{ "to", required_argument, NULL, 'b' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *program = argv[0];
	const char *pattern = "";
	int option, failures = 0, ran = 0;
	bool list = false;
	regex_t regex;
	size_t i;

	while ((option = getopt_long(argc, argv, "a:b:lh", options, NULL)) != -1) {
		switch (option) {
		case 'a':
		case 'b':
			if (!parse_node(&nodes[option - 'a'], optarg))
				break;
			fprintf(stderr, "%s: '%s' is no DEVICE:PORT\n", program, optarg);
			return 2;
		case 'l':
			list = true;
			break;
		case 'h':
			usage(stdout, program);
			return 0;
		default:
			usage(stderr, program);
			return 2;
		}
	}
	if (optind < argc)
		pattern = argv[optind++];
	if (optind < argc || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) {
		usage(stderr, program);
		return 2;
	}
	if (!list && (open_node(&nodes[0]) || open_node(&nodes[1])))
		return 1;
	for (i = 0; i < count; i++) {
		if (regexec(&regex, cases[i].name, 0, NULL, 0))
			continue;
		ran++;
		if (list)
			printf("%s\n", cases[i].name);
		else
			run_case(&cases[i], &failures);
	}
	regfree(&regex);
	if (!ran) {
		fprintf(stderr, "%s: no case is called '%s'\n", program, pattern);
		return 2;
	}
	for (i = 0; !list && i < 2; i++)
		ibv_close_device(nodes[i].context);
	return failures != 0;
}
