// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The command line. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmwho.h"

void cmwho_usage(void)
{
	printf("Usage: cmwho listen [OPTION]...\n"
	       "       cmwho connect [OPTION]... ADDRESS\n"
	       "\n"
	       "Find out who answers an RDMA CM connection. A listener sends its name in the private\n"
	       "data of its reply; a client prints the name that it got.\n"
	       "\n"
	       "Both:\n"
	       "  -p, --port PORT          service port (%d)\n"
	       "  -P, --port-space SPACE   tcp: connections (default); udp: datagrams (SIDR)\n"
	       "  -n, --name NAME          this side's name (listen: the host's; connect: none)\n"
	       "  -t, --timeout SECONDS    listen: give up after this time (never);\n"
	       "                           connect: give up an attempt after this time (10)\n"
	       "  -L, --data-length BYTES  private data to send, up to %d: the name, a NUL, and bytes\n"
	       "                           that each hold their own offset (as long as the name)\n"
	       "  -j, --json               print JSON lines\n"
	       "  -v, --verbose            print the private data received\n"
	       "  -h, --help               print this text\n"
	       "\n"
	       "listen:\n"
	       "  -b, --bind ADDRESS       listen on this address (0.0.0.0: every IPv4 address;\n"
	       "                           :: every address)\n"
	       "  -c, --count N            end after N requests (never)\n"
	       "  -r, --reject             refuse every request\n"
	       "\n"
	       "connect:\n"
	       "  -s, --source ADDRESS     connect from this address\n"
	       "  -R, --repeat N           connect N times, one after the other, and print a summary (1)\n"
	       "\n"
	       "ADDRESS is an IPv4 or IPv6 address; %%NETDEV follows a link-local one.\n"
	       "Exit status: 0 all answered, 1 something failed, 2 wrong usage.\n",
	       CMWHO_PORT, CMWHO_DATA_MAX);
}

static enum cmwho_parsed __attribute__((format(printf, 3, 4)))
fail(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return CMWHO_PARSED_ERROR;
}

static bool parse_number(const char *text, long minimum, long maximum, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	return *text && !*end && !errno && *number >= minimum && *number <= maximum;
}

static bool parse_address(const char *text, struct sockaddr_storage *address)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;

	if (getaddrinfo(text, NULL, &hints, &found))
		return false;
	memset(address, 0, sizeof(*address));
	memcpy(address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

static bool lacks_scope(const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	return address->ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) &&
	       !in6->sin6_scope_id;
}

static void set_port(struct sockaddr_storage *address, long port)
{
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "port-space", required_argument, NULL, 'P' },
	{ "name", required_argument, NULL, 'n' },
	{ "timeout", required_argument, NULL, 't' },
	{ "data-length", required_argument, NULL, 'L' },
	{ "json", no_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "bind", required_argument, NULL, 'b' },
	{ "count", required_argument, NULL, 'c' },
	{ "reject", no_argument, NULL, 'r' },
	{ "source", required_argument, NULL, 's' },
	{ "repeat", required_argument, NULL, 'R' },
	{ NULL, 0, NULL, 0 },
};

static const char *long_name(int letter)
{
	for (const struct option *o = long_options; o->name; o++)
		if (o->val == letter)
			return o->name;
	return "?";
}

static const char *host_name(void)
{
	static char name[CMWHO_NAME_MAX + 1];

	if (gethostname(name, sizeof(name)))
		return "listener";
	name[CMWHO_NAME_MAX] = '\0';
	return name;
}

/* Check what depends on several options. */
static enum cmwho_parsed check(struct cmwho_options *o, long port, char *error, size_t size)
{
	bool listen = o->command == CMWHO_LISTEN;

	if (!listen && !port)
		return fail(error, size, "connect needs a port from 1 to 65535");
	if (lacks_scope(&o->address) || lacks_scope(&o->source))
		return fail(error, size, "a link-local address takes %%NETDEV, as in fe80::1%%ib0");
	if (o->source.ss_family != AF_UNSPEC && o->source.ss_family != o->address.ss_family)
		return fail(error, size, "source and destination must both be IPv4 or both IPv6");
	if (!o->name)
		o->name = listen ? host_name() : "";
	if (o->data_length >= 0 && (size_t)o->data_length < strlen(o->name))
		return fail(error, size, "%d bytes of private data cannot hold the name '%s'",
			    o->data_length, o->name);
	set_port(&o->address, port);
	return CMWHO_PARSED_RUN;
}

