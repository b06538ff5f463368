// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
// File: cma.c
// In: cma_format_hdr
//
// This adds the QPN record of a request: for IPv4 in the unused part of the header, for IPv6 behind
// the consumer's private data if there is room.
@cma_format_hdr@
symbol cma_hdr, src4, src6, id_priv;
@@
 cma_format_hdr(...)
 {
 	<...
(
 	cma_hdr->port = src4->sin_port;
+	cma_ns_put_record(id_priv, cma_hdr);
|
 	cma_hdr->port = src6->sin6_port;
+	cma_ns_put_trailer(id_priv, cma_hdr);
)
 	...>
 }
