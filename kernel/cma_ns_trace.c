// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The tracepoint, and the end of a request's way, where it is counted. */
#include <linux/in6.h>
#include <linux/string.h>

#ifdef RDMA_NS_VERSION
#include "cma_ns.h"

#define CREATE_TRACE_POINTS
#include "cma_ns_trace.h"
#else
#include <linux/netdevice.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cma_priv.h"
#include "cma_request.h"
#include "cma_trace.h"
#endif

static void cma_ns_note_end(struct sockaddr_in6 *to, const struct sockaddr *from)
{
	if (from->sa_family == AF_INET)
		memcpy(to, from, sizeof(struct sockaddr_in));
	else if (from->sa_family == AF_INET6)
		memcpy(to, from, sizeof(struct sockaddr_in6));
}

void cma_ns_note_device(struct cma_ns_request *request, const struct ib_device *device)
{
	strscpy(request->device, dev_name(&device->dev), sizeof(request->device));
}

void cma_ns_note_request(struct cma_ns_request *request, const struct ib_device *device,
			 const struct sockaddr *source, const struct sockaddr *destination)
{
	cma_ns_note_device(request, device);
	cma_ns_note_end(&request->source, source);
	cma_ns_note_end(&request->destination, destination);
}

/*
 * Nothing more becomes of @request, for which rdma_cm returns @error to the CM below. Even what
 * passed all steps has been refused if there is an error.
 */
int cma_ns_finish(struct cma_ns_request *request, int error)
{
	if (error && !request->refusal)
		request->refusal = CMA_NS_REFUSAL_NOT_TAKEN;
#ifdef RDMA_NS_VERSION
	cma_ns_count(request);
#endif
	trace_cma_ns_resolve(request);
	return error;
}
