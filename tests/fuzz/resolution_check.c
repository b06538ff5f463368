// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "resolution_check.h"
#include "text_check.h"

static void check_log(const struct rdma_ns_observation *observation)
{
	const struct report_source source = { .pid = 1 };
	char text[REPORT_MAX];

	check_json(text, report_line(&source, observation, true, text));
	check_printable(text, report_line(&source, observation, false, text));
}

/* As ping and listen put such a part into braces. */
static void check_parts(const char *part, const char *words)
{
	char text[REPORT_MAX + 3];

	check_json(text, (size_t)snprintf(text, sizeof(text), "{%s}\n", part));
	check_printable(text, (size_t)snprintf(text, sizeof(text), "%s\n", words));
}

void check_resolution(const struct rdma_ns_resolution *resolution)
{
	const struct rdma_ns_ingress *ingress = &resolution->ingress;
	const struct rdma_ns_observation observation = { .what = RDMA_NS_OBSERVED_REQUEST,
							 .resolution = resolution };
	char part[REPORT_MAX], words[REPORT_MAX];

	if (!memchr(ingress->name, '\0', sizeof(ingress->name)) ||
	    !memchr(ingress->handling_name, '\0', sizeof(ingress->handling_name)) ||
	    !memchr(ingress->device, '\0', sizeof(ingress->device)) ||
	    (ingress->local_qpn | ingress->peer_qpn | ingress->wanted_qpn) > 0xffffff)
		abort();
	check_parts(report_resolution(resolution, true, part),
		    report_resolution(resolution, false, words));
	check_log(&observation);
}

void check_exchange(const struct rdma_ns_exchange *exchange)
{
	const struct rdma_ns_observation observation = { .what = RDMA_NS_OBSERVED_REFUSED,
							 .exchange = exchange };
	char part[REPORT_MAX], words[REPORT_MAX];

	check_parts(report_exchange(exchange, true, part), report_exchange(exchange, false, words));
	check_log(&observation);
}
