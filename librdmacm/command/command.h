/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What the parts of the rdma-ns command share. */
#ifndef RDMA_NS_COMMAND_H
#define RDMA_NS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rdma/rdma_ns.h>

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

#define DEFAULT_PORT 7471

struct options {
	bool json;
	bool no_headings;
	bool all; /* namespaces */
	bool openmetrics;
};

/* One for each subcommand; they get the words after its name and return an exit status. */
int command_audit(const struct options *options, int count, char **words);
int command_features(const struct options *options, int count, char **words);
int command_netdevs(const struct options *options, int count, char **words);
int command_resolve(const struct options *options, int count, char **words);
int command_show(const struct options *options, int count, char **words);

/* These have options of their own, and get their name as well. */
int command_exec(const struct options *options, int count, char **words); /* returns if it failed */
int command_listen(const struct options *options, int count, char **words);
int command_ping(const struct options *options, int count, char **words);
/* On standard output; an exit status. */
int print(const char *text);

/* "rdma-ns: ..." on standard error. Both return the exit status. */
__attribute__((format(printf, 1, 2))) int failed(const char *format, ...);
__attribute__((format(printf, 1, 2))) int usage_error(const char *format, ...);

/* Texts from words of the command line; false if it is none. */
bool parse_number(const char *text, uint32_t max, uint32_t *number);
bool parse_policy(const char *text, enum rdma_ns_policy *policy);
bool parse_address(const char *text, struct sockaddr_storage *address);
void set_port(struct sockaddr_storage *address, uint16_t port);
/* DEVICE or DEVICE/PORT; *port is 0 without. */
bool parse_device(const char *text, char device[RDMA_NS_DEVICE_NAME_MAX], uint32_t *port);

#define TEXT_MAX 80
/* A name that a tenant may have chosen, fit for a terminal. */
const char *safe_name(const char *name, char text[TEXT_MAX]);
const char *ip_text(sa_family_t family, const void *bytes, char text[TEXT_MAX]);

#endif
