// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

socklen_t parse_address(const char *text, const char *port, struct sockaddr_storage *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	const size_t length = strcspn(text, "%");
	char plain[INET6_ADDRSTRLEN] = "";

	if (length < sizeof(plain))
		memcpy(plain, text, length);
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)atoi(port));
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, plain, &in6->sin6_addr) != 1) {
		fprintf(stderr, "%s: '%s' is no address\n", program_invocation_short_name, text);
		exit(2);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)atoi(port));
	if (text[length])
		in6->sin6_scope_id = (uint32_t)atoi(text + length + 1);
	return sizeof(*in6);
}

size_t parse_hex(const char *text, unsigned char *bytes, size_t room)
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
