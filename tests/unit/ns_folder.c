// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ns_folder.h"

char ns_folder[64];

static int unlink_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

int ns_folder_create(void **state)
{
	(void)state;
	snprintf(ns_folder, sizeof(ns_folder), "/tmp/ns_folder.XXXXXX");
	return mkdtemp(ns_folder) ? 0 : -1;
}

int ns_folder_destroy(void **state)
{
	(void)state;
	return nftw(ns_folder, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

void ns_folder_put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", ns_folder, path);
	for (slash = full + strlen(ns_folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(full, 0700) || errno == EEXIST);
		*slash = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}
