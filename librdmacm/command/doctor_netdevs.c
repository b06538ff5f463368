// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* The netdevs of RDMA devices in the namespace, their addresses, ARP and GIDs. */
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "doctor.h"
#include "netns_thread.h"
#include "port_state.h"

static void check_state(struct doctor *doctor, const struct rdma_ns_netdev *netdev)
{
	struct netdev_state state = { .ifindex = netdev->ifindex };
	char text[CAUSE_MAX];
	const char *cause;

	if (netdev_state_look_up(doctor->place.netns_fd, &state) || !*state.name)
		return;
	cause = cause_of_state(&state, doctor->place.ip, netdev, doctor->sysfs, text);
	if (cause)
		doctor_found(doctor, cause, text);
}

static void check_duplicates(struct doctor *doctor, const struct rdma_ns_netdev *netdev)
{
	char text[TEXT_MAX], name[SAFE_NAME_MAX], word[IF_NAMESIZE];

	for (size_t i = 0; i < netdev->addresses_count; i++) {
		const struct rdma_ns_address *address = &netdev->addresses[i];

		/* Siblings share the port's identifier: the younger ones lose their link-local. */
		if (!address->unusable || address_bytes_link_local(address->family, address->bytes))
			continue;
		ip_text(address->family, address->bytes, text);
		doctor_find(
			doctor, "duplicate",
			"address %s of netdev '%.64s' cannot be used, as somebody else has it too or "
			"nobody has had the time to object: see whether '%.256s addr show dev %s' says "
			"'dadfailed', and remove the address on either side",
			text, safe_name(netdev->name, name), doctor->place.ip,
			netdev_word(netdev->name, netdev->ifindex, word));
	}
}

void doctor_check_netdevs(struct doctor *doctor)
{
	bool any = false;

	for (size_t i = 0; doctor->netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = doctor->netdevs[i];

		/* One that has no address is not in use. */
		if (!doctor_has_address(netdev))
			continue;
		any = true;
		check_state(doctor, netdev);
		check_duplicates(doctor, netdev);
	}
	if (any || doctor->no_devices)
		return;
	if (doctor->netdevs[0])
		doctor_find(
			doctor, "no_address",
			"no netdev of an RDMA device has an IP address in this namespace, by which RDMA "
			"CM finds it: '%.256s addr add ADDRESS/LENGTH dev NETDEV'; 'rdma-ns netdevs' "
			"lists the netdevs",
			doctor->place.ip);
	else
		doctor_find(
			doctor, "no_netdev",
			"no netdev of this namespace has an RDMA device: give it an IPoIB child ('ip link "
			"add link ib0 name NAME netns NETNS type ipoib' on the host) or a RoCE netdev; "
			"'rdma-ns -A netdevs' on the host lists them");
}

/* What the kernel makes of a setting that is there for all netdevs and for each: the larger one. */
static int setting(const char *netdev, const char *name)
{
	const char *const folders[] = { "all", netdev };
	int value = 0;

	for (size_t i = 0; i < 2; i++) {
		char path[128], line[32];

		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", folders[i], name);
		if (sysfs_line(path, line, sizeof(line)) && atoi(line) > value)
			value = atoi(line);
	}
	return value;
}

struct arp {
	const struct rdma_ns_netdev *one, *other;
	int ignore, filter; /* arp_ignore, rp_filter */
};

/* Files below /proc/sys/net are those of the namespace of whoever opens them. */
static void read_settings(void *data)
{
	struct arp *arp = data;
	const int ignore = setting(arp->other->name, "arp_ignore");
	const int filter = setting(arp->other->name, "rp_filter");

	arp->ignore = setting(arp->one->name, "arp_ignore");
	if (ignore < arp->ignore)
		arp->ignore = ignore;
	arp->filter = setting(arp->one->name, "rp_filter");
	if (filter == 1)
		arp->filter = 1;
}

/* Is one's address in the other's subnet? */
static bool share_subnet(const struct rdma_ns_netdev *one, const struct rdma_ns_netdev *other)
{
	for (size_t i = 0; i < one->addresses_count; i++) {
		for (size_t j = 0; j < other->addresses_count; j++) {
			const struct rdma_ns_address *address = &one->addresses[i];

			if (address->family == AF_INET &&
			    is_in_subnet(&other->addresses[j], AF_INET, address->bytes))
				return true;
		}
	}
	return false;
}

