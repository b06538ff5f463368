// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define WORDS_MAX 256

/* The plus ends the options at the first word. */
static const char letters[] = "+Ab:jnhV";

static const char help[] =
	"Usage: rdma-ns [OPTION]... COMMAND [WORD]...\n"
	"\n"
	"How RDMA CM connection requests meet network namespaces.\n"
	"\n"
	"Commands (each may be shortened, as in \"rdma-ns n\"):\n"
	"  netdevs [DEVICE[/PORT]]   the netdevs of RDMA devices: P_Key, QPN, VLAN, GID, addresses\n"
	"  audit                     addresses that a connection request may find in several places;\n"
	"                            status 1 if one is in several namespaces\n"
	"  resolve DESTINATION from SOURCE dev DEVICE[/PORT] [WORD VALUE]...\n"
	"                            where would this request arrive, who handles and who gets it?\n"
	"                            Words: pkey, qpn, gid, vlan, port, ps (tcp, udp), policy (report,\n"
	"                            verify, strict), listener (ADDRESS or any, with %NETDEV if it is\n"
	"                            bound to that; repeatable). Status 1 if it would be rejected.\n"
	"  show                      RDMA CM ids, their processes, namespaces and netdevs\n"
	"  exec [--policy report|verify|strict] [--log FILE] [--json] [--] PROGRAM [ARGUMENT]...\n"
	"                            run an unmodified program with librdma-ns: requests and\n"
	"                            connections are judged by policy and logged (FILE -: standard error)\n"
	"  features                  what kernel, devices and this library can do\n"
	"  help                      this text\n"
	"\n"
	"  -A, --all          netdevs, audit: all network namespaces that can be reached\n"
	"  -j, --json         JSON\n"
	"  -b, --batch FILE   run the commands in FILE (-: standard input), one a line, in one process;\n"
	"                     the status is the highest\n"
	"  -n, --no-headings  tables without headings\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"\n"
	"Exit status: 0 done, 1 failed (see also audit and resolve), 2 usage.\n";

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'A' },
	{ "batch", required_argument, NULL, 'b' },
	{ "json", no_argument, NULL, 'j' },
	{ "no-headings", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* In the order in which a shortened name finds them. */
static const struct {
	const char *name;
	int (*run)(const struct options *options, int count, char **words);
	bool namespaces; /* knows -A */
} commands[] = {
	{ "audit", command_audit, true },
	{ "features", command_features, false },
	{ "netdevs", command_netdevs, true },
	{ "resolve", command_resolve, false },
	{ "show", command_show, false },
};

static int print(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout))
		return failed("cannot write to standard output: %s", strerror(errno));
	return STATUS_OK;
}

static int run(const struct options *options, int count, char **words)
{
	const size_t length = strlen(words[0]);

	if (length && !strncmp("help", words[0], length))
		return print(help);
	if (length && !strncmp("exec", words[0], length))
		return usage_error("exec: it takes the place of this process, so not from a batch");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!length || strncmp(commands[i].name, words[0], length))
			continue;
		if (options->all && !commands[i].namespaces)
			return usage_error("%s: -A means nothing here", commands[i].name);
		return commands[i].run(options, count - 1, words + 1);
	}
	return usage_error("unknown command '%s'", words[0]);
}

static int run_line(const struct options *options, char *line)
{
	char *words[WORDS_MAX], *word, *rest;
	int count = 0;

	for (word = strtok_r(line, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == WORDS_MAX)
			return usage_error("a line of more than %d words", WORDS_MAX);
		words[count++] = word;
	}
	return count && words[0][0] != '#' ? run(options, count, words) : STATUS_OK;
}

static int run_batch(const struct options *options, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int status = STATUS_OK, line_status;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return failed("cannot open '%s': %s", path, strerror(errno));
	while (getline(&line, &size, file) >= 0) {
		line_status = run_line(options, line);
		if (line_status > status)
			status = line_status;
	}
	if (ferror(file))
		status = failed("cannot read '%s': %s", path, strerror(errno));
	free(line);
	if (file != stdin)
		fclose(file);
	return status;
}

/* The words after "exec" are for itself to read: they have the options of another program in them. */
static bool is_exec(int argc, char **argv, int *at)
{
	bool found = false;
	size_t length;
	int option;

	opterr = 0;
	do
		option = getopt_long(argc, argv, letters, long_options, NULL);
	while (option != -1 && option != '?' && option != 'b');
	if (option == -1 && optind < argc) {
		length = strlen(argv[optind]);
		found = length && !strncmp("exec", argv[optind], length);
	}
	*at = optind;
	optind = 0;
	opterr = 1;
	return found;
}

int main(int argc, char **argv)
{
	int exec_at, all = argc;
	struct options options = { 0 };
	const char *batch = NULL;
	int option;

	if (is_exec(argc, argv, &exec_at))
		argc = exec_at;
	while ((option = getopt_long(argc, argv, &letters[argc == all], long_options, NULL)) != -1) {
		switch (option) {
		case 'A':
			options.all = true;
			break;
		case 'b':
			batch = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		case 'n':
			options.no_headings = true;
			break;
		case 'h':
			return print(help);
		case 'V':
			return print("rdma-ns " RDMA_NS_VERSION "\n");
		default:
			/* getopt has said what is wrong. */
			return STATUS_USAGE;
		}
	}
	if (argc < all && options.all)
		return usage_error("exec: -A means nothing here");
	if (argc < all)
		return command_exec(&options, all - exec_at, argv + exec_at);
	if (batch && optind < argc)
		return usage_error("a command beside --batch: '%s'", argv[optind]);
	if (batch)
		return run_batch(&options, batch);
	if (optind == argc)
		return usage_error("no command");
	return run(&options, argc - optind, argv + optind);
}
