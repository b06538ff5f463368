// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmwho.h"

/* How one attempt went. */
struct outcome {
	bool answered;
	char what[64]; /* the last event's name, or the call that failed */
	int status;    /* the event's, or -errno */
	char name[CMWHO_TEXT_MAX];
	char hex[CMWHO_HEX_MAX];
	size_t data_length;
	struct cmwho_port port;
	int64_t milliseconds;
};

struct answerer {
	char name[CMWHO_TEXT_MAX];
	unsigned int answers;
};

struct summary {
	struct answerer *answerers;
	size_t number;
	unsigned int tried, answered;
};

static int call_failed(struct outcome *outcome, const char *call)
{
	snprintf(outcome->what, sizeof(outcome->what), "%s", call);
	outcome->status = -errno;
	return -1;
}

static void keep_event(struct outcome *outcome, const struct rdma_cm_event *event)
{
	bool has_data = event->event == RDMA_CM_EVENT_ESTABLISHED ||
			event->event == RDMA_CM_EVENT_REJECTED ||
			event->event == RDMA_CM_EVENT_UNREACHABLE;
	const void *data;
	size_t length;

	snprintf(outcome->what, sizeof(outcome->what), "%s", cmwho_event_name(event->event));
	outcome->status = event->status;
	if (!has_data)
		return;
	cmwho_event_data(event, &data, &length);
	cmwho_peer_name(data, length, outcome->name);
	cmwho_hex(data, length, outcome->hex);
	outcome->data_length = length;
}

static int wait_for(struct rdma_event_channel *channel, enum rdma_cm_event_type wanted,
		    int64_t deadline, struct outcome *outcome)
{
	enum rdma_cm_event_type got;
	struct rdma_cm_event *event;

	if (cmwho_next_event(channel, deadline, &event))
		return call_failed(outcome, errno == ETIMEDOUT ? "TIMEOUT" : "rdma_get_cm_event");
	keep_event(outcome, event);
	got = event->event;
	rdma_ack_cm_event(event);
	return got == wanted ? 0 : -1;
}

static int establish(const struct cmwho_options *options, struct rdma_event_channel *channel,
		     struct rdma_cm_id *id, int64_t deadline, struct outcome *outcome)
{
	struct sockaddr *source = (struct sockaddr *)&options->source;
	struct sockaddr *destination = (struct sockaddr *)&options->address;
	int milliseconds = (int)(options->timeout * 1000);
	uint8_t data[CMWHO_DATA_MAX];
	struct rdma_conn_param param = {
		.private_data = data,
		.responder_resources = 1,
		.initiator_depth = 1,
		.retry_count = 7,
		.rnr_retry_count = 7,
	};

	if (rdma_resolve_addr(id, source->sa_family == AF_UNSPEC ? NULL : source, destination,
			      milliseconds))
		return call_failed(outcome, "rdma_resolve_addr");
	if (wait_for(channel, RDMA_CM_EVENT_ADDR_RESOLVED, deadline, outcome))
		return -1;
	if (rdma_resolve_route(id, milliseconds))
		return call_failed(outcome, "rdma_resolve_route");
	if (wait_for(channel, RDMA_CM_EVENT_ROUTE_RESOLVED, deadline, outcome))
		return -1;
	if (cmwho_create_qp(id))
		return call_failed(outcome, "rdma_create_qp");
	param.qp_num = id->qp->qp_num;
	param.private_data_len =
		(uint8_t)cmwho_private_data(options->name, options->data_length, data);
	if (rdma_connect(id, &param))
		return call_failed(outcome, "rdma_connect");
	return wait_for(channel, RDMA_CM_EVENT_ESTABLISHED, deadline, outcome);
}

static void attempt(const struct cmwho_options *options, struct rdma_event_channel *channel,
		    struct outcome *outcome)
{
	int64_t start = cmwho_milliseconds();
	/* Wait a second longer than the kernel does, so that its event tells what did not come. */
	int64_t deadline = start + (options->timeout + 1) * INT64_C(1000);
	struct rdma_cm_id *id;

	memset(outcome, 0, sizeof(*outcome));
	if (rdma_create_id(channel, &id, NULL, options->port_space)) {
		call_failed(outcome, "rdma_create_id");
		return;
	}
	outcome->answered = !establish(options, channel, id, deadline, outcome);
	outcome->milliseconds = cmwho_milliseconds() - start;
	cmwho_describe(id, &outcome->port);
	if (outcome->answered && options->port_space == RDMA_PS_TCP && !rdma_disconnect(id)) {
		struct outcome ignored;

		wait_for(channel, RDMA_CM_EVENT_DISCONNECTED, deadline, &ignored);
	}
	cmwho_destroy(id);
}

