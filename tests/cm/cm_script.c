// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-script <COMMANDS
 *
 * Listeners and connections over the extended rdma_cm and over TCP, to be compared: each line of standard
 * input is a command, each line of standard output how it ended, "ok" or the name of an error.
 *
 *   create NAME KIND NETNS             KIND: rdma, rdma-udp or tcp; NETNS: of ip-netns, or "host"
 *   netns NAME NETNS                   the option RDMA_OPTION_NS_NETNS_FD
 *   netdev NAME NETDEV                 bind to a netdev of its namespace; "-" ends it
 *   reuse NAME                         REUSEADDR, and what is nearest to it for TCP listeners, SO_REUSEPORT
 *   receive NAME                       an ingress record with each request
 *   set NAME OPTION [HEX]              any option of RDMA_OPTION_NS, with these bytes
 *   bind NAME ADDRESS PORT
 *   listen NAME
 *   close NAME
 *   connect KIND NETNS ADDRESS PORT [NETDEV [HEX]]   HEX: option RDMA_OPTION_NS_EXCHANGE; prints who
 *                                      answered, or how it failed
 *   request                            wait for a request and reject it; prints whose it was
 *   record                             of the last request: as FIELD=VALUE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_cma.h>
#include <rdma/rdma_user_cm_ns.h>

#define TIMEOUT_MS 4000
#define COOKIE 0x1122334455667788u
#define ENDPOINTS 64

struct endpoint {
	char name[32];
	char netns[32];
	bool is_tcp;
	bool connects;
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
	int socket;
};

static struct endpoint endpoints[ENDPOINTS];
static struct rdma_user_cm_ns_ingress record;
static bool have_record;
static char record_netns[32];
static int home;

static void die(const char *what)
{
	fprintf(stderr, "cm-script: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter(const char *netns)
{
	static bool away;
	char path[PATH_MAX];
	int fd = home;

	/* Who may not go elsewhere may stay at home. */
	if (!away && !strcmp(netns, "host"))
		return;
	away = strcmp(netns, "host");
	if (strcmp(netns, "host")) {
		snprintf(path, sizeof(path), "/run/netns/%s", netns);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die(path);
	}
	if (setns(fd, CLONE_NEWNET))
		die(netns);
	if (fd != home)
		close(fd);
}

static unsigned int ifindex_of(const char *netns, const char *netdev)
{
	unsigned int ifindex;

	enter(netns);
	ifindex = if_nametoindex(netdev);
	enter("host");
	return ifindex;
}

static const char *name_of(uint32_t ifindex, char name[IF_NAMESIZE])
{
	enter(record_netns);
	if (!ifindex || !if_indextoname(ifindex, name))
		strcpy(name, "-");
	enter("host");
	return name;
}

static void result(int status)
{
	puts(status ? strerrorname_np(errno) : "ok");
}

static struct endpoint *find(const char *name)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (!strcmp(endpoints[i].name, name))
			return &endpoints[i];
	}
	fprintf(stderr, "cm-script: there is no '%s'\n", name);
	exit(2);
}

static socklen_t parse_address(const char *text, const char *port, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)atoi(port));
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1) {
		fprintf(stderr, "cm-script: '%s' is no address\n", text);
		exit(2);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)atoi(port));
	return sizeof(*in6);
}

static size_t parse_hex(const char *text, unsigned char *bytes, size_t room)
{
	size_t length = 0;
	unsigned int byte;

	while (length < room && sscanf(text + 2 * length, "%2x", &byte) == 1) {
		bytes[length++] = (unsigned char)byte;
		if (strlen(text) <= 2 * length)
			break;
	}
	return length;
}

static enum rdma_port_space port_space(const char *kind)
{
	return strcmp(kind, "rdma-udp") ? RDMA_PS_TCP : RDMA_PS_UDP;
}

