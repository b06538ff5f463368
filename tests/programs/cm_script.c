// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-script <COMMANDS
 *
 * Listeners and connections over the extended rdma_cm and over TCP, to be compared: each line of
 * standard input is a command, each line of standard output how it ended, "ok" or the name of an
 * error.
 *
 *   create NAME KIND NETNS             KIND: rdma, rdma-udp or tcp; NETNS: of ip-netns, or "host"
 *   netns NAME NETNS                   the option RDMA_OPTION_NS_NETNS_FD
 *   netdev NAME NETDEV                 bind to a netdev of its namespace; "-" ends it
 *   reuse NAME                         REUSEADDR; for TCP listeners SO_REUSEPORT, its like
 *   receive NAME                       an ingress record with each request
 *   set NAME OPTION [HEX]              any option of RDMA_OPTION_NS, with these bytes
 *   bind NAME ADDRESS PORT
 *   listen NAME
 *   close NAME
 *   connect KIND NETNS ADDRESS PORT [NETDEV [HEX]]   HEX: RDMA_OPTION_NS_EXCHANGE; prints who
 *                                      answered, or how it failed
 *   give-up KIND NETNS ADDRESS PORT    likewise, but disconnect a moment later; not for TCP
 *   refuse-own KIND NETNS ADDRESS PORT  ask for a connection and reject it oneself; not for TCP
 *   request                            wait for a request and reject it; prints whose it was
 *   record                             of the last request: as FIELD=VALUE
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_user_cm_ns.h>

#include "cm_script.h"
#include "netns.h"
#include "parse.h"

struct endpoint endpoints[ENDPOINTS];

static void die(const char *what)
{
	fprintf(stderr, "cm-script: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned int ifindex_of(const char *netns, const char *netdev)
{
	unsigned int ifindex;

	netns_enter(netns);
	ifindex = if_nametoindex(netdev);
	netns_enter("host");
	return ifindex;
}

void result(int status)
{
	puts(status ? strerrorname_np(errno) : "ok");
}

struct endpoint *endpoint_find(const char *name)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (!strcmp(endpoints[i].name, name))
			return &endpoints[i];
	}
	fprintf(stderr, "cm-script: there is no '%s'\n", name);
	exit(2);
}

int endpoint_open(struct endpoint *endpoint, const char *kind, const char *netns,
		  sa_family_t family)
{
	int status;

	snprintf(endpoint->netns, sizeof(endpoint->netns), "%s", netns);
	endpoint->is_tcp = !strcmp(kind, "tcp");
	netns_enter(netns);
	if (endpoint->is_tcp) {
		endpoint->socket = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		status = endpoint->socket < 0 ? -1 : 0;
	} else {
		endpoint->channel = rdma_create_event_channel();
		if (!endpoint->channel)
			die("rdma_create_event_channel");
		status = rdma_create_id(endpoint->channel, &endpoint->id, NULL,
					strcmp(kind, "rdma-udp") ? RDMA_PS_TCP : RDMA_PS_UDP);
	}
	netns_enter("host");
	return status;
}

static int create(const char *name, const char *kind, const char *netns)
{
	struct endpoint *endpoint = endpoint_find("");
	int status = endpoint_open(endpoint, kind, netns, strchr(name, '6') ? AF_INET6 : AF_INET);

	if (!status)
		snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	return status;
}

static int set_netns(struct endpoint *endpoint, const char *netns)
{
	int fd = netns_open(netns);
	int status = rdma_set_option(endpoint->id, RDMA_OPTION_NS, RDMA_OPTION_NS_NETNS_FD, &fd,
				     sizeof(fd));
	const int error = errno;

	if (!status)
		snprintf(endpoint->netns, sizeof(endpoint->netns), "%s", netns);
	close(fd);
	errno = error;
	return status;
}

