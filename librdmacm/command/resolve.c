// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns resolve: the three steps for a request given on the command line. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "output.h"
#include "report.h"

#define LISTENERS_MAX 64

struct parsed {
	struct rdma_ns_request request;
	struct rdma_ns_listener listeners[LISTENERS_MAX];
	uint32_t port, source_port;
	bool has_source, has_device;
};

enum {
	LOCAL, PEER, DEVICE, PORT, TRANSPORT, NETNS_INODE, NETDEV, IFINDEX, DECIDED_BY, CANDIDATES,
	P_KEY, VLAN, QPN, WANTED_QPN, ROUTE, ROUTE_ERROR, HANDLING, HANDLING_IFINDEX, RULE,
	LISTENER_NUMBER, POLICY, VERDICT, REASON, DECIDER,
};

/* The keys are the same as in the preload library's log. */
static const struct output_column columns[] = {
	[LOCAL] = { "local", OUTPUT_TEXT },
	[PEER] = { "peer", OUTPUT_TEXT },
	[DEVICE] = { "device", OUTPUT_TEXT },
	[PORT] = { "port", OUTPUT_NUMBER },
	[TRANSPORT] = { "transport", OUTPUT_TEXT },
	[NETNS_INODE] = { "netns_inode", OUTPUT_NUMBER },
	[NETDEV] = { "netdev", OUTPUT_TEXT },
	[IFINDEX] = { "ifindex", OUTPUT_NUMBER },
	[DECIDED_BY] = { "decided_by", OUTPUT_TEXT },
	[CANDIDATES] = { "candidates", OUTPUT_NUMBER },
	[P_KEY] = { "p_key", OUTPUT_TEXT },
	[VLAN] = { "vlan", OUTPUT_NUMBER },
	[QPN] = { "qpn", OUTPUT_TEXT },
	[WANTED_QPN] = { "wanted_qpn", OUTPUT_TEXT },
	[ROUTE] = { "route", OUTPUT_TEXT },
	[ROUTE_ERROR] = { "route_error", OUTPUT_TEXT },
	[HANDLING] = { "handling", OUTPUT_TEXT },
	[HANDLING_IFINDEX] = { "handling_ifindex", OUTPUT_NUMBER },
	[RULE] = { "rule", OUTPUT_TEXT },
	[LISTENER_NUMBER] = { "listener_number", OUTPUT_NUMBER },
	[POLICY] = { "policy", OUTPUT_TEXT },
	[VERDICT] = { "verdict", OUTPUT_TEXT },
	[REASON] = { "reason", OUTPUT_TEXT },
	[DECIDER] = { "decider", OUTPUT_TEXT },
};

static bool parse_port_space(const char *text, enum rdma_port_space *port_space)
{
	if (!strcmp(text, "tcp"))
		*port_space = RDMA_PS_TCP;
	else if (!strcmp(text, "udp"))
		*port_space = RDMA_PS_UDP;
	else
		return false;
	return true;
}

/* Parse ADDRESS or "any"; with %NETDEV, the listener is bound to that netdev. */
static bool parse_listener(struct parsed *parsed, const char *text)
{
	struct rdma_ns_listener *listener = &parsed->listeners[parsed->request.listeners_count];
	const char *netdev = strchr(text, '%');
	char address[INET6_ADDRSTRLEN];
	size_t length = netdev ? (size_t)(netdev - text) : strlen(text);

	if (parsed->request.listeners_count == LISTENERS_MAX || length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!strcmp(address, "any"))
		strcpy(address, "::");
	if (!address_parse(address, &listener->address))
		return false;
	if (netdev)
		listener->ifindex = if_nametoindex(netdev + 1);
	parsed->request.listeners_count++;
	return !netdev || listener->ifindex;
}

