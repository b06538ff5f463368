// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "report.h"
#include "safe_name.h"

struct line {
	char *text;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	const size_t left = REPORT_MAX - line->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->text + line->length, left, format, arguments);
	va_end(arguments);
	if (length > 0)
		line->length += (size_t)length < left ? (size_t)length : left - 1;
}

static const char *port_space_str(enum rdma_port_space port_space)
{
	switch (port_space) {
	case RDMA_PS_TCP:
		return "tcp";
	case RDMA_PS_UDP:
		return "udp";
	case RDMA_PS_IPOIB:
		return "ipoib";
	case RDMA_PS_IB:
		return "ib";
	default:
		return "unknown";
	}
}

static void add_address(struct line *line, const struct sockaddr_storage *address)
{
	char text[ADDRESS_TEXT_MAX];

	add(line, "%s", address_text(address, text));
}

static void add_name(struct line *line, const char *name)
{
	char text[SAFE_NAME_MAX];

	add(line, "%s", safe_name(name, text));
}

/* A value that is not known, or has not come about, is null. */
static void add_json_text(struct line *line, const char *key, const char *text)
{
	if (text && *text)
		add(line, ",\"%s\":\"%s\"", key, text);
	else
		add(line, ",\"%s\":null", key);
}

static void add_json_name(struct line *line, const char *key, const char *name)
{
	char safe[SAFE_NAME_MAX], text[2 * SAFE_NAME_MAX], *end = text;

	for (const char *c = safe_name(name, safe); *c; *end++ = *c++) {
		if (*c == '"' || *c == '\\')
			*end++ = '\\';
	}
	*end = '\0';
	add_json_text(line, key, text);
}

static void add_json_number(struct line *line, const char *key, uint64_t number)
{
	if (number)
		add(line, ",\"%s\":%" PRIu64, key, number);
	else
		add(line, ",\"%s\":null", key);
}

static void add_json_qpn(struct line *line, const char *key, uint32_t qpn)
{
	char text[16] = "";

	if (qpn)
		snprintf(text, sizeof(text), "0x%06x", qpn);
	add_json_text(line, key, text);
}

static const char *reason_or_none(enum rdma_ns_reason reason)
{
	return reason == RDMA_NS_REASON_NONE ? NULL : rdma_ns_reason_str(reason);
}

