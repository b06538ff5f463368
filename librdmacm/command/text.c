// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
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

void print_json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static struct {
	const char *path;
	size_t number;
} batch_line;

void set_batch_line(const char *path, size_t number)
{
	batch_line.path = path;
	batch_line.number = number;
}

static void begin_error(void)
{
	fputs("rdma-ns: ", stderr);
	if (batch_line.path)
		fprintf(stderr, "%s:%zu: ", batch_line.path, batch_line.number);
}

int failed(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	begin_error();
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return STATUS_FAILED;
}

int usage_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	begin_error();
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

const char *ip_text(sa_family_t family, const void *bytes, char text[TEXT_MAX])
{
	if (!inet_ntop(family, bytes, text, TEXT_MAX))
		text[0] = '\0';
	return text;
}
