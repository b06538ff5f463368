// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * What peers and the kernel are told has the same bytes on every machine, and in 32-bit programs.
 * This needs nothing but the headers, so that it compiles for a machine without a C library.
 */
#include <stddef.h>

#include <rdma/rdma_cm_ns_wire.h>
#include <rdma/rdma_user_cm_ns_record.h>

_Static_assert(sizeof(struct rdma_cm_ns_record) == 12, "the record");
_Static_assert(sizeof(struct rdma_cm_ns_trailer) == 16, "the trailer");
_Static_assert(sizeof(struct rdma_cm_ns_covered) == 49, "what the CRC covers");
_Static_assert(sizeof(struct rdma_cm_ns_refusal) == 8, "the refusal");
/* It is neither a text nor a small number, in either byte order. */
_Static_assert((RDMA_CM_NS_REFUSAL_MAGIC & 0x80000080) == 0x80000080, "its magic");

_Static_assert(RDMA_CM_NS_REQ_LENGTH == 92 - RDMA_CM_NS_HEADER_LENGTH, "a REQ");
_Static_assert(RDMA_CM_NS_SIDR_REQ_LENGTH == 216 - RDMA_CM_NS_HEADER_LENGTH, "a SIDR REQ");
_Static_assert(RDMA_CM_NS_REQ_OFFSET + 16 == RDMA_CM_NS_REQ_LENGTH, "a REQ's end");
_Static_assert(RDMA_CM_NS_SIDR_REQ_OFFSET + 16 == RDMA_CM_NS_SIDR_REQ_LENGTH, "a SIDR REQ's end");
_Static_assert(RDMA_CM_NS_REP_OFFSET + 16 == RDMA_CM_NS_REP_LENGTH, "a REP's end");
_Static_assert(RDMA_CM_NS_SIDR_REP_OFFSET + 16 == RDMA_CM_NS_SIDR_REP_LENGTH, "a SIDR REP's end");

_Static_assert(sizeof(struct rdma_user_cm_ns_recv_ingress) == 16, "the option");
_Static_assert(sizeof(struct rdma_user_cm_ns_ingress) == 56, "the ingress");
_Static_assert(sizeof(struct rdma_user_cm_ns_record) == RDMA_USER_CM_NS_RECORD_MIN, "its record");
_Static_assert(offsetof(struct rdma_user_cm_ns_ingress, netns) == 16, "its netns");
_Static_assert(offsetof(struct rdma_user_cm_ns_ingress, pkey) == 44, "its P_Key");
_Static_assert(offsetof(struct rdma_user_cm_ns_ingress, reserved) == 55, "its end");
