// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: mad-storm SECONDS SEED KINDS DEVICE [DEVICE]
 *
 * Sends hostile management datagrams from DEVICE's first port: of KINDS, a word with some of the
 * letters c (the CM's), s (SMPs) and g (the others). They are nearly right, forged, cut, of the
 * wrong version, sent again, also from the second DEVICE, and come in bursts. Standard input says
 * whom to attack, one a line:
 *
 *   target LID GID                  a host's port
 *   switch LID
 *   own LID GID GUID                of DEVICE, its GUID as 16 digits
 *   listener PORT IPV4 IPV6 QPN     at the first target; the QPN of the netdev with the addresses
 *   stranger ADDRESS                to be forged; the first, IPv4, and the second, IPv6, are
 *                                   somebody's whose packets listeners would get
 *   connection ID PEER-ID PEER-QPN  one of the sender's own
 *   m_key KEY                       half of the SMPs have it (0: no)
 *
 * Prints how many went out and what the sender's own kernel refused. SECONDS 0 prints instead what
 * the agents of target and switch hold, without counters. Exit status: 0, 1 failed, 2 usage.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <infiniband/umad_sm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cm_messages.h"
#include "draw.h"
#include "storm.h"

#define BURST_MAX 400
#define PAUSE_MAX_MS 40
#define KEPT 64
#define ERRNOS 256
/* The kernel does not limit how often it says these things; a longer log would lose its begin. */
#define LOUD_MAX 150

struct storm_scene scene = { .own_lid = 1, .request_ids = 0x53540000 };

static struct storm_mad kept[KEPT];
static unsigned long sent, again, refused[ERRNOS], refused_count;
static unsigned int loud;

static __attribute__((noreturn)) void wrong(const char *what)
{
	fprintf(stderr, "mad-storm: '%s' makes no sense\n", what);
	exit(2);
}

static void parse_ip(const char *text, uint8_t to[16])
{
	memset(to, 0, 16);
	if (inet_pton(AF_INET6, text, to) != 1 && inet_pton(AF_INET, text, to + 12) != 1)
		wrong(text);
}

static uint32_t parse_number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}

static void *next_of(void *list, uint32_t *count, size_t size, const char *line)
{
	if (*count == STORM_MANY)
		wrong(line);
	return (char *)list + size * (*count)++;
}

#define NEXT(_list, _line) next_of(scene._list, &scene._list##_count, sizeof(scene._list[0]), _line)

static void parse_line(char *line)
{
	struct storm_connection *connection;
	struct storm_listener *listener;
	struct storm_target *target;
	char word[16], a[64], b[64], c[64], d[64];
	int words = sscanf(line, "%15s %63s %63s %63s %63s", word, a, b, c, d);

	if (words == 3 && !strcmp(word, "target")) {
		target = NEXT(targets, line);
		target->lid = (uint16_t)parse_number(a);
		parse_ip(b, target->gid);
	} else if (words == 2 && !strcmp(word, "switch")) {
		scene.switch_lid = (uint16_t)parse_number(a);
	} else if (words == 4 && !strcmp(word, "own")) {
		scene.own_lid = (uint16_t)parse_number(a);
		parse_ip(b, scene.own_gid);
		scene.own_guid = htobe64(strtoull(c, NULL, 16));
	} else if (words == 5 && !strcmp(word, "listener")) {
		listener = NEXT(listeners, line);
		listener->port = (uint16_t)parse_number(a);
		parse_ip(b, listener->v4);
		parse_ip(c, listener->v6);
		listener->qpn = parse_number(d);
	} else if (words == 2 && !strcmp(word, "stranger")) {
		parse_ip(a, NEXT(strangers, line));
	} else if (words == 4 && !strcmp(word, "connection")) {
		connection = NEXT(connections, line);
		connection->own_id = parse_number(a);
		connection->peer_id = parse_number(b);
		connection->peer_qpn = parse_number(c);
		/* The kernel's ids share their upper half, so that none of them has this one. */
		scene.request_ids = ~connection->own_id & 0xffff0000;
	} else if (words == 2 && !strcmp(word, "m_key")) {
		scene.m_key = strtoull(a, NULL, 0);
	} else {
		wrong(line);
	}
}

/* Keys of this side that are not the right ones, and lengths that no datagram has. */
static void choose_way(struct storm_mad *mad)
{
	mad->length = 256;
	mad->qkey = 0x80010000;
	if (mad->smp)
		return;
	if (!draw_below(16))
		mad->pkey_index = (int)draw_below(16);
	if (!draw_below(24))
		mad->qkey = (uint32_t)draw();
	/* Whose GID is in it may be another's. */
	mad->grh = !draw_below(64);
	mad->loud |= mad->grh;
	if (!draw_below(6))
		mad->raw = true;
	if (mad->raw && !draw_below(3))
		mad->length = draw_below(draw_below(2) ? 257 : STORM_LARGEST + 1);
	/*
	 * Behind what has come, the receiver has an earlier datagram's bytes. A mark of one and a
	 * record or a port of another would look like a request that was misdelivered.
	 */
	if (mad->length > sizeof(struct mad_header) && mad->length < sizeof(struct mad))
		mad->length %= sizeof(struct mad_header);
}

static void send_one(struct storm_port *port, const struct storm_mad *mad)
{
	int error;

	if (mad->loud && ++loud > LOUD_MAX)
		return;
	error = storm_send(port, mad);
	if (!error) {
		sent++;
		return;
	}
	refused[error < ERRNOS ? error : 0]++;
	refused_count++;
}

