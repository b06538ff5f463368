/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The codec of rdma_cm_ns_wire.h. */
#ifndef CMA_QPN_RECORD_H
#define CMA_QPN_RECORD_H

#include <linux/socket.h>
#include <linux/types.h>

struct cma_ns_record {
	u8 flags; /* enum rdma_cm_ns_flags */
	u32 source_qpn;
	u32 destination_qpn;
};

u8 cma_ns_trailer_offset(bool datagram);
bool cma_ns_find_header(const void *private_data, struct cma_ns_record *record);
bool cma_ns_find_trailer(void *private_data, bool datagram, const struct sockaddr *source,
			 const struct sockaddr *destination, struct cma_ns_record *record);
void cma_ns_encode(const struct cma_ns_record *record, void *bytes);
void cma_ns_encode_trailer(const struct cma_ns_record *record, const struct sockaddr *source,
			   const struct sockaddr *destination, void *bytes);

#endif