static void create(char **words)
{
	struct endpoint *endpoint = find("");
	int status;

	snprintf(endpoint->netns, sizeof(endpoint->netns), "%s", words[3]);
	endpoint->is_tcp = !strcmp(words[2], "tcp");
	enter(words[3]);
	if (endpoint->is_tcp) {
		endpoint->socket = socket(strchr(words[1], '6') ? AF_INET6 : AF_INET,
					  SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		status = endpoint->socket < 0 ? -1 : 0;
	} else {
		endpoint->channel = rdma_create_event_channel();
		if (!endpoint->channel)
			die("rdma_create_event_channel");
		status = rdma_create_id(endpoint->channel, &endpoint->id, NULL,
					port_space(words[2]));
	}
	if (!status)
		snprintf(endpoint->name, sizeof(endpoint->name), "%s", words[1]);
	enter("host");
	result(status);
}

static void set_netns(struct endpoint *endpoint, const char *netns)
{
	char path[PATH_MAX];
	int fd, status;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	status = rdma_set_option(endpoint->id, RDMA_OPTION_NS, RDMA_OPTION_NS_NETNS_FD, &fd,
				 sizeof(fd));
	result(status);
	if (!status)
		snprintf(endpoint->netns, sizeof(endpoint->netns), "%s", netns);
	close(fd);
}

static int bind_netdev(struct endpoint *endpoint, const char *netdev)
{
	unsigned int ifindex = strcmp(netdev, "-") ? ifindex_of(endpoint->netns, netdev) : 0;
	int status;

	enter(endpoint->netns);
	if (endpoint->is_tcp)
		status = setsockopt(endpoint->socket, SOL_SOCKET, SO_BINDTODEVICE,
				    ifindex ? netdev : "", ifindex ? strlen(netdev) + 1 : 1);
	else
		status = rdma_set_option(endpoint->id, RDMA_OPTION_NS, RDMA_OPTION_NS_BIND_IFINDEX,
					 &ifindex, sizeof(ifindex));
	enter("host");
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

static int receive(struct endpoint *endpoint)
{
	struct rdma_user_cm_ns_recv_ingress wanted = { .cookie = COOKIE, .size = sizeof(record) };

	return rdma_set_option(endpoint->id, RDMA_OPTION_NS, RDMA_OPTION_NS_RECV_INGRESS, &wanted,
			       sizeof(wanted));
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

static void end(struct endpoint *endpoint)
{
	if (endpoint->is_tcp) {
		close(endpoint->socket);
	} else {
		rdma_destroy_id(endpoint->id);
		rdma_destroy_event_channel(endpoint->channel);
	}
	memset(endpoint, 0, sizeof(*endpoint));
}

static void keep_record(const struct endpoint *endpoint, const struct rdma_cm_event *event)
{
	bool datagram = event->listen_id->ps == RDMA_PS_UDP;
	const char *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;
	size_t length =
		datagram ? event->param.ud.private_data_len : event->param.conn.private_data_len;

	have_record = false;
	if (length < sizeof(record))
		return;
	memcpy(&record, data + length - sizeof(record), sizeof(record));
	have_record = record.cookie == COOKIE;
	strcpy(record_netns, endpoint->netns);
}

/* The id of a request at @endpoint, or NULL. */
static struct rdma_cm_id *take_request(const struct endpoint *endpoint)
{
	struct rdma_cm_event *event;
	struct rdma_cm_id *id;

	if (rdma_get_cm_event(endpoint->channel, &event))
		return NULL;
	id = event->event == RDMA_CM_EVENT_CONNECT_REQUEST ? event->id : NULL;
	if (id)
		keep_record(endpoint, event);
	rdma_ack_cm_event(event);
	return id;
}

/* The connection is not used: there is no QP behind it, which InfiniBand's providers do not mind. */
static void answer(const struct endpoint *endpoint)
{
	struct rdma_conn_param param = {
		.private_data = endpoint->name,
		.private_data_len = (uint8_t)(strlen(endpoint->name) + 1),
		.qp_num = 0x1234,
		.responder_resources = 1,
		.initiator_depth = 1,
	};
	struct rdma_cm_id *id = take_request(endpoint);

	if (!id)
		return;
	rdma_accept(id, &param);
	rdma_destroy_id(id);
}

/* The channels of the listeners behind those that are in the arrays already. */
static nfds_t add_listeners(struct pollfd *ready, struct endpoint **owners, nfds_t number)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (!endpoints[i].channel || endpoints[i].connects)
			continue;
		owners[number] = &endpoints[i];
		ready[number++] =
			(struct pollfd){ .fd = endpoints[i].channel->fd, .events = POLLIN };
	}
	return number;
}

static void reject_request(void)
{
	struct pollfd ready[ENDPOINTS];
	struct endpoint *owners[ENDPOINTS];
	nfds_t number = add_listeners(ready, owners, 0);
	struct rdma_cm_id *id;

	if (poll(ready, number, 25 * TIMEOUT_MS) <= 0) {
		puts("TIMEOUT");
		return;
	}
	for (nfds_t i = 0; i < number; i++) {
		if (!ready[i].revents)
			continue;
		id = take_request(owners[i]);
		if (!id)
			break;
		puts(owners[i]->name);
		rdma_reject(id, NULL, 0);
		rdma_destroy_id(id);
		return;
	}
	puts("no request");
}

/* Serves the listeners meanwhile. */
static struct rdma_cm_event *next_event(struct rdma_event_channel *channel)
{
	struct pollfd ready[ENDPOINTS + 1];
	struct endpoint *owners[ENDPOINTS + 1];
	struct rdma_cm_event *event;
	nfds_t number;

	for (;;) {
		ready[0] = (struct pollfd){ .fd = channel->fd, .events = POLLIN };
		number = add_listeners(ready, owners, 1);
		if (poll(ready, number, TIMEOUT_MS) <= 0)
			return NULL;
		for (nfds_t i = 1; i < number; i++) {
			if (ready[i].revents)
				answer(owners[i]);
		}
		if (ready[0].revents)
			return rdma_get_cm_event(channel, &event) ? NULL : event;
	}
}

static void print_refusal(const struct rdma_cm_event *event, bool datagram)
{
	const void *data = datagram ? event->param.ud.private_data : event->param.conn.private_data;
	size_t length =
		datagram ? event->param.ud.private_data_len : event->param.conn.private_data_len;
	struct rdma_cm_ns_refusal refusal = { 0 };

	if (data && length >= sizeof(refusal))
		memcpy(&refusal, data, sizeof(refusal));
	if (ntohl(refusal.magic) == RDMA_CM_NS_REFUSAL_MAGIC)
		printf("%s reason %u\n", rdma_event_str(event->event), refusal.reason);
	else
		printf("%s %d\n", rdma_event_str(event->event), event->status);
}

/* True when @wanted has come; otherwise what came has been printed. */
static bool step(struct rdma_event_channel *channel, int status, enum rdma_cm_event_type wanted,
		 bool datagram)
{
	struct rdma_cm_event *event;
	bool came;

	if (status) {
		result(status);
		return false;
	}
	event = next_event(channel);
	if (!event) {
		puts("TIMEOUT");
		return false;
	}
	came = event->event == wanted || (wanted == RDMA_CM_EVENT_ESTABLISHED &&
					  event->event == RDMA_CM_EVENT_CONNECT_RESPONSE);
	if (!came)
		print_refusal(event, datagram);
	else if (wanted == RDMA_CM_EVENT_ESTABLISHED)
		printf("%s\n", (const char *)(datagram ? event->param.ud.private_data :
							 event->param.conn.private_data));
	rdma_ack_cm_event(event);
	return came;
}

static void connect_rdma(struct endpoint *client, const char *kind, struct sockaddr *address)
{
	struct rdma_conn_param param = { .qp_num = 0x4321,
					 .responder_resources = 1,
					 .initiator_depth = 1 };
	bool datagram = port_space(kind) == RDMA_PS_UDP;

	if (!step(client->channel, rdma_resolve_addr(client->id, NULL, address, TIMEOUT_MS),
		  RDMA_CM_EVENT_ADDR_RESOLVED, datagram) ||
	    !step(client->channel, rdma_resolve_route(client->id, TIMEOUT_MS),
		  RDMA_CM_EVENT_ROUTE_RESOLVED, datagram))
		return;
	step(client->channel, rdma_connect(client->id, &param), RDMA_CM_EVENT_ESTABLISHED,
	     datagram);
}

static bool is_listening(const struct endpoint *endpoint)
{
	socklen_t size = sizeof(int);
	int listening = 0;

	return endpoint->is_tcp && !endpoint->connects &&
	       !getsockopt(endpoint->socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) &&
	       listening;
}

/* The client may know of the connection before the listener does. */
static void accept_tcp(void)
{
	struct pollfd ready[ENDPOINTS];

	for (size_t i = 0; i < ENDPOINTS; i++)
		ready[i] = (struct pollfd){
			.fd = is_listening(&endpoints[i]) ? endpoints[i].socket : -1,
			.events = POLLIN,
		};
	poll(ready, ENDPOINTS, TIMEOUT_MS);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		int fd = ready[i].revents & POLLIN ? accept(ready[i].fd, NULL, NULL) : -1;

		if (fd < 0)
			continue;
		puts(endpoints[i].name);
		close(fd);
		return;
	}
	puts("nobody");
}

