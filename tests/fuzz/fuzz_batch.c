// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * A batch, whose commands only parse their words: each line is a command, nothing, or an error that
 * names the line.
 */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "capture.h"
#include "peer_message.h"
#include "peer_options.h"

#define WORDS_MAX 256
#define SECONDS_MAX 86400u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t commands, faulty;

static void check_peer(const struct peer_options *options, bool is_ping)
{
	if (!options->port || options->size > PEER_SIZE_MAX ||
	    options->policy > RDMA_NS_POLICY_LAST ||
	    options->interval_ms > SECONDS_MAX * 1000 + 999 ||
	    options->timeout_ms > SECONDS_MAX * 1000 + 999 ||
	    (is_ping && (!options->address || !options->timeout_ms)))
		abort();
}

static int run(const struct options *options, int count, char **words)
{
	struct peer_options peer = { .json = options->json };
	char device[RDMA_NS_DEVICE_NAME_MAX], name[16];
	const char first = words[0][0];
	int status = STATUS_USAGE;
	uint32_t port;

	commands++;
	if (first == '#' || count < 1 || count > WORDS_MAX)
		abort();
	for (int i = 0; i < count; i++) {
		if (!*words[i] || strpbrk(words[i], " \t\n"))
			abort();
	}
	strncpy(name, first == 'p' ? "ping" : "listen", sizeof(name));
	if (first == 'p' || first == 'l') {
		words[0] = name;
		status = first == 'p' ? ping_options(count, words, &peer) :
					listen_options(count, words, &peer);
		if (!status && !peer.help)
			check_peer(&peer, first == 'p');
	} else if (!parse_device(words[0], device, &port)) {
		status = usage_error("'%s' is not a device", words[0]);
	} else {
		status = STATUS_OK;
	}
	faulty += status != STATUS_OK;
	return status;
}

/* What the lines are, found out in another way than the command's. */
static void count_lines(const uint8_t *data, size_t size, size_t *expected, size_t *wrong)
{
	*expected = *wrong = 0;
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;
		size_t words = 0;
		bool comment = false, inside = false;

		for (size_t i = 0; i < length; i++) {
			const bool space = data[i] == ' ' || data[i] == '\t';

			if (!space && !inside) {
				comment |= !words && data[i] == '#';
				words++;
			}
			inside = !space;
		}
		if (memchr(data, '\0', length) || (words > WORDS_MAX && !comment))
			++*wrong;
		else
			*expected += words && !comment;
		size -= length + !!end;
		data += length + !!end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct options options = { .json = false };
	size_t expected, wrong, lines = 0;
	struct capture capture;
	FILE *file;

	if (!size)
		return 0;
	file = fmemopen((void *)data, size, "r");
	if (!file)
		abort();
	commands = faulty = 0;
	capture_begin(&capture);
	batch_run(file, "batch", &options, run);
	capture_end(&capture);
	fclose(file);
	count_lines(data, size, &expected, &wrong);
	for (const char *c = capture.error; *c; c++)
		lines += *c == '\n';
	if (commands != expected || lines != faulty + wrong)
		abort();
	/* That is said of no word but --json=x. */
	if (strstr(capture.error, "' takes no value") && !memchr(data, '=', size))
		abort();
	capture_release(&capture);
	return 0;
}