static void check_pair(struct doctor *doctor, const struct rdma_ns_netdev *one,
		       const struct rdma_ns_netdev *other)
{
	struct arp arp = { .one = one, .other = other };
	char name[SAFE_NAME_MAX], other_name[SAFE_NAME_MAX];

	if (netns_thread_run(doctor->place.netns_fd, read_settings, &arp) || arp.ignore)
		return;
	doctor_find(
		doctor, "arp",
		"netdevs '%.64s' and '%.64s' are in one subnet, and each answers ARP requests for the "
		"other's address (arp_ignore is 0), so that peers take one for the other: '%ssysctl "
		"-w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2%s'",
		safe_name(one->name, name), safe_name(other->name, other_name), doctor->place.enter,
		arp.filter == 1 ? " net.ipv4.conf.all.rp_filter=2" : "");
}

/* A netdev is listed once for each device and port that it has. */
static bool is_listed_before(const struct doctor *doctor, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (doctor->netdevs[i]->ifindex == doctor->netdevs[index]->ifindex)
			return true;
	}
	return false;
}

void doctor_check_arp(struct doctor *doctor)
{
	/* One pair is enough for the remedy, and a namespace may have thousands of netdevs. */
	for (size_t i = 0; doctor->netdevs[i]; i++) {
		for (size_t j = i + 1; doctor->netdevs[i]->up && doctor->netdevs[j]; j++) {
			if (!doctor->netdevs[j]->up || is_listed_before(doctor, j) ||
			    !share_subnet(doctor->netdevs[i], doctor->netdevs[j]))
				continue;
			check_pair(doctor, doctor->netdevs[i], doctor->netdevs[j]);
			return;
		}
	}
}

static void check_gid(struct doctor *doctor, const struct rdma_ns_netdev *netdev,
		      const struct rdma_ns_address *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const bool is_ipv4 = address->family == AF_INET;
	struct port_gid_types types;
	char ip[TEXT_MAX], device[SAFE_NAME_MAX], name[SAFE_NAME_MAX];
	uint8_t gid[16];

	memcpy(gid, mapped, sizeof(mapped));
	memcpy(gid + (is_ipv4 ? sizeof(mapped) : 0), address->bytes, is_ipv4 ? 4 : 16);
	port_gid_types_read(doctor->sysfs, netdev->device, netdev->port, gid, &types);
	if (!types.read || types.v2)
		return;
	ip_text(address->family, address->bytes, ip);
	safe_name(netdev->device, device);
	if (types.v1)
		doctor_find(
			doctor, "gid_type",
			"port %.64s/%" PRIu32
			" has a GID of RoCE v1 only for %s, and peers use RoCE v2: let the "
			"device's driver use RoCE v2, or all peers RoCE v1 (default_roce_mode in "
			"configfs)",
			device, netdev->port, ip);
	else
		doctor_find(
			doctor, "no_gid",
			"port %.64s/%" PRIu32
			" has no GID for %s of netdev '%.64s': set the netdev down and up, which "
			"makes the kernel add it",
			device, netdev->port, ip, safe_name(netdev->name, name));
}

static void check_mode(struct doctor *doctor, const struct rdma_ns_netdev *netdev)
{
	char device[SAFE_NAME_MAX];

	if (port_roce_mode(doctor->sysfs, netdev->device, netdev->port) == 2)
		return;
	safe_name(netdev->device, device);
	doctor_find(doctor, "roce_mode",
		    "RDMA CM uses RoCE v1 on port %.64s/%" PRIu32
		    ", and peers with RoCE v2 do not answer: 'echo RoCE v2 "
		    ">/sys/kernel/config/rdma_cm/%.64s/ports/%" PRIu32 "/default_roce_mode'",
		    device, netdev->port, device, netdev->port);
}

void doctor_check_gids(struct doctor *doctor)
{
	for (size_t i = 0; doctor->netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = doctor->netdevs[i];

		if (netdev->transport != RDMA_NS_TRANSPORT_ROCE || !netdev->up)
			continue;
		check_mode(doctor, netdev);
		for (size_t j = 0; j < netdev->addresses_count; j++) {
			const struct rdma_ns_address *address = &netdev->addresses[j];

			if (!address->unusable &&
			    !address_bytes_link_local(address->family, address->bytes))
				check_gid(doctor, netdev, address);
		}
	}
}
