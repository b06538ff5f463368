// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

/* The plus makes options end at the first word, the colon makes getopt tell what is missing. */
static const char own_letters[] = "+:Ab:jnhV", letters[] = ":Ab:jnhV";

static const char help[] =
	"Usage: rdma-ns [OPTION]... COMMAND [WORD]...\n"
	"\n"
	"Show how RDMA CM connection requests reach network namespaces.\n"
	"\n"
	"Commands (each may be shortened, as in \"rdma-ns n\"):\n"
	"  netdevs [DEVICE[/PORT]]   list the netdevs of RDMA devices with P_Key, QPN, VLAN, GID, addresses\n"
	"  audit                     list addresses that are in several places, and say who gets the\n"
	"                            requests for them. The status is 1 if several namespaces have one,\n"
	"                            and 3 if none was found but not everything could be seen\n"
	"  resolve DESTINATION from SOURCE dev DEVICE[/PORT] [WORD VALUE]...\n"
	"                            explain where this request would arrive, which netdev would handle\n"
	"                            it, and which listener would get it. The words are pkey, qpn, gid,\n"
	"                            vlan, port, sport, ps (tcp, udp), policy (report, verify, strict)\n"
	"                            and listener (ADDRESS or any, with %NETDEV if it is bound to a\n"
	"                            netdev; repeatable). The status is 1 if it would be rejected\n"
	"  show                      list RDMA CM ids with their processes, namespaces and netdevs\n"
	"  exec [--policy report|verify|strict] [--log FILE] [--json] [--] PROGRAM [ARGUMENT]...\n"
	"                            run an unmodified program with librdma-ns, which judges its requests\n"
	"                            and connections by policy and logs them (FILE -: standard error)\n"
	"  features                  say what the kernel, its devices and this library can do\n"
	"  doctor [OPTION]... [ADDRESS]   say why RDMA CM fails here, and the remedy; see \"doctor --help\"\n"
	"  listen [OPTION]... [ADDRESS]   print how requests arrive, and answer ping; see \"listen --help\"\n"
	"  ping [OPTION]... ADDRESS       connect to a listener, print how the request arrived there, and\n"
	"                            send messages; see \"ping --help\"\n"
	"  monitor [OPTION]... [OBJECT]...   print a line for each change of netdevs, and when addresses\n"
	"                            begin or cease to be in several namespaces; see \"monitor --help\"\n"
	"  hook [OPTION]...          give a container IPoIB netdevs, as an OCI hook; see \"hook --help\"\n"
	"  cni                       the same as a CNI plugin; see \"cni --help\"\n"
	"  help                      print this text\n"
	"\n"
	"  -A, --all          netdevs, audit, monitor: examine all network namespaces, including those that only a\n"
	"                     thread, descriptor, socket or mount holds\n"
	"  -j, --json         print JSON\n"
	"  -b, --batch FILE   run the commands in FILE (-: standard input), one a line, in one process;\n"
	"                     errors name the line, and the status is the highest one of all commands\n"
	"  -n, --no-headings  print tables without headings\n"
	"      --openmetrics  audit: print metrics for a textfile collector\n"
	"  -h, --help         print this text\n"
	"  -V, --version      print the version\n"
	"\n"
	"The exit status is 0 on success, 1 on failure (see also audit, doctor, resolve, ping and listen), 2\n"
	"if the usage is wrong, and 3 if not everything could be seen (audit, doctor, features, netdevs,\n"
	"show). That of exec is the program's, or 125 to 127 as env's.\n";

