// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * The words of "rdma-ns resolve", each on a line of its own, and after an empty line what the
 * library answers: its numbers, then names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "capture.h"
#include "command.h"
#include "text_check.h"

#define WORDS_MAX 200

/* Of the answer, as the input has it. */
struct answer {
	uint8_t error, verdict, reason, policy, decided_by, route, rule, decider;
	uint8_t transport, route_errno, listener, vlan, ifindex, handling, qpn, candidates;
	char name[RDMA_NS_NETDEV_NAME_MAX], handling_name[RDMA_NS_NETDEV_NAME_MAX];
	char device[RDMA_NS_DEVICE_NAME_MAX];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct answer answer;

static void check(const struct rdma_ns_request *request)
{
	if (request->size != sizeof(*request) || !address_ip(&request->destination) ||
	    request->source.ss_family != request->destination.ss_family ||
	    !address_port(&request->destination) || !*request->device ||
	    !memchr(request->device, '\0', sizeof(request->device)) || !request->port ||
	    !(request->pkey & 0x7fff) || request->qpn > 0xfffffe || request->vlan > 4094 ||
	    request->policy > RDMA_NS_POLICY_LAST)
		abort();
	for (size_t i = 0; i < request->listeners_count; i++) {
		if (!address_ip(&request->listeners[i].address) ||
		    address_port(&request->listeners[i].address) !=
			    address_port(&request->destination))
			abort();
	}
}

/* In the place of the library's. */
int rdma_ns_resolve(const struct rdma_ns_request *request, struct rdma_ns_resolution *resolution,
		    size_t size)
{
	struct rdma_ns_ingress *ingress = &resolution->ingress;

	check(request);
	if (answer.error) {
		errno = answer.error;
		return -1;
	}
	memset(resolution, 0, size);
	resolution->verdict = answer.verdict;
	resolution->reason = answer.reason;
	resolution->policy = answer.policy;
	resolution->listener = (int8_t)answer.listener;
	ingress->decided_by = answer.decided_by;
	ingress->route = answer.route;
	ingress->rule = answer.rule;
	ingress->decider = answer.decider;
	ingress->transport = answer.transport;
	ingress->route_errno = answer.route_errno;
	ingress->vlan = answer.vlan;
	ingress->ifindex = answer.ifindex;
	ingress->handling_ifindex = answer.handling;
	ingress->local_qpn = ingress->wanted_qpn = answer.qpn;
	ingress->candidates = answer.candidates;
	memcpy(ingress->name, answer.name, sizeof(answer.name) - 1);
	memcpy(ingress->handling_name, answer.handling_name, sizeof(answer.handling_name) - 1);
	memcpy(ingress->device, answer.device, sizeof(answer.device) - 1);
	return 0;
}

static void run(bool json, int count, char **words)
{
	const struct options options = { .json = json };
	struct capture capture;
	int status;

	capture_begin(&capture);
	status = command_resolve(&options, count, words);
	capture_end(&capture);
	if (json && capture.output_length)
		check_json(capture.output, capture.output_length);
	/* Either there is an answer or an error, and that is one line. */
	if (status == STATUS_UNSEEN || !!capture.error_length == !!capture.output_length ||
	    (status == STATUS_USAGE && !capture.error_length))
		abort();
	if (capture.error_length &&
	    strchr(capture.error, '\n') != capture.error + capture.error_length - 1)
		abort();
	capture_release(&capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *words[WORDS_MAX], *rest = text;
	size_t left;
	int count = 0;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	while (rest && count < WORDS_MAX && *rest != '\n')
		words[count++] = strsep(&rest, "\n");
	memset(&answer, 0, sizeof(answer));
	left = rest && *rest == '\n' ? size - (size_t)(rest + 1 - text) : 0;
	if (left)
		memcpy(&answer, rest + 1, left < sizeof(answer) ? left : sizeof(answer));
	run(true, count, words);
	run(false, count, words);
	free(text);
	return 0;
}
