/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Words of command lines and scripts. */
#ifndef PARSE_H
#define PARSE_H

#include <stddef.h>
#include <sys/socket.h>

/* An IPv4 or IPv6 address and a port; its length. Ends the program if it is neither. */
socklen_t parse_address(const char *text, const char *port, struct sockaddr_storage *address);

/* How many bytes, @room at most, were read: up to the first that is none. */
size_t parse_hex(const char *text, unsigned char *bytes, size_t room);

#endif
