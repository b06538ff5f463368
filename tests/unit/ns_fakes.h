/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* What several tests need of a librdmacm that does nothing, and of a stock kernel. */
#ifndef NS_FAKES_H
#define NS_FAKES_H

#include <errno.h>

#include "real.h"

static inline int fake_destroy_id(struct rdma_cm_id *id)
{
	(void)id;
	return 0;
}

/* A stock kernel knows none of the options that the library asks for. */
static inline int fake_set_option(struct rdma_cm_id *id, int level, int name, void *value,
				  size_t length)
{
	(void)id;
	(void)level;
	(void)name;
	(void)value;
	(void)length;
	errno = ENOSYS;
	return -1;
}

#endif
