# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
# shellcheck shell=bash
# Sourced by what runs perftest's programs against each other.
#
#   perftest_asked_early COMMAND STATUS LOG   0 if the client COMMAND, which ended with STATUS and said what LOG holds,
#                                             came to nothing by perftest's own fault, and may be tried again
#
# With -R, the server listens a second time after both ends have told their parameters (rdma_cm_server_connection() of
# perftest_communication.c), and the client may be there before: it is rejected for want of a listener, and ends with a
# segmentation fault as it tries again. It happened when that call of rdma_listen() was made to take 0.6 s longer.

perftest_asked_early()
{
	[[ $1 == *ib_*" -R"* && $2 == 139 ]] && grep -q 'RDMA_CM_EVENT_REJECTED; error: 8\.' "$3"
}
