// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * "cm-path ADDRESS PORT": connects an id over the path that was found for another one, as
 * librdmacm does with a path from ibacm. Prints the event that answers the request, and its status.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rdma/rdma_user_cm.h>

#include "parse.h"
#include "ucm.h"

static int channel;

static struct rdma_ucm_event_resp next_event(void)
{
	struct rdma_ucm_event_resp event;

	memset(&event, 0, sizeof(event));
	if (!ucm_has_event(channel, 10000))
		errx(1, "no event");
	if (ucm_get_event(channel, &event))
		err(1, "get_event");
	return event;
}

static void await(uint32_t wanted)
{
	const struct rdma_ucm_event_resp event = next_event();

	if (event.event != wanted || event.status)
		errx(1, "event %u, status %d, and not event %u", event.event, event.status, wanted);
}

static uint32_t resolve(const struct sockaddr_storage *address)
{
	uint32_t id;

	if (ucm_create(channel, RDMA_PS_TCP, &id) || ucm_resolve_addr(channel, id, address, 5000))
		err(1, "resolve_addr");
	await(UCM_ADDR_RESOLVED);
	return id;
}

static struct ib_path_rec_data find_path(uint32_t id)
{
	union {
		struct rdma_ucm_query_path_resp response;
		char room[sizeof(struct rdma_ucm_query_path_resp) +
			  6 * sizeof(struct ib_path_rec_data)];
	} answer = { .room = "" };

	if (ucm_resolve_route(channel, id, 5000))
		err(1, "resolve_route");
	await(UCM_ROUTE_RESOLVED);
	if (ucm_query(channel, id, RDMA_USER_CM_QUERY_PATH, &answer, sizeof(answer)))
		err(1, "query");
	if (!answer.response.num_paths)
		errx(1, "no path");
	return answer.response.path_data[0];
}

int main(int argc, char **argv)
{
	struct rdma_ucm_event_resp event;
	struct sockaddr_storage address;
	struct ib_path_rec_data path;
	uint32_t id;

	if (argc != 3) {
		fputs("usage: cm-path ADDRESS PORT\n", stderr);
		return 2;
	}
	parse_address(argv[1], argv[2], &address);
	channel = ucm_open();
	path = find_path(resolve(&address));
	id = resolve(&address);
	if (ucm_set_option(channel, id, RDMA_OPTION_IB, RDMA_OPTION_IB_PATH, &path, sizeof(path)))
		err(1, "set_option");
	await(UCM_ROUTE_RESOLVED);
	if (ucm_connect(channel, id, 1, 0))
		err(1, "connect");
	event = next_event();
	printf("%s %d\n", event.event == UCM_REJECTED ? "REJECTED" : "other event", event.status);
	return 0;
}
