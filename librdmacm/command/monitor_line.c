// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "monitor_line.h"
#include "report.h"

static void fill(const struct monitor_output *output, struct monitor_bucket *bucket)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (bucket->filled == now.tv_sec)
		return;
	bucket->filled = now.tv_sec;
	bucket->tokens = output->rate;
}

bool monitor_bucket_has_room(const struct monitor_output *output, struct monitor_bucket *bucket)
{
	fill(output, bucket);
	return !output->rate || bucket->tokens;
}

void monitor_bucket_force(const struct monitor_output *output, struct monitor_bucket *bucket)
{
	if (monitor_bucket_has_room(output, bucket) && output->rate)
		bucket->tokens--;
}

bool monitor_bucket_take(const struct monitor_output *output, struct monitor_bucket *bucket)
{
	if (!monitor_bucket_has_room(output, bucket)) {
		bucket->left_out++;
		return false;
	}
	monitor_bucket_force(output, bucket);
	return true;
}

static void put_event(struct monitor_line *line, const char *event)
{
	struct timespec now;
	char time[REPORT_MAX];

	clock_gettime(CLOCK_REALTIME, &now);
	if (!line->output->json) {
		if (line->output->timestamp)
			fprintf(line->stream, "%s ", report_time(&now, time));
		fprintf(line->stream, "%s:", event);
		return;
	}
	fputs("{\"event\":\"", line->stream);
	for (; *event; event++)
		fputc(*event == ' ' ? '_' : *event, line->stream);
	fprintf(line->stream, "\",\"time\":\"%s\"", report_time(&now, time));
}

void monitor_line_begin(struct monitor_line *line, struct monitor_output *output,
			const char *event)
{
	line->output = output;
	line->text = NULL;
	line->stream = open_memstream(&line->text, &line->size);
	if (line->stream)
		put_event(line, event);
	else
		output->error = errno;
}

static void put_quoted(struct monitor_line *line, const char *text)
{
	fputc('"', line->stream);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', line->stream);
		fputc(*text, line->stream);
	}
	fputc('"', line->stream);
}

static void put_key(struct monitor_line *line, const char *key)
{
	if (line->output->json)
		fprintf(line->stream, ",\"%s\":", key);
	else
		fprintf(line->stream, " %s ", key);
}

static void put_value(struct monitor_line *line, const char *key, const char *value)
{
	if (!line->stream)
		return;
	if (!line->output->json) {
		if (!*value)
			return;
		put_key(line, key);
		fputs(value, line->stream);
		return;
	}
	put_key(line, key);
	if (*value)
		put_quoted(line, value);
	else
		fputs("null", line->stream);
}

void monitor_line_text(struct monitor_line *line, const char *key, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		line->output->error = ENOMEM;
		return;
	}
	put_value(line, key, text);
	free(text);
}

void monitor_line_name(struct monitor_line *line, const char *key, const char *name)
{
	char text[SAFE_NAME_MAX];

	put_value(line, key, safe_name(name, text));
}

void monitor_line_number(struct monitor_line *line, const char *key, uint64_t number, bool known)
{
	if (!line->stream || (!known && !line->output->json))
		return;
	put_key(line, key);
	if (known)
		fprintf(line->stream, "%" PRIu64, number);
	else
		fputs("null", line->stream);
}

void monitor_line_flag(struct monitor_line *line, const char *key, bool flag)
{
	if (!line->stream)
		return;
	put_key(line, key);
	if (line->output->json)
		fputs(flag ? "true" : "false", line->stream);
	else
		fputs(flag ? "yes" : "no", line->stream);
}

void monitor_line_netns(struct monitor_line *line, const struct namespace *namespace)
{
	static const struct namespace nobody = { .name = "" };
	const struct namespace *known = namespace ? namespace : &nobody;
	const struct container *container = &known->leader.container;
	const char *name = known->found_name ? known->found_name : known->name;

	put_value(line, "netns", known->name);
	if (!line->output->json)
		return;
	monitor_line_number(line, "netns_inode", known->inode, known->inode);
	put_value(line, "netns_name", known->named ? name : "");
	put_value(line, "netns_engine", container->engine ? container->engine : "");
	monitor_line_name(line, "netns_container", container->engine ? container->id : "");
	monitor_line_name(line, "netns_pod", container->engine ? container->pod : "");
	monitor_line_number(line, "netns_user", container->user, container->user);
	monitor_line_number(line, "netns_pid", (uint64_t)known->leader.pid, known->leader.pid);
	monitor_line_name(line, "netns_command", known->leader.command);
}

void monitor_line_end(struct monitor_line *line)
{
	struct monitor_output *output = line->output;

	if (!line->stream)
		return;
	if (output->json)
		fputc('}', line->stream);
	fputc('\n', line->stream);
	if (fclose(line->stream))
		output->error = ENOMEM;
	else if (!output->error && (fwrite(line->text, 1, line->size, output->file) != line->size ||
				    fflush(output->file)))
		output->error = errno;
	else
		output->printed++;
	free(line->text);
	line->stream = NULL;
}
