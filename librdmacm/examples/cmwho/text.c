// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Addresses, names and private data as text. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "cmwho.h"

/*
 * A name ends at the first NUL (InfiniBand pads private data with zeros) or with the data. Space is
 * escaped too, so that a name is always one word of a line.
 */
void cmwho_peer_name(const void *data, size_t length, char text[CMWHO_TEXT_MAX])
{
	const unsigned char *name = data;
	size_t name_length = data ? strnlen(data, length) : 0;
	size_t shown = name_length < CMWHO_NAME_MAX ? name_length : CMWHO_NAME_MAX;
	char *end = text;

	for (size_t i = 0; i < shown; i++) {
		if (name[i] < 0x80 && isgraph(name[i]) && name[i] != '\\')
			*end++ = (char)name[i];
		else
			end += sprintf(end, "\\x%02x", name[i]);
	}
	strcpy(end, name_length > shown ? "..." : "");
}

void cmwho_hex(const void *data, size_t length, char text[CMWHO_HEX_MAX])
{
	const unsigned char *bytes = data;

	if (length > CMWHO_DATA_MAX)
		length = CMWHO_DATA_MAX;
	text[0] = '\0';
	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* With the quotes. */
void cmwho_json_string(FILE *out, const char *text)
{
	putc('"', out);
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			fprintf(out, "\\u%04x", *c);
		else
			putc(*c, out);
	}
	putc('"', out);
}

void cmwho_address(const struct sockaddr *address, bool with_port, char text[CMWHO_ADDRESS_MAX])
{
	char host[INET6_ADDRSTRLEN + 20], port[6];
	socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
							    sizeof(struct sockaddr_in);

	if (getnameinfo(address, length, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(text, CMWHO_ADDRESS_MAX, "(address family %d)", address->sa_family);
	else if (!with_port)
		snprintf(text, CMWHO_ADDRESS_MAX, "%s", host);
	else
		snprintf(text, CMWHO_ADDRESS_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
			 port);
}

const char *cmwho_event_name(enum rdma_cm_event_type event)
{
	static const char prefix[] = "RDMA_CM_EVENT_";
	const char *name = rdma_event_str(event);

	return strncmp(name, prefix, sizeof(prefix) - 1) ? name : name + sizeof(prefix) - 1;
}

/* A negative status is an errno, a positive one the CM's own reason. */
void cmwho_status(const char *what, int status, char *text, size_t size)
{
	if (status < 0)
		snprintf(text, size, "%s status %d (%s)", what, status, strerror(-status));
	else
		snprintf(text, size, "%s status %d", what, status);
}

/*
 * The name, and if more is wanted a NUL and bytes that each hold their own offset, so that a
 * receiver can tell which of them something between the two changed. Returns the length.
 */
size_t cmwho_private_data(const char *name, int length, uint8_t data[CMWHO_DATA_MAX])
{
	size_t name_length = strlen(name);
	size_t total = length < 0 ? name_length : (size_t)length;

	for (size_t i = 0; i < total; i++)
		data[i] = i < name_length ? (uint8_t)name[i] : i == name_length ? 0 : (uint8_t)i;
	return total;
}
