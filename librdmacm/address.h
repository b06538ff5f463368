/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Socket addresses of IPv4 and IPv6. */
#ifndef RDMA_NS_ADDRESS_H
#define RDMA_NS_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The bytes of the IP address, 4 or 16; NULL for another family. */
const void *address_ip(const void *address);

/* In network byte order; 0 for another family. */
in_port_t address_port(const void *address);
/* @port: in host byte order. */
void address_set_port(struct sockaddr_storage *address, unsigned int port);

bool address_is_wildcard(const void *address);

/* The same for the bytes of an address. */
bool address_bytes_link_local(sa_family_t family, const void *bytes);

/* The scope of a link-local address, that is, the ifindex of its netdev, or 0. */
unsigned int address_scope(const void *address);

#define ADDRESS_TEXT_MAX 64

/* Write it like 10.0.0.5:7471 or [fd00::5]:7471; returns @text. */
const char *address_text(const struct sockaddr_storage *address, char text[ADDRESS_TEXT_MAX]);

/*
 * Read an address without a port. A link-local one is followed by its scope, as in fe80::1%ib0.
 * Returns false if it is not an address.
 */
bool address_parse(const char *text, struct sockaddr_storage *address);

#endif
