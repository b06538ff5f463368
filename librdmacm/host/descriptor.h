/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_DESCRIPTOR_H
#define RDMA_NS_DESCRIPTOR_H

/*
 * Return @fd, or a duplicate in place of 0 to 2: a program that has closed its standard files would
 * otherwise print into a socket of this library. A @fd of -1 is passed on with its errno; -1 and
 * EMFILE mean that there is no other descriptor.
 */
int descriptor_keep(int fd);

#endif
