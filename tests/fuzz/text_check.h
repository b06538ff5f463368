/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What is printed must be fit for a terminal and for parsers, whatever names tenants have chosen:
 * these abort if it is not.
 */
#ifndef FUZZ_TEXT_CHECK_H
#define FUZZ_TEXT_CHECK_H

#include <stddef.h>

/* Lines of printable ASCII, which is UTF-8 without control characters. */
void check_printable(const char *text, size_t length);

/*
 * The same, and one value in JSON. No string may stand for a control character, and no object may
 * have a key twice.
 */
void check_json(const char *text, size_t length);

/* The same, and metrics that end as they should. */
void check_openmetrics(const char *text, size_t length);

#endif
