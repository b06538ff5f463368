/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
#ifndef RDMA_NS_DESCRIPTOR_H
#define RDMA_NS_DESCRIPTOR_H

/*
 * @fd, or in place of 0 to 2 another one: a program that has closed its standard files would
 * otherwise print into a socket of this library's. Passes on -1 with its errno; -1 and EMFILE:
 * there is no other one.
 */
int descriptor_keep(int fd);

#endif