static void connect_tcp(struct endpoint *client, struct sockaddr *address, socklen_t length)
{
	struct pollfd ready = { .fd = client->socket, .events = POLLOUT };
	socklen_t size = sizeof(errno);
	int error = 0;

	if (connect(client->socket, address, length) && errno != EINPROGRESS) {
		result(-1);
		return;
	}
	if (poll(&ready, 1, TIMEOUT_MS) <= 0)
		error = ETIMEDOUT;
	else
		getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error) {
		errno = error;
		result(-1);
		return;
	}
	accept_tcp();
}

static void make_connection(char **words)
{
	struct sockaddr_storage address;
	struct endpoint *client = find("");
	socklen_t length = parse_address(words[3], words[4], &address);
	unsigned char exchange[4];

	memset(client, 0, sizeof(*client));
	strcpy(client->name, "client");
	snprintf(client->netns, sizeof(client->netns), "%s", words[2]);
	client->is_tcp = !strcmp(words[1], "tcp");
	client->connects = true;
	enter(words[2]);
	if (client->is_tcp) {
		client->socket =
			socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	} else {
		client->channel = rdma_create_event_channel();
		if (!client->channel ||
		    rdma_create_id(client->channel, &client->id, NULL, port_space(words[1])))
			die("rdma_create_id");
	}
	enter("host");
	if (words[5] && strcmp(words[5], "-") && bind_netdev(client, words[5])) {
		result(-1);
	} else if (words[5] && words[6] &&
		   rdma_set_option(client->id, RDMA_OPTION_NS, RDMA_OPTION_NS_EXCHANGE, exchange,
				   parse_hex(words[6], exchange, sizeof(exchange)))) {
		result(-1);
	} else if (client->is_tcp) {
		connect_tcp(client, (struct sockaddr *)&address, length);
	} else {
		connect_rdma(client, words[1], (struct sockaddr *)&address);
	}
	end(client);
}