static void add_time(struct line *line, const struct timespec *time)
{
	struct tm parts;
	char text[32];

	gmtime_r(&time->tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	add(line, "%s.%03ldZ", text, time->tv_nsec / 1000000);
}

/* Add what the three steps found, and the verdict. */
static void add_resolution(struct line *line, const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;

	add(line, "%s", rdma_ns_verdict_str(resolution->verdict));
	if (resolution->reason != RDMA_NS_REASON_NONE)
		add(line, " (%s)", rdma_ns_reason_str(resolution->reason));
	add(line, " under %s; ingress ", rdma_ns_policy_str(resolution->policy));
	add_name(line, *ingress->name ? ingress->name : "unknown");
	add(line, " on ");
	add_name(line, ingress->device);
	add(line, " port %u", ingress->port);
	if (ingress->transport == RDMA_NS_TRANSPORT_IB)
		add(line, " P_Key 0x%04x", ingress->pkey);
	if (ingress->local_qpn)
		add(line, " QPN 0x%06x", ingress->local_qpn);
	if (ingress->vlan)
		add(line, " VLAN %u", ingress->vlan);
	add(line, " by %s", rdma_ns_decided_by_str(ingress->decided_by));
	if (ingress->candidates > 1)
		add(line, " of %u", ingress->candidates);
	if (ingress->decider == RDMA_NS_DECIDER_KERNEL)
		add(line, " in the kernel");
	if (ingress->wanted_qpn)
		add(line, ", aimed at QPN 0x%06x", ingress->wanted_qpn);
	if (ingress->peer_qpn)
		add(line, " from 0x%06x", ingress->peer_qpn);
	add(line, "; route %s", rdma_ns_route_str(ingress->route));
	if (ingress->route_errno)
		add(line, " (%s)", strerror(ingress->route_errno));
	if (*ingress->handling_name) {
		add(line, ", handled by ");
		add_name(line, ingress->handling_name);
	}
	add(line, "; listener %s", rdma_ns_rule_str(ingress->rule));
}

static void add_exchange(struct line *line, const struct rdma_ns_exchange *exchange)
{
	add(line, "QPN %s", rdma_ns_sent_str(exchange->sent));
	if (exchange->local_qpn)
		add(line, ", from 0x%06x", exchange->local_qpn);
	if (exchange->wanted_qpn)
		add(line, " aimed at 0x%06x", exchange->wanted_qpn);
	if (exchange->peer_qpn)
		add(line, ", answered by 0x%06x: %s", exchange->peer_qpn,
		    rdma_ns_answer_str(exchange->answer));
}

/* "rdma-ns resolve" uses the same keys. */
static void add_json_resolution(struct line *line, const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;
	char pkey[16] = "";

	if (ingress->transport == RDMA_NS_TRANSPORT_IB)
		snprintf(pkey, sizeof(pkey), "0x%04x", ingress->pkey);
	add(line, "\"verdict\":\"%s\"", rdma_ns_verdict_str(resolution->verdict));
	add_json_text(line, "reason", reason_or_none(resolution->reason));
	add_json_text(line, "policy", rdma_ns_policy_str(resolution->policy));
	add_json_name(line, "netdev", ingress->name);
	add_json_number(line, "ifindex", ingress->ifindex);
	add_json_number(line, "netns_inode", ingress->netns);
	add_json_name(line, "device", ingress->device);
	add_json_number(line, "port", ingress->port);
	add_json_text(line, "transport", rdma_ns_transport_str(ingress->transport));
	add_json_number(line, "vlan", ingress->vlan);
	add_json_text(line, "p_key", pkey);
	add_json_qpn(line, "qpn", ingress->local_qpn);
	add_json_qpn(line, "wanted_qpn", ingress->wanted_qpn);
	add_json_qpn(line, "peer_qpn", ingress->peer_qpn);
	add(line, ",\"candidates\":%u", ingress->candidates);
	add_json_text(line, "decided_by", rdma_ns_decided_by_str(ingress->decided_by));
	add_json_text(line, "route", rdma_ns_route_str(ingress->route));
	add_json_text(line, "route_error",
		      ingress->route_errno ? strerror(ingress->route_errno) : NULL);
	add_json_name(line, "handling", ingress->handling_name);
	add_json_text(line, "rule", rdma_ns_rule_str(ingress->rule));
	add_json_text(line, "decider", rdma_ns_decider_str(ingress->decider));
}

static void add_json_exchange(struct line *line, const struct rdma_ns_exchange *exchange)
{
	add(line, "\"sent\":\"%s\"", rdma_ns_sent_str(exchange->sent));
	add_json_qpn(line, "qpn", exchange->local_qpn);
	add_json_qpn(line, "wanted_qpn", exchange->wanted_qpn);
	add_json_qpn(line, "peer_qpn", exchange->peer_qpn);
	add_json_text(line, "answer", rdma_ns_answer_str(exchange->answer));
	add_json_text(line, "refusal", reason_or_none(exchange->refusal));
}

static void add_json(struct line *line, const struct report_source *source,
		     const struct rdma_ns_observation *observation)
{
	add(line, "{\"time\":\"");
	add_time(line, &source->time);
	add(line, "\",\"pid\":%ld,\"side\":\"%s\",\"event\":\"%s\",\"port_space\":\"%s\",\"local\":\"",
	    source->pid, observation->what == RDMA_NS_OBSERVED_REQUEST ? "passive" : "active",
	    rdma_ns_observed_str(observation->what), port_space_str(observation->port_space));
	add_address(line, &observation->local);
	add(line, "\",\"peer\":\"");
	add_address(line, &observation->peer);
	add(line, "\",");
	if (observation->what == RDMA_NS_OBSERVED_REQUEST) {
		add_json_resolution(line, observation->resolution);
	} else {
		add(line, "\"status\":%d,", observation->status);
		add_json_exchange(line, observation->exchange);
	}
	if (observation->ignored)
		add(line, ",\"ignored\":\"%s\"", observation->ignored);
	add(line, "}");
}

static void add_words(struct line *line, const struct report_source *source,
		      const struct rdma_ns_observation *observation)
{
	add_time(line, &source->time);
	add(line, " %ld ", source->pid);
	if (observation->what == RDMA_NS_OBSERVED_REQUEST) {
		add(line, "passive: request to ");
		add_address(line, &observation->local);
		add(line, " from ");
		add_address(line, &observation->peer);
		add(line, " (%s): ", port_space_str(observation->port_space));
		add_resolution(line, observation->resolution);
		return;
	}
	add(line, "active: connection to ");
	add_address(line, &observation->peer);
	add(line, " from ");
	add_address(line, &observation->local);
	add(line, " (%s): %s", port_space_str(observation->port_space),
	    rdma_ns_observed_str(observation->what));
	if (observation->exchange->refusal != RDMA_NS_REASON_NONE)
		add(line, " by the peer: %s", rdma_ns_reason_str(observation->exchange->refusal));
	if (observation->status)
		add(line, " status %d", observation->status);
	add(line, "; ");
	add_exchange(line, observation->exchange);
}

const char *report_resolution(const struct rdma_ns_resolution *resolution, bool json,
			      char text[REPORT_MAX])
{
	struct line line = { .text = text };

	text[0] = '\0';
	(json ? add_json_resolution : add_resolution)(&line, resolution);
	return text;
}

const char *report_exchange(const struct rdma_ns_exchange *exchange, bool json,
			    char text[REPORT_MAX])
{
	struct line line = { .text = text };

	text[0] = '\0';
	(json ? add_json_exchange : add_exchange)(&line, exchange);
	return text;
}

const char *report_address(const struct sockaddr_storage *address, char text[REPORT_MAX])
{
	struct line line = { .text = text };

	text[0] = '\0';
	add_address(&line, address);
	return text;
}

const char *report_time(const struct timespec *time, char text[REPORT_MAX])
{
	struct line line = { .text = text };

	text[0] = '\0';
	add_time(&line, time);
	return text;
}

static size_t end_line(struct line *line)
{
	if (line->length > REPORT_MAX - 2)
		line->length = REPORT_MAX - 2;
	line->text[line->length++] = '\n';
	line->text[line->length] = '\0';
	return line->length;
}

size_t report_line(const struct report_source *source,
		   const struct rdma_ns_observation *observation, bool json, char text[REPORT_MAX])
{
	struct line line = { .text = text };

	if (json)
		add_json(&line, source, observation);
	else
		add_words(&line, source, observation);
	if (!json && observation->ignored)
		add(&line, "; ignored: %s", observation->ignored);
	return end_line(&line);
}

size_t report_left_out(const struct report_source *source, unsigned long count, bool json,
		       char text[REPORT_MAX])
{
	struct line line = { .text = text };

	add(&line, json ? "{\"time\":\"" : "");
	add_time(&line, &source->time);
	add(&line,
	    json ? "\",\"pid\":%ld,\"event\":\"left out\",\"lines\":%lu}" :
		   " %ld %lu lines left out",
	    source->pid, count);
	return end_line(&line);
}
