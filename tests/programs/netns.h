/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Network namespaces by the names of ip-netns; what cannot be done ends the program, and it says
 * why.
 */
#ifndef NETNS_H
#define NETNS_H

int netns_open(const char *name);

/* The calling thread goes there; "host" is where it was at first. */
void netns_enter(const char *name);

#endif
