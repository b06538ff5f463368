// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

int print(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout))
		return failed("cannot write to standard output: %s", strerror(errno));
	return STATUS_OK;
}

int failed(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("rdma-ns: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return STATUS_FAILED;
}

int usage_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("rdma-ns: ", stderr);
	vfprintf(stderr, format, arguments);
	fputs("; see 'rdma-ns --help'\n", stderr);
	va_end(arguments);
	return STATUS_USAGE;
}

bool parse_number(const char *text, uint32_t max, uint32_t *number)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || *end || value > max)
		return false;
	*number = (uint32_t)value;
	return true;
}

bool parse_policy(const char *text, enum rdma_ns_policy *policy)
{
	for (int i = RDMA_NS_POLICY_REPORT; i <= RDMA_NS_POLICY_STRICT; i++) {
		if (!strcmp(text, rdma_ns_policy_str(i))) {
			*policy = i;
			return true;
		}
	}
	return false;
}

/* With a scope after an IPv6 link-local address: fe80::1%ib0. */
bool parse_address(const char *text, struct sockaddr_storage *address)
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
	if (scope) {
		in6->sin6_scope_id = if_nametoindex(scope + 1);
		return IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) && in6->sin6_scope_id;
	}
	return true;
}

/* Both structures have the port in the same place. */
void set_port(struct sockaddr_storage *address, uint16_t port)
{
	((struct sockaddr_in *)address)->sin_port = htons(port);
}

bool parse_device(const char *text, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);

	*port = 0;
	if (!length || length >= RDMA_NS_DEVICE_NAME_MAX)
		return false;
	memcpy(device, text, length);
	device[length] = '\0';
	return !slash || (parse_number(slash + 1, UINT32_MAX, port) && *port);
}

const char *safe_name(const char *name, char text[TEXT_MAX])
{
	char *end = text;

	for (; *name && end < text + TEXT_MAX - 5; name++) {
		const unsigned char c = (unsigned char)*name;

		if (c < 0x80 && isgraph(c) && c != '\\')
			*end++ = *name;
		else
			end += sprintf(end, "\\x%02x", c);
	}
	*end = '\0';
	return text;
}

const char *ip_text(sa_family_t family, const void *bytes, char text[TEXT_MAX])
{
	if (!inet_ntop(family, bytes, text, TEXT_MAX))
		text[0] = '\0';
	return text;
}