enum cmwho_parsed cmwho_parse(int argc, char **argv, struct cmwho_options *o, char *error,
			      size_t size)
{
	static const char common[] = "p:P:n:t:L:jvh";
	long number, port = CMWHO_PORT;
	char letters[32];
	int letter;

	memset(o, 0, sizeof(*o));
	o->port_space = RDMA_PS_TCP;
	o->data_length = -1;
	if (argc < 2)
		return fail(error, size, "a command is missing: listen or connect");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return CMWHO_PARSED_HELP;
	if (!strcmp(argv[1], "listen")) {
		o->command = CMWHO_LISTEN;
		parse_address("0.0.0.0", &o->address);
	} else if (!strcmp(argv[1], "connect")) {
		o->command = CMWHO_CONNECT;
		o->count = 1;
		o->timeout = 10;
	} else {
		return fail(error, size, "'%s' is not a command: listen or connect", argv[1]);
	}
	snprintf(letters, sizeof(letters), ":%s%s", common,
		 o->command == CMWHO_LISTEN ? "b:c:r" : "s:R:");

	argc--;
	argv++;
	optind = 0;
	while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		/* One table of long names serves both commands; the letters say which are known. */
		if (letter != ':' && letter != '?' && !strchr(letters, letter))
			return fail(error, size, "--%s is not for %s", long_name(letter), argv[0]);
		switch (letter) {
		case 'p':
			if (!parse_number(optarg, 0, 65535, &port))
				return fail(error, size, "port '%s' is not from 0 to 65535",
					    optarg);
			break;
		case 'P':
			if (strcmp(optarg, "tcp") && strcmp(optarg, "udp"))
				return fail(error, size, "port space '%s' is not tcp or udp",
					    optarg);
			o->port_space = strcmp(optarg, "udp") ? RDMA_PS_TCP : RDMA_PS_UDP;
			break;
		case 'n':
			if (strlen(optarg) > CMWHO_NAME_MAX)
				return fail(error, size, "a name has at most %d bytes",
					    CMWHO_NAME_MAX);
			o->name = optarg;
			break;
		case 't':
			if (!parse_number(optarg, 1, 1000000, &number))
				return fail(error, size,
					    "timeout '%s' is not from 1 to 1000000 seconds",
					    optarg);
			o->timeout = (unsigned int)number;
			break;
		case 'L':
			if (!parse_number(optarg, 0, CMWHO_DATA_MAX, &number))
				return fail(error, size, "data length '%s' is not from 0 to %d",
					    optarg, CMWHO_DATA_MAX);
			o->data_length = (int)number;
			break;
		case 'j':
			o->json = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'h':
			return CMWHO_PARSED_HELP;
		case 'b':
			if (!parse_address(optarg, &o->address))
				return fail(error, size,
					    "'%s' is not an IPv4 or IPv6 address of this host", optarg);
			break;
		case 'c':
		case 'R':
			if (!parse_number(optarg, 1, 1000000000, &number))
				return fail(error, size, "'%s' is not a number from 1", optarg);
			o->count = (unsigned int)number;
			break;
		case 'r':
			o->reject = true;
			break;
		case 's':
			if (!parse_address(optarg, &o->source))
				return fail(error, size, "'%s' is not an IPv4 or IPv6 address", optarg);
			break;
		case ':':
			return fail(error, size, "option '%s' needs a value", argv[optind - 1]);
		default:
			if (optopt)
				return fail(error, size, "-%c is not for %s", optopt, argv[0]);
			return fail(error, size, "unknown option '%s'", argv[optind - 1]);
		}
	}
	if (o->command == CMWHO_CONNECT) {
		if (optind == argc)
			return fail(error, size, "connect needs an address");
		if (!parse_address(argv[optind], &o->address))
			return fail(
				error, size,
				"'%s' is not an IPv4 or IPv6 address (the netdev after %% must exist here)",
				argv[optind]);
		optind++;
	}
	if (optind < argc)
		return fail(error, size, "unexpected argument '%s'", argv[optind]);
	return check(o, port, error, size);
}
