/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the parts of the rdma-ns command share. */
#ifndef RDMA_NS_COMMAND_H
#define RDMA_NS_COMMAND_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rdma/rdma_ns.h>

#include "safe_name.h"

/* STATUS_UNSEEN means that not everything could be examined, so the output is not complete. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE, STATUS_UNSEEN };

#define DEFAULT_PORT 7471

struct options {
	bool json;
	bool no_headings;
	bool all; /* namespaces */
	bool openmetrics;
};

/* One function for each subcommand. It gets the words after the name and returns an exit status. */
int command_audit(const struct options *options, int count, char **words);
int command_features(const struct options *options, int count, char **words);
int command_netdevs(const struct options *options, int count, char **words);
int command_resolve(const struct options *options, int count, char **words);
int command_show(const struct options *options, int count, char **words);

/* These subcommands have options of their own, and get their name as well. */
int command_cni(const struct options *options, int count, char **words);
int command_exec(const struct options *options, int count, char **words); /* returns if it failed */
int command_doctor(const struct options *options, int count, char **words);
int command_hook(const struct options *options, int count, char **words);
int command_listen(const struct options *options, int count, char **words);
int command_monitor(const struct options *options, int count, char **words);
int command_ping(const struct options *options, int count, char **words);
/* Print to standard output; returns an exit status. */
int print(const char *text);

/* Print to standard output in quotation marks. @text is ASCII, as safe_name() makes it. */
void print_json_string(const char *text);

/*
 * Print "rdma-ns: ..." to standard error, with every byte that is not printable ASCII escaped. Both
 * return the exit status.
 */
__attribute__((format(printf, 1, 2))) int failed(const char *format, ...);
__attribute__((format(printf, 1, 2))) int usage_error(const char *format, ...);

/*
 * Report the option for which getopt_long() returned ':' or '?'. @word is the one before optind,
 * and @command is "" for rdma-ns's own options. Returns the exit status.
 */
int bad_option(const char *command, const struct option *known, int result, const char *word);

bool is_proc_missing(void);
/* As strerror(), but names the remedy if the error is that /proc is not mounted. */
const char *error_text(int error);
/* ": " and the remedy if it is a lack of descriptors, or "". */
const char *files_remedy(int error);

/*
 * From now on, errors are also given to this function: what starts a hook may drop its standard
 * error.
 */
void set_error_copy(void (*copy)(const char *message));

/* From now on, usage errors name this command's --help; "" stands for that of rdma-ns itself. */
void set_help_command(const char *command);

/* From now on, errors name this line of a batch; a NULL name ends that. */
void set_batch_line(const char *path, size_t number);

/* Parse words of the command line; false if a word is not valid. */
bool parse_number(const char *text, uint32_t max, uint32_t *number);
/* Parse DEVICE or DEVICE/PORT; *port is 0 if no port is given. */
bool parse_device(const char *text, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port);

#define TEXT_MAX 80
const char *ip_text(sa_family_t family, const void *bytes, char text[TEXT_MAX]);

#endif