/* Parse a keyword and its value. */
static int parse_pair(struct parsed *parsed, const char *word, const char *value)
{
	struct rdma_ns_request *request = &parsed->request;
	uint32_t number = 0;
	bool good = false;

	if (!strcmp(word, "from")) {
		good = parsed->has_source = address_parse(value, &request->source);
	} else if (!strcmp(word, "dev")) {
		good = parsed->has_device = parse_device(value, request->device, &request->port);
		if (!request->port)
			request->port = 1;
	} else if (!strcmp(word, "pkey")) {
		good = parse_number(value, 0xffff, &number) && (number & 0x7fff);
		request->pkey = (uint16_t)number;
	} else if (!strcmp(word, "qpn")) {
		good = parse_number(value, 0xfffffe, &request->qpn) && request->qpn > 1;
		request->flags |= RDMA_NS_REQUEST_QPN;
	} else if (!strcmp(word, "gid")) {
		good = inet_pton(AF_INET6, value, request->gid.raw) == 1;
		request->flags |= RDMA_NS_REQUEST_GID;
	} else if (!strcmp(word, "vlan")) {
		good = parse_number(value, 4094, &number);
		request->vlan = (uint16_t)number;
		request->flags |= RDMA_NS_REQUEST_VLAN;
	} else if (!strcmp(word, "port")) {
		good = parse_number(value, 65535, &parsed->port) && parsed->port;
	} else if (!strcmp(word, "sport")) {
		good = parse_number(value, 65535, &parsed->source_port) && parsed->source_port;
	} else if (!strcmp(word, "ps")) {
		good = parse_port_space(value, &request->port_space);
	} else if (!strcmp(word, "policy")) {
		good = !rdma_ns_policy_parse(value, &request->policy);
	} else if (!strcmp(word, "listener")) {
		good = parse_listener(parsed, value);
	} else {
		return usage_error("resolve: unknown word '%s'", word);
	}
	return good ? STATUS_OK : usage_error("resolve: bad value '%s' after '%s'", value, word);
}

static int parse(int count, char **words, struct parsed *parsed)
{
	struct rdma_ns_request *request = &parsed->request;
	int status;

	request->size = sizeof(*request);
	request->pkey = 0xffff;
	request->port_space = RDMA_PS_TCP;
	parsed->port = DEFAULT_PORT;
	if (!count)
		return usage_error("resolve: no destination ADDRESS");
	if (!address_parse(words[0], &request->destination))
		return usage_error(
			"resolve: '%s' is not an IP address, or its %%NETDEV is not in this "
			"namespace",
			words[0]);
	for (int i = 1; i < count; i += 2) {
		if (i + 1 == count)
			return usage_error("resolve: '%s' needs a value", words[i]);
		status = parse_pair(parsed, words[i], words[i + 1]);
		if (status)
			return status;
	}
	if (!parsed->has_source)
		return usage_error("resolve: from ADDRESS is missing");
	if (!parsed->has_device)
		return usage_error("resolve: dev DEVICE[/PORT] is missing");
	if (request->source.ss_family != request->destination.ss_family)
		return usage_error("resolve: one address is IPv4, the other IPv6");
	address_set_port(&request->destination, parsed->port);
	address_set_port(&request->source, parsed->source_port);
	for (size_t i = 0; i < request->listeners_count; i++) {
		address_set_port(&parsed->listeners[i].address, parsed->port);
		parsed->listeners[i].port_space = request->port_space;
	}
	if (request->listeners_count) {
		request->listeners = parsed->listeners;
		request->listener_size = sizeof(parsed->listeners[0]);
	}
	return STATUS_OK;
}

