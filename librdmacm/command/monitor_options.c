// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "monitor_options.h"

#define RATE 100
#define INTERVAL 10
#define INTERVAL_MAX 86400

static const char help[] =
	"Usage: rdma-ns monitor [OPTION]... [OBJECT]...\n"
	"\n"
	"Print a line for each change, until it is interrupted.\n"
	"\n"
	"Objects (all without any of them; each may be shortened):\n"
	"  netdevs       netdevs of RDMA devices that come, go, change name, namespace, QPN, state or address\n"
	"  collisions    what \"audit\" calls a collision, as it begins and ends; those that there are at first\n"
	"                are printed as well. This needs -A\n"
	"  resolutions   requests that the extended kernel has resolved, and why some were refused\n"
	"\n"
	"  -A, --all              follow all network namespaces instead of this one\n"
	"  -N, --netns NETNS      only what is about this namespace: a name as lines have it, or an inode\n"
	"  -I, --netdev NETDEV    only what is about netdevs of this name\n"
	"  -a, --address ADDRESS  only what is about this IP address\n"
	"  -v, --verdict VERDICT  only resolutions that ended so: accept, flagged or reject\n"
	"  -c, --count N          end after N lines\n"
	"  -i, --interval N       look for new namespaces at least every N seconds (10)\n"
	"  -r, --rate N           print at most N lines a second about each namespace, and say how many were\n"
	"                         left out (100; 0: print all)\n"
	"  -t, --timestamp        begin each line with the time\n"
	"  -j, --json             print one JSON object a line\n"
	"  -h, --help             print this text\n"
	"\n"
	"The exit status is 0 when it was interrupted, 1 if it failed, and 2 if the usage is wrong.\n";

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'A' },	      { "netns", required_argument, NULL, 'N' },
	{ "netdev", required_argument, NULL, 'I' },   { "address", required_argument, NULL, 'a' },
	{ "verdict", required_argument, NULL, 'v' },
	{ "count", required_argument, NULL, 'c' },    { "interval", required_argument, NULL, 'i' },
	{ "rate", required_argument, NULL, 'r' },     { "timestamp", no_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },	      { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_verdict(struct monitor_filter *filter)
{
	static const struct {
		const char *word;
		enum rdma_ns_verdict verdict;
	} verdicts[] = {
		{ "accept", RDMA_NS_ACCEPT },
		{ "flagged", RDMA_NS_ACCEPT_FLAGGED },
		{ "reject", RDMA_NS_REJECT },
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(optarg, verdicts[i].word))
			continue;
		filter->verdict = (int)verdicts[i].verdict + 1;
		return -1;
	}
	return usage_error("monitor: '%s' after --verdict is not accept, flagged or reject", optarg);
}

static int parse_option(int option, struct monitor_options *options)
{
	switch (option) {
	case 'A':
		options->all = true;
		return -1;
	case 'N':
		options->filter.netns = optarg;
		return -1;
	case 'I':
		options->filter.netdev = optarg;
		return -1;
	case 'a':
		if (address_parse(optarg, &options->filter.address))
			return -1;
		return usage_error("monitor: '%s' after --address is not an IP address", optarg);
	case 'v':
		return parse_verdict(&options->filter);
	case 'c':
		if (parse_number(optarg, UINT32_MAX, &options->count) && options->count)
			return -1;
		return usage_error("monitor: '%s' after --count is not a number from 1 on", optarg);
	case 'i':
		if (parse_number(optarg, INTERVAL_MAX, &options->interval) && options->interval)
			return -1;
		return usage_error("monitor: '%s' after --interval is not a number of seconds from 1 to %d",
				   optarg, INTERVAL_MAX);
	case 'r':
		if (parse_number(optarg, UINT32_MAX, &options->rate))
			return -1;
		return usage_error("monitor: '%s' after --rate is not a number", optarg);
	case 't':
		options->timestamp = true;
		return -1;
	default:
		options->json = true;
		return -1;
	}
}

static int parse_objects(int count, char **words, struct monitor_filter *filter)
{
	const struct {
		const char *name;
		bool *wanted;
	} objects[] = {
		{ "netdevs", &filter->netdevs },
		{ "collisions", &filter->collisions },
		{ "resolutions", &filter->resolutions },
	};

	for (int i = 0; i < count; i++) {
		bool found = false;

		for (size_t j = 0; j < sizeof(objects) / sizeof(objects[0]) && *words[i]; j++) {
			if (strncmp(objects[j].name, words[i], strlen(words[i])))
				continue;
			*objects[j].wanted = found = true;
			break;
		}
		if (!found)
			return usage_error("monitor: '%s' is none of netdevs, collisions and resolutions",
					   words[i]);
	}
	for (size_t j = 0; j < sizeof(objects) / sizeof(objects[0]) && !count; j++)
		*objects[j].wanted = true;
	return -1;
}

int monitor_options_parse(const struct options *general, int count, char **words,
			  struct monitor_options *options)
{
	int option, status = -1;

	*options = (struct monitor_options){ .all = general->all,
					     .json = general->json,
					     .rate = RATE,
					     .interval = INTERVAL };
	optind = 0;
	while (status < 0 && (option = getopt_long(count, words, ":AN:I:a:v:c:i:r:tjh",
						   long_options, NULL)) != -1) {
		if (option == 'h')
			return print(help);
		if (option == '?' || option == ':')
			return bad_option("monitor", long_options, option, words[optind - 1]);
		status = parse_option(option, options);
	}
	if (status < 0)
		status = parse_objects(count - optind, words + optind, &options->filter);
	if (status < 0 && optind < count && options->filter.collisions && !options->all)
		return usage_error("monitor: collisions are between namespaces: -A follows them all");
	return status;
}

bool monitor_wants_netns(const struct monitor_filter *filter, const struct namespace *namespace)
{
	char inode[24];

	if (!filter->netns)
		return true;
	snprintf(inode, sizeof(inode), "%" PRIu64, namespace->inode);
	return !strcmp(filter->netns, namespace->name) || !strcmp(filter->netns, inode) ||
	       (namespace->found_name && !strcmp(filter->netns, namespace->found_name));
}

/* Lines have the escaped name, which a shell's words can hold. */
bool monitor_wants_netdev(const struct monitor_filter *filter, const char *netdev)
{
	char text[SAFE_NAME_MAX];

	return !filter->netdev || !strcmp(filter->netdev, netdev) ||
	       !strcmp(filter->netdev, safe_name(netdev, text));
}

bool monitor_wants_address(const struct monitor_filter *filter, sa_family_t family,
			   const void *bytes)
{
	if (!filter->address.ss_family)
		return true;
	return filter->address.ss_family == family &&
	       !memcmp(address_ip(&filter->address), bytes, family == AF_INET ? 4 : 16);
}
