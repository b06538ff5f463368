// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Usage: cm-flood serve NAME PORT
 *        cm-flood connect COUNT WIDTH ADDRESS PORT
 *
 * "serve" answers requests with NAME, prints "listening", and at SIGTERM how many came. "connect"
 * makes COUNT requests, WIDTH at a time, and prints how they ended. Exit status: 0, 1 failed, 2
 * usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flood.h"

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!value || *end || value > 100000000) {
		fprintf(stderr, "cm-flood: '%s' is no number from 1\n", text);
		exit(2);
	}
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	atomic_ulong requests = 0;

	if (argc == 4 && !strcmp(argv[1], "serve")) {
		flood_serve(argv[2], number(argv[3]), &requests);
		printf("requests %lu\n", requests);
		return 0;
	}
	if (argc == 6 && !strcmp(argv[1], "connect")) {
		flood_connect(number(argv[2]), number(argv[3]), argv[4], number(argv[5]));
		return 0;
	}
	fprintf(stderr,
		"usage: cm-flood serve NAME PORT | cm-flood connect COUNT WIDTH ADDRESS PORT\n");
	return 2;
}