static void print_record(void)
{
	char ingress[IF_NAMESIZE], handling[IF_NAMESIZE], vrf[IF_NAMESIZE], port[IF_NAMESIZE];

	if (!have_record) {
		puts("none");
		return;
	}
	printf("ingress=%s handling=%s vrf=%s bond_port=%s by=%u route=%u rule=%u reason=%u "
	       "policy=%u candidates=%u pkey=%#x port=%u transport=%u flags=%#x own_qpn=%d netns=%s\n",
	       name_of(record.ifindex, ingress), name_of(record.handling_ifindex, handling),
	       name_of(record.vrf_ifindex, vrf), name_of(record.port_ifindex, port),
	       record.decided_by, record.route, record.rule, record.reason, record.policy,
	       record.candidates, record.pkey, record.port, record.transport, record.flags,
	       record.wanted_qpn == record.local_qpn, record.netns ? "known" : "0");
}

static void execute(char **words, int number)
{
	struct endpoint *endpoint;
	int status;

	if (!strcmp(words[0], "create") && number >= 4) {
		create(words);
		return;
	}
	if (!strcmp(words[0], "connect") && number >= 5) {
		make_connection(words);
		return;
	}
	if (!strcmp(words[0], "record")) {
		print_record();
		return;
	}
	if (!strcmp(words[0], "request")) {
		reject_request();
		return;
	}
	if (number < 2) {
		fprintf(stderr, "cm-script: what is '%s'?\n", words[0]);
		exit(2);
	}
	endpoint = find(words[1]);
	if (!strcmp(words[0], "netns") && number == 3) {
		set_netns(endpoint, words[2]);
		return;
	}
	if (!strcmp(words[0], "netdev") && number == 3) {
		result(bind_netdev(endpoint, words[2]));
		return;
	}
	if (!strcmp(words[0], "close")) {
		end(endpoint);
		puts("ok");
		return;
	}
	if (!strcmp(words[0], "reuse"))
		status = reuse(endpoint);
	else if (!strcmp(words[0], "receive"))
		status = receive(endpoint);
	else if (!strcmp(words[0], "set") && number >= 3)
		status = set(endpoint, words[2], words[3]);
	else if (!strcmp(words[0], "bind") && number == 4)
		status = bind_address(endpoint, words[2], words[3]);
	else if (!strcmp(words[0], "listen"))
		status = endpoint->is_tcp ? listen(endpoint->socket, 8) :
					    rdma_listen(endpoint->id, 8);
	else
		exit(2);
	result(status);
}

int main(void)
{
	char line[512], *words[9];

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0)
		die("/proc/self/ns/net");
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