int endpoint_bind_netdev(struct endpoint *endpoint, const char *netdev)
{
	unsigned int ifindex = strcmp(netdev, "-") ? ifindex_of(endpoint->netns, netdev) : 0;
	int status;

	netns_enter(endpoint->netns);
	if (endpoint->is_tcp)
		status = setsockopt(endpoint->socket, SOL_SOCKET, SO_BINDTODEVICE,
				    ifindex ? netdev : "", ifindex ? strlen(netdev) + 1 : 1);
	else
		status = rdma_set_option(endpoint->id, RDMA_OPTION_NS, RDMA_OPTION_NS_BIND_IFINDEX,
					 &ifindex, sizeof(ifindex));
	netns_enter("host");
	return status;
}

static int reuse(struct endpoint *endpoint)
{
	int one = 1;

	if (endpoint->is_tcp)
		return setsockopt(endpoint->socket, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	return rdma_set_option(endpoint->id, RDMA_OPTION_ID, RDMA_OPTION_ID_REUSEADDR, &one,
			       sizeof(one));
}

static int set(struct endpoint *endpoint, const char *option, const char *hex)
{
	/* Of its own, so that the kernel reads no byte more unnoticed. */
	unsigned char *bytes = malloc(256);
	size_t length;
	int status;

	if (!bytes)
		die("malloc");
	length = hex ? parse_hex(hex, bytes, 256) : 0;
	status = rdma_set_option(endpoint->id, RDMA_OPTION_NS, atoi(option), bytes, length);
	free(bytes);
	return status;
}

static int bind_address(struct endpoint *endpoint, const char *text, const char *port)
{
	struct sockaddr_storage address;
	socklen_t length = parse_address(text, port, &address);

	if (endpoint->is_tcp)
		return bind(endpoint->socket, (struct sockaddr *)&address, length);
	return rdma_bind_addr(endpoint->id, (struct sockaddr *)&address);
}

void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->is_tcp) {
		close(endpoint->socket);
	} else {
		if (endpoint->id)
			rdma_destroy_id(endpoint->id);
		rdma_destroy_event_channel(endpoint->channel);
	}
	memset(endpoint, 0, sizeof(*endpoint));
}

static int execute_on(struct endpoint *endpoint, char **words, int number)
{
	if (!strcmp(words[0], "netns") && number == 3)
		return set_netns(endpoint, words[2]);
	if (!strcmp(words[0], "netdev") && number == 3)
		return endpoint_bind_netdev(endpoint, words[2]);
	if (!strcmp(words[0], "reuse"))
		return reuse(endpoint);
	if (!strcmp(words[0], "receive"))
		return request_want_record(endpoint);
	if (!strcmp(words[0], "set") && number >= 3)
		return set(endpoint, words[2], words[3]);
	if (!strcmp(words[0], "bind") && number == 4)
		return bind_address(endpoint, words[2], words[3]);
	if (!strcmp(words[0], "listen"))
		return endpoint->is_tcp ? listen(endpoint->socket, 8) :
					  rdma_listen(endpoint->id, 8);
	if (!strcmp(words[0], "close")) {
		endpoint_close(endpoint);
		return 0;
	}
	fprintf(stderr, "cm-script: what is '%s'?\n", words[0]);
	exit(2);
}

static void execute(char **words, int number)
{
	if (!strcmp(words[0], "create") && number >= 4) {
		result(create(words[1], words[2], words[3]));
	} else if ((!strcmp(words[0], "connect") || !strcmp(words[0], "give-up") ||
		    !strcmp(words[0], "refuse-own")) &&
		   number >= 5) {
		connect_once(words);
	} else if (!strcmp(words[0], "record")) {
		request_print_record();
	} else if (!strcmp(words[0], "request")) {
		request_reject();
	} else if (number >= 2) {
		result(execute_on(endpoint_find(words[1]), words, number));
	} else {
		fprintf(stderr, "cm-script: what is '%s'?\n", words[0]);
		exit(2);
	}
}

int main(void)
{
	char line[512], *words[9];

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		int number = 0;

		memset(words, 0, sizeof(words));
		for (char *word = strtok(line, " \t\n"); word && number < 8;
		     word = strtok(NULL, " \t\n"))
			words[number++] = word;
		if (number)
			execute(words, number);
	}
	return 0;
}
