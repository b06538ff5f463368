/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Many connection requests, quickly; what cannot be done ends the program, and it says why. */
#ifndef FLOOD_H
#define FLOOD_H

#include <stdatomic.h>

/*
 * Listen at all addresses, print "listening", and answer each request with a reject that has @name
 * in it, which needs no QP, until SIGTERM. @requests counts them.
 */
void flood_serve(const char *name, unsigned int port, atomic_ulong *requests);

/*
 * Make @total requests, @width at a time, and print how they ended, each kind with its number:
 * "answered by NAME", or the event and status.
 */
void flood_connect(unsigned int total, unsigned int width, const char *to, unsigned int port);

#endif
