/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The state of an RDMA device's port, as sysfs shows it, and what follows from it. */
#ifndef RDMA_NS_PORT_STATE_H
#define RDMA_NS_PORT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_WORD_MAX 32

enum { PORT_DOWN = 1, PORT_INIT, PORT_ARMED, PORT_ACTIVE };

struct port_state {
	unsigned int state;	  /* 0: not known */
	char word[PORT_WORD_MAX]; /* in the kernel's words, such as INIT */
	char link[PORT_WORD_MAX]; /* the physical state, such as Polling */
};

/* The first line of a file; false, and "", if it cannot be read. */
bool sysfs_line(const char *path, char *line, size_t size);

/* @sysfs is where sysfs is mounted. Safe to print. */
void port_state_read(const char *sysfs, const char *device, uint32_t port,
		     struct port_state *state);

/* Has the port this P_Key, as a full or limited member? True if the table cannot be read. */
bool port_has_pkey(const char *sysfs, const char *device, uint32_t port, uint16_t pkey);

/* The types of RoCE GIDs that a port has for an IP address. */
struct port_gid_types {
	bool v1, v2;
	bool read; /* false: the table cannot be read */
};

void port_gid_types_read(const char *sysfs, const char *device, uint32_t port,
			 const uint8_t gid[16], struct port_gid_types *types);

/*
 * Which version of RoCE does RDMA CM use there? 2, unless an administrator has chosen 1 in
 * configfs.
 */
int port_roce_mode(const char *sysfs, const char *device, uint32_t port);

#endif