static int print_json(const struct options *options, const struct rdma_ns_request *request,
		      const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;
	struct output output;
	char text[REPORT_MAX];

	output_begin(&output, options, "resolve", columns, sizeof(columns) / sizeof(columns[0]));
	output_line(&output);
	output_cell(&output, LOCAL, "%s", report_address(&request->destination, text));
	output_cell(&output, PEER, "%s", report_address(&request->source, text));
	output_name(&output, DEVICE, ingress->device);
	output_cell(&output, PORT, "%u", ingress->port);
	output_cell(&output, TRANSPORT, "%s", rdma_ns_transport_str(ingress->transport));
	output_cell(&output, NETNS_INODE, "%llu", (unsigned long long)ingress->netns);
	output_cell(&output, DECIDED_BY, "%s", rdma_ns_decided_by_str(ingress->decided_by));
	output_cell(&output, CANDIDATES, "%u", ingress->candidates);
	if (ingress->ifindex) {
		output_name(&output, NETDEV, ingress->name);
		output_cell(&output, IFINDEX, "%u", ingress->ifindex);
	}
	if (ingress->transport == RDMA_NS_TRANSPORT_IB)
		output_cell(&output, P_KEY, "0x%04x", ingress->pkey);
	if (ingress->vlan)
		output_cell(&output, VLAN, "%u", ingress->vlan);
	if (ingress->local_qpn)
		output_cell(&output, QPN, "0x%06x", ingress->local_qpn);
	if (ingress->wanted_qpn)
		output_cell(&output, WANTED_QPN, "0x%06x", ingress->wanted_qpn);
	output_cell(&output, ROUTE, "%s", rdma_ns_route_str(ingress->route));
	if (ingress->route_errno)
		output_cell(&output, ROUTE_ERROR, "%s", strerror(ingress->route_errno));
	if (ingress->handling_ifindex) {
		output_name(&output, HANDLING, ingress->handling_name);
		output_cell(&output, HANDLING_IFINDEX, "%u", ingress->handling_ifindex);
	}
	output_cell(&output, RULE, "%s", rdma_ns_rule_str(ingress->rule));
	if (resolution->listener >= 0)
		output_cell(&output, LISTENER_NUMBER, "%d", resolution->listener + 1);
	output_cell(&output, POLICY, "%s", rdma_ns_policy_str(resolution->policy));
	output_cell(&output, VERDICT, "%s", rdma_ns_verdict_str(resolution->verdict));
	if (resolution->reason)
		output_cell(&output, REASON, "%s", rdma_ns_reason_str(resolution->reason));
	output_cell(&output, DECIDER, "%s", rdma_ns_decider_str(ingress->decider));
	return output_end(&output);
}

static int print_words(const struct rdma_ns_request *request,
		       const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;
	char text[SAFE_NAME_MAX];

	printf("ingress:  ");
	if (ingress->ifindex)
		printf("%s (ifindex %u)", safe_name(ingress->name, text), ingress->ifindex);
	else
		printf("no netdev");
	printf(" of %s/%u", safe_name(ingress->device, text), ingress->port);
	if (ingress->transport == RDMA_NS_TRANSPORT_IB)
		printf(", P_Key 0x%04x", ingress->pkey);
	if (ingress->local_qpn)
		printf(", QPN 0x%06x", ingress->local_qpn);
	if (ingress->vlan)
		printf(", VLAN %u", ingress->vlan);
	printf("; decided by: %s; candidates: %u\n", rdma_ns_decided_by_str(ingress->decided_by),
	       ingress->candidates);
	printf("route:    %s", rdma_ns_route_str(ingress->route));
	if (ingress->route_errno)
		printf(" (%s)", strerror(ingress->route_errno));
	if (ingress->handling_ifindex)
		printf("; %s (ifindex %u) handles %s", safe_name(ingress->handling_name, text),
		       ingress->handling_ifindex,
		       ip_text(request->destination.ss_family, address_ip(&request->destination),
			       (char[TEXT_MAX]){ 0 }));
	printf("\nlistener: %s", rdma_ns_rule_str(ingress->rule));
	if (resolution->listener >= 0)
		printf(" (number %d)", resolution->listener + 1);
	printf("\nverdict:  %s", rdma_ns_verdict_str(resolution->verdict));
	if (resolution->reason)
		printf(": %s", rdma_ns_reason_str(resolution->reason));
	printf(" (policy %s)\n", rdma_ns_policy_str(resolution->policy));
	if (fflush(stdout))
		return failed("cannot write to standard output: %s", strerror(errno));
	return STATUS_OK;
}

int command_resolve(const struct options *options, int count, char **words)
{
	struct rdma_ns_resolution resolution;
	struct parsed parsed = { 0 };
	int status = parse(count, words, &parsed);

	if (status)
		return status;
	if (rdma_ns_resolve(&parsed.request, &resolution, sizeof(resolution))) {
		if (errno == ENODEV)
			return failed(
				"resolve: no RDMA device with port %s/%u in this namespace: 'rdma "
				"link' lists them",
				parsed.request.device, parsed.request.port);
		return failed("resolve: cannot resolve: %s", error_text(errno));
	}
	if (options->json)
		status = print_json(options, &parsed.request, &resolution);
	else
		status = print_words(&parsed.request, &resolution);
	if (status)
		return status;
	return resolution.verdict == RDMA_NS_REJECT ? STATUS_FAILED : STATUS_OK;
}
