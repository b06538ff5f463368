// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <string.h>

#include "peer_message.h"
#include "peer_options.h"

#define SECONDS_MAX 86400

static const struct option long_options[] = {
	{ "count", required_argument, NULL, 'c' },    { "once", no_argument, NULL, '1' },
	{ "interval", required_argument, NULL, 'i' }, { "size", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 'W' },  { "port", required_argument, NULL, 'p' },
	{ "netdev", required_argument, NULL, 'I' },   { "netns", required_argument, NULL, 'N' },
	{ "policy", required_argument, NULL, 'P' },   { "udp", no_argument, NULL, 'u' },
	{ "json", no_argument, NULL, 'j' },	      { "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },	      { NULL, 0, NULL, 0 },
};

/* Parse seconds, with up to three decimals, in any locale. */
static bool parse_seconds(const char *text, uint32_t *milliseconds)
{
	static const char digits[] = "0123456789";
	const size_t whole = strspn(text, digits);
	const char *fraction = &text[whole];
	uint32_t seconds = 0;
	char copy[8] = "";

	if (whole >= sizeof(copy))
		return false;
	memcpy(copy, text, whole);
	for (const char *digit = copy; *digit; digit++)
		seconds = seconds * 10 + (uint32_t)(*digit - '0');
	*milliseconds = seconds * 1000;
	if (*fraction == '.') {
		const size_t decimals = strspn(++fraction, digits);

		if (!decimals || decimals > 3)
			return false;
		for (uint32_t i = 0, unit = 100; i < decimals; i++, unit /= 10)
			*milliseconds += (uint32_t)(*fraction++ - '0') * unit;
	} else if (!whole) {
		return false;
	}
	return !*fraction && seconds <= SECONDS_MAX;
}

/* Parse a number of bytes, which K or M may follow. */
static bool parse_size(const char *text, uint32_t *size)
{
	char copy[16];
	size_t length = strlen(text);
	uint32_t unit = 1;

	if (!length || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length + 1);
	switch (toupper((unsigned char)copy[length - 1])) {
	case 'K':
		unit = 1 << 10;
		break;
	case 'M':
		unit = 1 << 20;
		break;
	}
	if (unit > 1)
		copy[length - 1] = '\0';
	if (!parse_number(copy, PEER_SIZE_MAX / unit, size))
		return false;
	*size *= unit;
	return true;
}

static int bad_value(const char *command, const char *option, const char *wanted)
{
	return usage_error("%s: '%s' after %s is not %s", command, optarg, option, wanted);
}

static int set(const char *command, int letter, struct peer_options *options)
{
	uint32_t port;

	switch (letter) {
	case 'c':
		if (!parse_number(optarg, UINT32_MAX, &options->count) || !options->count)
			return bad_value(command, "--count", "a number from 1 on");
		break;
	case '1':
		options->count = 1;
		break;
	case 'i':
		if (!parse_seconds(optarg, &options->interval_ms))
			return bad_value(command, "--interval", "seconds, as 1 or 0.2");
		break;
	case 's':
		if (!parse_size(optarg, &options->size))
			return bad_value(command, "--size", "a number of bytes up to 1M");
		break;
	case 'W':
		if (!parse_seconds(optarg, &options->timeout_ms) || !options->timeout_ms)
			return bad_value(command, "--timeout", "seconds, as 1 or 0.2");
		break;
	case 'p':
		if (!parse_number(optarg, 65535, &port) || !port)
			return bad_value(command, "--port", "a port from 1 to 65535");
		options->port = (uint16_t)port;
		break;
	case 'I':
		options->netdev = optarg;
		break;
	case 'N':
		options->netns = optarg;
		break;
	case 'P':
		if (rdma_ns_policy_parse(optarg, &options->policy))
			return usage_error("%s: policy '%s' is not report, verify or strict",
					   command, optarg);
		break;
	case 'u':
		options->datagram = true;
		break;
	case 'j':
		options->json = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'h':
		options->help = true;
		break;
	}
	return STATUS_OK;
}

static int parse(int count, char **words, const char *letters, struct peer_options *options)
{
	int letter, status;

	optind = 0;
	while ((letter = getopt_long(count, words, letters, long_options, NULL)) != -1) {
		const char *word = words[optind - 1];

		if (letter == ':' || letter == '?')
			status = bad_option(words[0], long_options, letter, word);
		else if (!strchr(letters, letter))
			/* It belongs to the other command. */
			status = usage_error("%s: unknown option '%s'", words[0], word);
		else
			status = set(words[0], letter, options);
		if (status || options->help)
			return status;
	}
	if (optind + 1 < count)
		return usage_error("%s: unexpected word '%s'", words[0], words[optind + 1]);
	options->address = optind < count ? words[optind] : NULL;
	return STATUS_OK;
}

int ping_options(int count, char **words, struct peer_options *options)
{
	int status;

	*options = (struct peer_options){ .interval_ms = 1000,
					  .timeout_ms = 10000,
					  .size = 64,
					  .port = DEFAULT_PORT,
					  .json = options->json };
	status = parse(count, words, ":c:i:s:W:p:I:N:P:ujqh", options);
	if (!status && !options->help && !options->address)
		return usage_error("ping: no address");
	return status;
}

int doctor_options(int count, char **words, struct peer_options *options)
{
	*options = (struct peer_options){ .json = options->json };
	return parse(count, words, ":N:jh", options);
}

int listen_options(int count, char **words, struct peer_options *options)
{
	int status;

	*options = (struct peer_options){ .port = DEFAULT_PORT, .json = options->json };
	status = parse(count, words, ":c:1p:I:N:P:ujqh", options);
	if (options->address && !strcmp(options->address, "any"))
		options->address = NULL;
	return status;
}
