// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "report.h"

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

/* A netdev may be called anything but '/' and space. */
static void add_json_string(struct line *line, const char *text)
{
	add(line, "\"");
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			add(line, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			add(line, "\\u%04x", *c);
		else
			add(line, "%c", *c);
	}
	add(line, "\"");
}

static void add_name(struct line *line, const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		add(line, *c < 0x21 || *c >= 0x7f ? "\\x%02x" : "%c", *c);
}

static void add_time(struct line *line, const struct timespec *time)
{
	struct tm parts;
	char text[32];

	gmtime_r(&time->tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	add(line, "%s.%03ldZ", text, time->tv_nsec / 1000000);
}

/* The three steps, and what the policy makes of them. */
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

static void add_json_resolution(struct line *line, const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;

	add(line, "\"verdict\":\"%s\",\"reason\":\"%s\",\"policy\":\"%s\",\"netdev\":",
	    rdma_ns_verdict_str(resolution->verdict), rdma_ns_reason_str(resolution->reason),
	    rdma_ns_policy_str(resolution->policy));
	add_json_string(line, ingress->name);
	add(line, ",\"ifindex\":%u,\"netns\":%" PRIu64 ",\"device\":", ingress->ifindex,
	    ingress->netns);
	add_json_string(line, ingress->device);
	add(line, ",\"port\":%u,\"transport\":\"%s\",\"vlan\":%u", ingress->port,
	    rdma_ns_transport_str(ingress->transport), ingress->vlan);
	if (ingress->transport == RDMA_NS_TRANSPORT_IB)
		add(line,
		    ",\"p_key\":\"0x%04x\",\"qpn\":\"0x%06x\",\"wanted_qpn\":\"0x%06x\",\"peer_qpn\":\"0x%06x\"",
		    ingress->pkey, ingress->local_qpn, ingress->wanted_qpn, ingress->peer_qpn);
	add(line, ",\"candidates\":%u,\"decided_by\":\"%s\",\"route\":\"%s\",\"handling\":",
	    ingress->candidates, rdma_ns_decided_by_str(ingress->decided_by),
	    rdma_ns_route_str(ingress->route));
	add_json_string(line, ingress->handling_name);
	add(line, ",\"rule\":\"%s\",\"decider\":\"%s\"", rdma_ns_rule_str(ingress->rule),
	    rdma_ns_decider_str(ingress->decider));
}

static void add_json_exchange(struct line *line, const struct rdma_ns_exchange *exchange)
{
	add(line,
	    "\"sent\":\"%s\",\"qpn\":\"0x%06x\",\"wanted_qpn\":\"0x%06x\","
	    "\"peer_qpn\":\"0x%06x\",\"answer\":\"%s\",\"refusal\":\"%s\"",
	    rdma_ns_sent_str(exchange->sent), exchange->local_qpn, exchange->wanted_qpn,
	    exchange->peer_qpn, rdma_ns_answer_str(exchange->answer),
	    rdma_ns_reason_str(exchange->refusal));
}

static void add_json(struct line *line, const struct report_source *source,
		     const struct rdma_ns_observation *observation)
{
	add(line, "{\"time\":\"");
	add_time(line, &source->time);
	add(line, "\",\"pid\":%ld,\"side\":\"%s\",\"what\":\"%s\",\"port_space\":\"%s\",\"local\":\"",
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

const char *report_resolution(const struct rdma_ns_resolution *resolution, bool json, char text[REPORT_MAX])
{
	struct line line = { .text = text };

	text[0] = '\0';
	(json ? add_json_resolution : add_resolution)(&line, resolution);
	return text;
}

const char *report_exchange(const struct rdma_ns_exchange *exchange, bool json, char text[REPORT_MAX])
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

size_t report_line(const struct report_source *source, const struct rdma_ns_observation *observation,
		   bool json, char text[REPORT_MAX])
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
	    json ? "\",\"pid\":%ld,\"what\":\"left out\",\"lines\":%lu}" :
		   " %ld %lu lines left out",
	    source->pid, count);
	return end_line(&line);
}