static const struct option long_options[] = {
	{ "all", no_argument, NULL, 'A' },
	{ "batch", required_argument, NULL, 'b' },
	{ "json", no_argument, NULL, 'j' },
	{ "no-headings", no_argument, NULL, 'n' },
	{ "openmetrics", no_argument, NULL, 'O' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct command {
	const char *name;
	int (*run)(const struct options *options, int count, char **words);
	bool namespaces; /* knows -A */
	bool own_options; /* parses all words itself, including its name */
};

/* A shortened name finds the first that fits. */
static const struct command commands[] = {
	{ "audit", command_audit, true, false },    { "cni", command_cni, false, true },
	{ "doctor", command_doctor, false, true },  { "exec", command_exec, false, true },
	{ "features", command_features, false, false }, { "hook", command_hook, false, true },
	{ "listen", command_listen, false, true },  { "monitor", command_monitor, true, true },
	{ "netdevs", command_netdevs, true, false },
	{ "ping", command_ping, false, true },	    { "resolve", command_resolve, false, false },
	{ "show", command_show, false, false },
};

static const struct command *find(const char *word)
{
	const size_t length = strlen(word);

	for (size_t i = 0; length && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strncmp(commands[i].name, word, length))
			return &commands[i];
	}
	return NULL;
}

static int run(const struct options *options, int count, char **words)
{
	const struct command *command = find(words[0]);
	const size_t length = strlen(words[0]);

	set_help_command(command && command->own_options ? command->name : "");
	if (length && !strncmp("help", words[0], length))
		return print(help);
	if (!command)
		return usage_error("unknown command '%s'", words[0]);
	if (options->all && !command->namespaces)
		return usage_error("%s: this command does not take -A", command->name);
	if (options->openmetrics && command->run != command_audit)
		return usage_error("%s: this command does not take --openmetrics", command->name);
	if (!command->own_options)
		return command->run(options, count - 1, words + 1);
	/* Its messages begin with the whole name. */
	words[0] = (char *)command->name;
	return command->run(options, count, words);
}

static int run_in_batch(const struct options *options, int count, char **words)
{
	const struct command *command = find(words[0]);

	if (command && command->run == command_exec)
		return usage_error(
			"exec: a batch cannot run it, because it would replace this process");
	if (command && (command->run == command_hook || command->run == command_cni))
		return usage_error("%s: a batch cannot run it: a runtime does", command->name);
	return run(options, count, words);
}

static int run_batch(const struct options *options, const char *path)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	int status;

	if (!file)
		return failed("cannot open '%s': %s", path, strerror(errno));
	status = batch_run(file, file == stdin ? "standard input" : path, options, run_in_batch);
	if (file != stdin)
		fclose(file);
	return status;
}

/* Find where a command's own options begin, which getopt must not parse as this program's. */
static bool has_own_options(int argc, char **argv, int *at)
{
	const struct command *command = NULL;
	int option;

	do
		option = getopt_long(argc, argv, own_letters, long_options, NULL);
	while (option != -1 && option != '?' && option != ':' && option != 'b');
	if (option == -1 && optind < argc)
		command = find(argv[optind]);
	*at = optind;
	optind = 0;
	return command && command->own_options;
}

int main(int argc, char **argv)
{
	int at, all = argc;
	struct options options = { 0 };
	const char *batch = NULL;
	int option;

	/* Runtimes call a plugin by its name alone. */
	if (argc == 1 && getenv("CNI_COMMAND"))
		return command_cni(&options, argc, argv);
	if (has_own_options(argc, argv, &at))
		argc = at;
	while ((option = getopt_long(argc, argv, argc == all ? letters : own_letters, long_options,
				     NULL)) != -1) {
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
		case 'O':
			options.openmetrics = true;
			break;
		case 'h':
			return print(help);
		case 'V':
			return print("rdma-ns " RDMA_NS_VERSION "\n");
		default:
			return bad_option("", long_options, option, argv[optind - 1]);
		}
	}
	if (argc < all)
		return run(&options, all - at, argv + at);
	if (batch && optind < argc)
		return usage_error("'%s' is a command beside --batch: put it into the file",
				   argv[optind]);
	if (batch)
		return run_batch(&options, batch);
	if (optind == argc)
		return usage_error("no command");
	return run(&options, argc - optind, argv + optind);
}
