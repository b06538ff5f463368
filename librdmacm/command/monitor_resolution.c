// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cma_ns_words.h"
#include "monitor_resolution.h"

/* In the kernel's words; those that only the kernel tells apart come last. */
enum { MALFORMED = RDMA_USER_CM_NS_REASON_LAST + 1, NOT_TAKEN };
#define CMA_NS_REFUSAL_MALFORMED MALFORMED
#define CMA_NS_REFUSAL_NOT_TAKEN NOT_TAKEN
#define WORD(value, text) [value] = text,
static const char *const policies[] = { CMA_NS_POLICY_WORDS(WORD, WORD) };
static const char *const deciders[] = { CMA_NS_DECIDED_BY_WORDS(WORD, WORD) };
static const char *const routes[] = { CMA_NS_ROUTE_WORDS(WORD, WORD) };
static const char *const rules[] = { CMA_NS_RULE_WORDS(WORD, WORD) };
static const char *const refusals[] = { CMA_NS_REFUSAL_WORDS(WORD, WORD) };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One that a later kernel has added is shown as a number, and is none of these. */
static bool find_word(const char *word, const char *const *words, size_t count, int *value)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i] && !strcmp(words[i], word)) {
			*value = (int)i;
			return true;
		}
	}
	return false;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && !*end && *number <= max;
}

/* "10.0.0.5:7471" or "[fd00::5]:7471"; anything else is not known. */
static void read_end(char *text, struct sockaddr_storage *address)
{
	char *colon = strrchr(text, ':'), *host = text;
	uint64_t port;

	if (!colon || !read_number(colon + 1, 65535, &port))
		return;
	*colon = '\0';
	if (*host == '[' && colon[-1] == ']') {
		host++;
		colon[-1] = '\0';
	}
	if (address_parse(host, address))
		address_set_port(address, (unsigned int)port);
	else
		address->ss_family = AF_UNSPEC;
}

static bool read_device(char *text, struct monitor_resolution *resolution)
{
	char *slash = strrchr(text, '/');
	uint64_t port;

	if (!slash || !read_number(slash + 1, UINT32_MAX, &port) ||
	    (size_t)(slash - text) >= sizeof(resolution->device))
		return false;
	memcpy(resolution->device, text, (size_t)(slash - text));
	resolution->port = (uint32_t)port;
	return true;
}

static const char *reason_str(int reason)
{
	switch (reason) {
	case RDMA_NS_REASON_NONE:
		return "";
	case MALFORMED:
		return "not a request of RDMA CM";
	case NOT_TAKEN:
		return "the listener has gone or is full";
	default:
		return rdma_ns_reason_str((enum rdma_ns_reason)reason);
	}
}

/* What a line must have, as bits. */
enum { ROUTE = 1, POLICY = 2, REASON = 4, REFUSAL = 8, ALL = 15 };

struct parse {
	struct monitor_resolution *resolution;
	int reason, refusal;
	unsigned int found;
};

/* Returns false if the value makes no sense. A key that is not known is passed over. */
static bool read_value(struct parse *parse, const char *key, char *value)
{
	struct monitor_resolution *to = parse->resolution;
	const struct {
		const char *key;
		uint32_t *number;
	} numbers[] = {
		{ "pkey", &to->pkey },		  { "wanted_qpn", &to->wanted_qpn },
		{ "peer_qpn", &to->peer_qpn },	  { "candidates", &to->candidates },
		{ "ifindex", &to->ifindex },	  { "handling", &to->handling_ifindex },
	};
	uint64_t number;
	int word;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (strcmp(key, numbers[i].key))
			continue;
		if (!read_number(value, UINT32_MAX, &number))
			return false;
		*numbers[i].number = (uint32_t)number;
		return true;
	}
	if (!strcmp(key, "netns"))
		return read_number(value, UINT64_MAX, &to->netns);
	if (!strcmp(key, "source")) {
		read_end(value, &to->peer);
	} else if (!strcmp(key, "destination")) {
		read_end(value, &to->local);
	} else if (!strcmp(key, "error")) {
		if (!read_number(value + (*value == '-'), INT_MAX, &number))
			return false;
		to->route_error = *value == '-' ? -(int32_t)number : (int32_t)number;
	} else if (!strcmp(key, "decided_by") &&
		   find_word(value, deciders, COUNT(deciders), &word)) {
		to->decided_by = (enum rdma_ns_decided_by)word;
	} else if (!strcmp(key, "route") && find_word(value, routes, COUNT(routes), &word)) {
		to->route = (enum rdma_ns_route)word;
		parse->found |= ROUTE;
	} else if (!strcmp(key, "rule") && find_word(value, rules, COUNT(rules), &word)) {
		to->rule = (enum rdma_ns_rule)word;
	} else if (!strcmp(key, "policy") && find_word(value, policies, COUNT(policies), &word)) {
		to->policy = (enum rdma_ns_policy)word;
		parse->found |= POLICY;
	} else if (!strcmp(key, "reason") &&
		   find_word(value, refusals, COUNT(refusals), &parse->reason)) {
		parse->found |= REASON;
	} else if (!strcmp(key, "refusal") &&
		   find_word(value, refusals, COUNT(refusals), &parse->refusal)) {
		parse->found |= REFUSAL;
	}
	return true;
}

bool monitor_resolution_parse(char *line, struct monitor_resolution *resolution)
{
	static const char event[] = "cma_ns_resolve: ";
	struct parse parse = { .resolution = resolution };
	char *word, *rest;

	memset(resolution, 0, sizeof(*resolution));
	line = strstr(line, event);
	if (!line)
		return false;
	word = strtok_r(line + strlen(event), " \n", &rest);
	if (!word || !read_device(word, resolution))
		return false;
	while ((word = strtok_r(NULL, " \n", &rest))) {
		char *value = strchr(word, '=');

		if (!value)
			return false;
		*value++ = '\0';
		if (!read_value(&parse, word, value))
			return false;
	}
	if (parse.found != ALL)
		return false;
	if (parse.refusal)
		resolution->verdict = RDMA_NS_REJECT;
	else if (parse.reason)
		resolution->verdict = RDMA_NS_ACCEPT_FLAGGED;
	resolution->reason = reason_str(parse.refusal ? parse.refusal : parse.reason);
	return true;
}

uint64_t monitor_resolution_lost(const char *line)
{
	uint64_t lost;
	unsigned int cpu;

	return sscanf(line, "CPU:%u [LOST %" SCNu64 " EVENTS]", &cpu, &lost) == 2 ? lost : 0;
}
