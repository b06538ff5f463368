/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What mad-storm's parts share: whom it attacks, and a datagram with what leads it there. */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_LARGEST 4096
#define STORM_MANY 8
/* In a request's private data behind RDMA CM's header: the storm's own, not an honest one. */
#define STORM_MARK "strm"

struct storm_target {
	uint16_t lid;
	uint8_t gid[16];
	uint8_t port_info[64];
};

/* Addresses as in RDMA CM's header. */
struct storm_listener {
	uint16_t port;
	uint8_t v4[16], v6[16];
	uint32_t qpn;
};

/* A connection of the storm's own: its id, the peer's id and the peer's QP. */
struct storm_connection {
	uint32_t own_id, peer_id, peer_qpn;
};

/* Lists with their lengths. Targets are hosts; a switch is for SMPs alone. */
struct storm_scene {
	struct storm_target targets[STORM_MANY];
	struct storm_listener listeners[STORM_MANY];
	struct storm_connection connections[STORM_MANY];
	uint8_t strangers[STORM_MANY]
			 [16]; /* addresses to send from and to: neighbours', anybody's */
	uint32_t targets_count, listeners_count, connections_count, strangers_count;
	uint16_t switch_lid, own_lid;
	uint8_t own_gid[16];
	uint64_t own_guid;
	uint64_t m_key;	      /* 0: not known */
	uint32_t request_ids; /* the upper half of those that the storm's own requests have */
};

extern struct storm_scene scene;

struct storm_mad {
	uint8_t bytes[STORM_LARGEST];
	size_t length;
	uint16_t lid;
	uint32_t qkey;
	int pkey_index;
	bool smp; /* from QP 0 to QP 0 */
	bool raw; /* from a QP of the storm's own, of any length */
	bool grh;
	bool loud; /* the kernel's log gets a line of it, at either end */
};

struct storm_port;

/* A port to send from; what fails ends the program. */
struct storm_port *storm_open(const char *device);
/* 0 or an errno. */
int storm_send(struct storm_port *port, const struct storm_mad *mad);
/* Reads 64 bytes of an attribute from the agent at @lid. False if there is no answer. */
bool storm_read(struct storm_port *port, uint16_t lid, uint16_t attribute, uint32_t modifier,
		uint8_t data[64]);

/* Each fills a datagram that is all zeros. */
void storm_make_cm(struct storm_mad *mad);
void storm_make_smp(struct storm_mad *mad);
void storm_make_gmp(struct storm_mad *mad);

#endif