static void send_burst(struct storm_port *ports[2], void (*make)(struct storm_mad *mad))
{
	unsigned int left = 1 + draw_below(BURST_MAX);

	while (left--) {
		struct storm_mad *mad = &kept[draw_below(KEPT)];

		/* As it was, the same ids and all. */
		if (mad->length && !draw_below(8)) {
			again++;
			send_one(ports[draw_below(2)], mad);
			continue;
		}
		memset(mad, 0, sizeof(*mad));
		make(mad);
		choose_way(mad);
		send_one(ports[0], mad);
	}
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void storm(struct storm_port *ports[2], const char *kinds, double seconds)
{
	const double end = now() + seconds;

	while (now() < end) {
		const struct timespec pause = { .tv_nsec = draw_below(PAUSE_MAX_MS) * 1000000L };
		const char kind = kinds[draw_below((uint32_t)strlen(kinds))];

		send_burst(ports, kind == 'c' ? storm_make_cm :
				  kind == 's' ? storm_make_smp :
						storm_make_gmp);
		nanosleep(&pause, NULL);
	}
	printf("%lu sent, %lu of them again; %lu refused here:", sent, again, refused_count);
	for (int i = 0; i < ERRNOS; i++) {
		if (refused[i])
			printf(" %lu %s", refused[i], i ? strerrorname_np(i) : "other");
	}
	putchar('\n');
}

/* Whatever the fabric does by itself in between changes. */
static void hide_changing(uint16_t attribute, uint8_t data[64])
{
	if (attribute == UMAD_SM_ATTR_PORT_INFO)
		memset(data + 44, 0, 6); /* violations of keys */
	if (attribute == UMAD_SM_ATTR_SWITCH_INFO)
		data[11] &= (uint8_t)~4; /* PortStateChange */
	if (attribute == UMAD_SM_ATTR_MCAST_FT)
		memset(data + 2, 0, 62); /* all groups but IPoIB's first: hosts join and leave */
}

static void print_one(struct storm_port *port, uint16_t lid, uint16_t attribute, uint32_t modifier)
{
	uint8_t data[64];

	printf("%u 0x%02x 0x%x ", lid, attribute, modifier);
	if (storm_read(port, lid, attribute, modifier, data)) {
		hide_changing(attribute, data);
		for (size_t i = 0; i < sizeof(data); i++)
			printf("%02x", data[i]);
	} else {
		printf("none");
	}
	putchar('\n');
}

static void print_attributes(struct storm_port *port)
{
	static const struct {
		uint16_t id;
		uint32_t modifier;
	} attributes[] = {
		{ UMAD_SM_ATTR_NODE_DESC, 0 },		{ UMAD_SM_ATTR_NODE_INFO, 0 },
		{ UMAD_SM_ATTR_SWITCH_INFO, 0 },	{ UMAD_SM_ATTR_GUID_INFO, 0 },
		{ UMAD_SM_ATTR_PORT_INFO, 0 },		{ UMAD_SM_ATTR_PORT_INFO, 1 },
		{ UMAD_SM_ATTR_PORT_INFO, 2 },		{ UMAD_SM_ATTR_PORT_INFO, 3 },
		{ UMAD_SM_ATTR_PKEY_TABLE, 0 },		{ UMAD_SM_ATTR_PKEY_TABLE, 1 << 16 },
		{ UMAD_SM_ATTR_PKEY_TABLE, 2 << 16 },	{ UMAD_SM_ATTR_SLVL_TABLE, 0 },
		{ UMAD_SM_ATTR_SLVL_TABLE, 0x102 },	{ UMAD_SM_ATTR_VL_ARB_TABLE, 0x10001 },
		{ UMAD_SM_ATTR_VL_ARB_TABLE, 0x30001 }, { UMAD_SM_ATTR_LINEAR_FT, 0 },
		{ UMAD_SM_ATTR_LINEAR_FT, 1 },		{ UMAD_SM_ATTR_MCAST_FT, 0 },
		{ UMAD_SM_ATTR_LED_INFO, 0 },
	};

	/* Who has seen enough may stop reading: what does not answer takes seconds. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (uint32_t i = 0; i <= scene.targets_count; i++) {
		const uint16_t lid = i ? scene.targets[i - 1].lid : scene.switch_lid;

		for (size_t j = 0; j < sizeof(attributes) / sizeof(attributes[0]); j++)
			print_one(port, lid, attributes[j].id, attributes[j].modifier);
	}
}

int main(int argc, char **argv)
{
	struct storm_port *ports[2];
	char line[256];

	if (argc < 5 || argc > 6 || !*argv[3] || strspn(argv[3], "csg") != strlen(argv[3])) {
		fputs("usage: mad-storm SECONDS SEED KINDS DEVICE [DEVICE]\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), stdin))
		parse_line(line);
	if (!scene.targets_count || !scene.listeners_count || scene.strangers_count < 2)
		wrong("nobody to attack");
	draw_seed(strtoull(argv[2], NULL, 0));
	ports[0] = storm_open(argv[4]);
	ports[1] = argc > 5 ? storm_open(argv[5]) : ports[0];
	if (!strcmp(argv[1], "0")) {
		print_attributes(ports[0]);
		return 0;
	}
	for (uint32_t i = 0; i < scene.targets_count; i++)
		storm_read(ports[0], scene.targets[i].lid, UMAD_SM_ATTR_PORT_INFO, 0,
			   scene.targets[i].port_info);
	storm(ports, argv[3], strtod(argv[1], NULL));
	return 0;
}