static int count(struct summary *summary, const struct outcome *outcome)
{
	struct answerer *grown;

	summary->tried++;
	if (!outcome->answered)
		return 0;
	summary->answered++;
	for (size_t i = 0; i < summary->number; i++) {
		if (!strcmp(summary->answerers[i].name, outcome->name)) {
			summary->answerers[i].answers++;
			return 0;
		}
	}
	grown = realloc(summary->answerers, (summary->number + 1) * sizeof(*grown));
	if (!grown)
		return -1;
	summary->answerers = grown;
	grown += summary->number++;
	strcpy(grown->name, outcome->name);
	grown->answers = 1;
	return 0;
}

static const char *or_unnamed(const char *name)
{
	return *name ? name : "an unnamed listener";
}

static void print_json(const char *address, const struct outcome *outcome)
{
	printf("{\"event\":\"%s\",\"address\":\"%s\",\"name\":",
	       outcome->answered ? "answered" : "failed", address);
	cmwho_json_string(stdout, outcome->name);
	printf(",\"what\":\"%s\",\"status\":%d,\"local\":\"%s\",\"device\":", outcome->what,
	       outcome->status, outcome->port.local);
	cmwho_json_string(stdout, outcome->port.device);
	printf(",\"device_port\":%u,\"milliseconds\":%lld", outcome->port.device_port,
	       (long long)outcome->milliseconds);
	if (outcome->port.pkey)
		printf(",\"pkey\":\"0x%04x\"", outcome->port.pkey);
	printf(",\"private_data_length\":%zu,\"private_data\":\"%s\"}\n", outcome->data_length,
	       outcome->hex);
}

static void print_outcome(const struct cmwho_options *options, const char *address,
			  const struct outcome *outcome)
{
	char text[192];

	if (options->json) {
		print_json(address, outcome);
		return;
	}
	cmwho_status(outcome->what, outcome->status, text, sizeof(text));
	if (outcome->answered)
		printf("%s: answered by %s\n", address, or_unnamed(outcome->name));
	else
		printf("%s: %s%s%s\n", address, text, *outcome->name ? " by " : "", outcome->name);
	if (options->verbose)
		printf("%s: private data received: %zu bytes %s\n", address, outcome->data_length,
		       outcome->hex);
}

static void print_summary(const struct cmwho_options *options, const struct summary *summary)
{
	if (!options->json) {
		for (size_t i = 0; i < summary->number; i++)
			printf("summary: %u of %u answered by %s\n", summary->answerers[i].answers,
			       summary->tried, or_unnamed(summary->answerers[i].name));
		if (summary->answered < summary->tried)
			printf("summary: %u of %u not answered\n",
			       summary->tried - summary->answered, summary->tried);
		return;
	}
	printf("{\"event\":\"summary\",\"tried\":%u,\"answered\":%u,\"by\":{", summary->tried,
	       summary->answered);
	for (size_t i = 0; i < summary->number; i++) {
		printf(i ? "," : "");
		cmwho_json_string(stdout, summary->answerers[i].name);
		printf(":%u", summary->answerers[i].answers);
	}
	printf("}}\n");
}

int cmwho_connect(const struct cmwho_options *options)
{
	struct rdma_event_channel *channel = cmwho_channel();
	struct summary summary = { 0 };
	int status = CMWHO_EXIT_OK;
	char address[CMWHO_ADDRESS_MAX];

	if (!channel)
		return CMWHO_EXIT_FAILED;
	cmwho_address((const struct sockaddr *)&options->address, true, address);
	while (summary.tried < options->count && !ferror(stdout)) {
		struct outcome outcome;

		attempt(options, channel, &outcome);
		if (outcome.status == -EINTR)
			break;
		print_outcome(options, address, &outcome);
		if (count(&summary, &outcome)) {
			perror("cmwho: summary");
			break;
		}
	}
	if (options->count > 1)
		print_summary(options, &summary);
	if (summary.answered < options->count)
		status = CMWHO_EXIT_FAILED;
	free(summary.answerers);
	rdma_destroy_event_channel(channel);
	return status;
}
