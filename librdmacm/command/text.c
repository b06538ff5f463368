// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

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

static void (*error_copy)(const char *message);

void set_error_copy(void (*copy)(const char *message))
{
	error_copy = copy;
}

static const char *help_command = "";

void set_help_command(const char *command)
{
	help_command = command;
}

/* Words of a command line or a batch may contain anything, even what a terminal obeys. */
__attribute__((format(printf, 2, 0))) static int report_error(int status, const char *format,
							      va_list arguments)
{
	char *message = NULL, *text = NULL, *safe;

	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	if (message && batch_line.path &&
	    asprintf(&text, "%s:%zu: %s", batch_line.path, batch_line.number, message) < 0)
		text = NULL;
	safe = message ? safe_message(text ? text : message) : NULL;
	fprintf(stderr, "rdma-ns: %s", safe ? safe : strerror(ENOMEM));
	if (status == STATUS_USAGE)
		fprintf(stderr, "; see 'rdma-ns %s%s--help'", help_command,
			*help_command ? " " : "");
	fputc('\n', stderr);
	if (error_copy)
		error_copy(safe ? safe : strerror(ENOMEM));
	free(safe);
	free(text);
	free(message);
	return status;
}

int failed(const char *format, ...)
{
	va_list arguments;
	int status;

	va_start(arguments, format);
	status = report_error(STATUS_FAILED, format, arguments);
	va_end(arguments);
	return status;
}

int usage_error(const char *format, ...)
{
	va_list arguments;
	int status;

	va_start(arguments, format);
	status = report_error(STATUS_USAGE, format, arguments);
	va_end(arguments);
	return status;
}

bool is_proc_missing(void)
{
	struct statfs filesystem;

	return statfs("/proc", &filesystem) || filesystem.f_type != PROC_SUPER_MAGIC;
}

const char *error_text(int error)
{
	if (error == ENOENT && is_proc_missing())
		return "/proc is not mounted: 'mount -t proc proc /proc'";
	return strerror(error);
}

const char *files_remedy(int error)
{
	return error == EMFILE || error == ENFILE ? ": raise the limit of open files ('ulimit -n')" :
						    "";
}

/* Is the word this option with a value, although it takes none? Only a long one can have that. */
static bool takes_no_value(const struct option *known, int letter, const char *word)
{
	const size_t length = strcspn(word, "=");

	if (strncmp(word, "--", 2) || !word[length])
		return false;
	while (known->name && known->val != letter)
		known++;
	return known->name && !known->has_arg && !strncmp(known->name, word + 2, length - 2);
}

static bool is_ambiguous(const struct option *known, const char *word)
{
	while (known->name && strncmp(known->name, word + 2, strcspn(word + 2, "=")))
		known++;
	return known->name;
}

int bad_option(const char *command, const struct option *known, int result, const char *word)
{
	const char *separator = *command ? ": " : "";

	if (result == ':')
		return usage_error("%s%soption '%s' needs a value", command, separator, word);
	if (optopt && takes_no_value(known, optopt, word))
		return usage_error("%s%soption '%.*s' takes no value", command, separator,
				   (int)strcspn(word, "="), word);
	if (optopt)
		return usage_error("%s%sunknown option '-%c'", command, separator, optopt);
	if (is_ambiguous(known, word))
		return usage_error("%s%soption '%s' is ambiguous", command, separator, word);
	return usage_error("%s%sunknown option '%s'", command, separator, word);
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
