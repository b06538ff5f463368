// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

const void *address_ip(const void *address)
{
	switch (((const struct sockaddr *)address)->sa_family) {
	case AF_INET:
		return &((const struct sockaddr_in *)address)->sin_addr;
	case AF_INET6:
		return &((const struct sockaddr_in6 *)address)->sin6_addr;
	default:
		return NULL;
	}
}

in_port_t address_port(const void *address)
{
	/* Both structures have the port in the same place. */
	return address_ip(address) ? ((const struct sockaddr_in *)address)->sin_port : 0;
}

void address_set_port(struct sockaddr_storage *address, unsigned int port)
{
	((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

bool address_is_wildcard(const void *address)
{
	static const uint8_t any[16];
	const bool ipv4 = ((const struct sockaddr *)address)->sa_family == AF_INET;
	const void *ip = address_ip(address);

	return ip && !memcmp(ip, any, ipv4 ? 4 : 16);
}

bool address_bytes_link_local(sa_family_t family, const void *bytes)
{
	const uint8_t *ip = bytes;

	return family == AF_INET6 && ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

unsigned int address_scope(const void *address)
{
	const struct sockaddr_in6 *in6 = address;

	if (in6->sin6_family != AF_INET6 || !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		return 0;
	return in6->sin6_scope_id;
}

const char *address_text(const struct sockaddr_storage *address, char text[ADDRESS_TEXT_MAX])
{
	char ip[INET6_ADDRSTRLEN];

	if (!address_ip(address) ||
	    !inet_ntop(address->ss_family, address_ip(address), ip, sizeof(ip)))
		snprintf(text, ADDRESS_TEXT_MAX, "(address family %d)", address->ss_family);
	else
		snprintf(text, ADDRESS_TEXT_MAX,
			 address->ss_family == AF_INET ? "%s:%u" : "[%s]:%u", ip,
			 ntohs(address_port(address)));
	return text;
}

bool address_parse(const char *text, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (void *)address;
	struct sockaddr_in *in = (void *)address;
	const char *scope = strchr(text, '%');
	char copy[INET6_ADDRSTRLEN];
	size_t length = scope ? (size_t)(scope - text) : strlen(text);

	memset(address, 0, sizeof(*address));
	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (!scope && inet_pton(AF_INET, copy, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		return true;
	}
	if (inet_pton(AF_INET6, copy, &in6->sin6_addr) != 1)
		return false;
	in6->sin6_family = AF_INET6;
	if (!scope)
		return true;
	in6->sin6_scope_id = if_nametoindex(scope + 1);
	return IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) && in6->sin6_scope_id;
}
