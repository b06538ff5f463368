/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* A folder with files of a test's own, such as a made-up sysfs. */
#ifndef NS_FOLDER_H
#define NS_FOLDER_H

/* Its path, while there is one. */
extern char ns_folder[64];

/* A cmocka test's setup and teardown. */
int ns_folder_create(void **state);
int ns_folder_destroy(void **state);

/* A file in it with this text; the folders of its path are made. */
void ns_folder_put(const char *path, const char *text);

#endif
