// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* An address of this namespace, or the way to a peer's; what is known first, then the attempt. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "doctor.h"

#define STEP_MS 3000 /* how long each step to a peer may take */

/* The address without its port. */
static const char *peer_text(const struct doctor *doctor, char text[TEXT_MAX])
{
	const struct sockaddr_storage *address = &doctor->place.address;

	return ip_text(address->ss_family, address_ip(address), text);
}

/* Who on this host has the address? Adds ", though NETNS has it on NETDEV". */
static void say_who_has(const struct doctor *doctor, char text[CAUSE_MAX])
{
	char name[SAFE_NAME_MAX];
	struct namespaces namespaces;
	struct rdma_ns_netdev ***lists;

	*text = '\0';
	if (doctor_namespaces(&namespaces))
		return;
	if (namespaces_netdevs(&namespaces, &lists)) {
		namespaces_release(&namespaces);
		return;
	}
	for (size_t i = 0; i < namespaces.count && !*text; i++) {
		for (size_t j = 0; lists[i] && lists[i][j] && !*text; j++) {
			if (netdev_has_address(lists[i][j], &doctor->place.address))
				snprintf(text, CAUSE_MAX,
					 " (on this host, namespace '%.256s' has it on '%.64s'%s)",
					 namespaces.list[i].name,
					 safe_name(lists[i][j]->name, name),
					 lists[i][j]->up ? "" : ", which is down");
		}
	}
	namespaces_free_netdevs(&namespaces, lists);
	namespaces_release(&namespaces);
}

static void explain(struct doctor *doctor, const char *cause, const char *text)
{
	doctor_found(doctor, cause, text);
	doctor->address_explained = true;
}

static void check_own(struct doctor *doctor, const struct netdev_state *owner)
{
	char text[CAUSE_MAX];
	const char *cause = cause_of_netdev(doctor->netdevs, owner, &doctor->place,
					    "the address is on", doctor->sysfs, text);

	if (cause)
		explain(doctor, cause, text);
}

static void check_route(struct doctor *doctor)
{
	const struct place *place = &doctor->place;
	struct netdev_state netdev = { .ifindex = route_to(place->netns_fd, &place->address) };
	char text[CAUSE_MAX], peer[TEXT_MAX], who[CAUSE_MAX];
	const int error = errno;
	const char *cause;

	if (netdev.ifindex) {
		netdev_state_look_up(place->netns_fd, &netdev);
		cause = cause_of_netdev(doctor->netdevs, &netdev, place, "the route leads through",
					doctor->sysfs, text);
	} else {
		cause = cause_of_down(doctor->netdevs, place, text);
	}
	if (cause)
		explain(doctor, cause, text);
	if (cause || netdev.ifindex)
		return;
	say_who_has(doctor, who);
	doctor->address_explained = true;
	doctor_find(
		doctor, "no_route",
		"no netdev of this namespace has the address %s, and there is no route to it (%s)%s: add "
		"the address ('%.256s addr add') or a route ('%.256s route add')",
		peer_text(doctor, peer), strerror(error), who, place->ip, place->ip);
}

void doctor_check_address(struct doctor *doctor)
{
	struct netdev_state owner = { .address = &doctor->place.address };

	if (!doctor->address_given || doctor->no_devices ||
	    address_is_wildcard(&doctor->place.address))
		return;
	if (netdev_state_look_up(doctor->place.netns_fd, &owner))
		return;
	doctor->is_own = owner.ifindex;
	if (doctor->is_own)
		check_own(doctor, &owner);
	else
		check_route(doctor);
}

/* Is a cause known that ends every attempt? */
static bool is_explained(const struct doctor *doctor)
{
	static const char *const others[] = { "memlock", "arp" };

	for (size_t i = 0; i < doctor->count; i++) {
		bool is_other = doctor->findings[i].hint;

		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++)
			is_other |= !strcmp(doctor->findings[i].cause, others[j]);
		if (!is_other)
			return true;
	}
	return false;
}

/* What has failed in spite of all that is known. */
static void tell_failed(struct doctor *doctor, const char *what, int error)
{
	char text[CAUSE_MAX], peer[TEXT_MAX];

	if (is_explained(doctor))
		return;
	if (error == ENOTSUP && doctor->netns) {
		doctor_unseen(doctor,
			      "whether %s is reached, as each RDMA device belongs to one namespace "
			      "here: run it there ('ip netns exec %s rdma-ns doctor')",
			      peer_text(doctor, peer), doctor->netns);
		return;
	}
	if (cause_of_nodes(text))
		doctor_found(doctor, "uverbs", text);
	else
		doctor_find(doctor, "unknown",
			    "%s, for no reason that is known here: %s; 'dmesg' may say more", what,
			    strerror(error));
}

static void tell_no_answer(struct doctor *doctor, int error)
{
	const struct place *place = &doctor->place;
	struct netdev_state netdev = { .ifindex = route_to(place->netns_fd, &place->address) };
	char peer[TEXT_MAX], name[SAFE_NAME_MAX], who[CAUSE_MAX];

	if (error != ETIMEDOUT && error != EHOSTUNREACH) {
		tell_failed(doctor, "the address of the peer cannot be resolved", error);
		return;
	}
	netdev_state_look_up(place->netns_fd, &netdev);
	say_who_has(doctor, who);
	doctor_find(
		doctor, "no_neighbour",
		"no netdev of this namespace has the address %s, and nobody on netdev '%.64s' answers for "
		"it or its gateway%s: see whether the peer's netdev is up and in this subnet and "
		"partition, or add the address here ('%.256s addr add')",
		peer_text(doctor, peer), safe_name(netdev.name, name), who, place->ip);
}

static void tell_no_path(struct doctor *doctor, int error)
{
	char peer[TEXT_MAX];

	doctor_find(
		doctor, "no_path",
		"%s answers ARP, but there is no path to it (%s): see whether the subnet manager "
		"runs, and whether both ports are in the partition",
		peer_text(doctor, peer), strerror(error));
}

/* Returns 0 or an errno. */
static int wait_for(struct rdma_event_channel *channel, enum rdma_cm_event_type wanted)
{
	struct pollfd events = { .fd = channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;
	int error;

	/* The kernel ends each step in time; the rest is for a machine that is slow. */
	if (poll(&events, 1, 3 * STEP_MS) <= 0)
		return ETIMEDOUT;
	if (rdma_ns_get_cm_event(channel, &event))
		return errno;
	error = event->event == wanted && !event->status ? 0 : event->status ? -event->status : EIO;
	rdma_ns_ack_cm_event(event);
	return error;
}

static void try_to_reach(struct doctor *doctor, struct rdma_event_channel *channel,
			 struct rdma_cm_id *id)
{
	struct sockaddr *peer = (struct sockaddr *)&doctor->place.address;
	int error = 0;

	if (rdma_ns_resolve_addr(id, NULL, peer, STEP_MS))
		error = errno;
	else
		error = wait_for(channel, RDMA_CM_EVENT_ADDR_RESOLVED);
	if (error == ENOTSUP)
		tell_failed(doctor, "", error);
	else if (error)
		tell_no_answer(doctor, error);
	if (error)
		return;
	if (rdma_resolve_route(id, STEP_MS))
		error = errno;
	else
		error = wait_for(channel, RDMA_CM_EVENT_ROUTE_RESOLVED);
	if (error)
		tell_no_path(doctor, error);
}

static void try_with_id(struct doctor *doctor, struct rdma_event_channel *channel)
{
	const struct rdma_ns_id_opts opts = {
		.size = sizeof(opts),
		.flags = doctor->netns ? RDMA_NS_ID_NETNS_FD : 0,
		.netns_fd = doctor->netns ? doctor->place.netns_fd : 0,
	};
	struct rdma_cm_id *id;

	if (rdma_ns_create_id(channel, &id, NULL, RDMA_PS_TCP, &opts)) {
		tell_failed(doctor, "no RDMA CM id can be made", errno);
		return;
	}
	if (doctor->address_given && !doctor->is_own)
		try_to_reach(doctor, channel, id);
	else if (doctor->address_given &&
		 rdma_ns_bind_addr(id, (struct sockaddr *)&doctor->place.address))
		tell_failed(doctor, "no RDMA CM id can be bound to the address", errno);
	rdma_destroy_id(id);
}

void doctor_check_attempt(struct doctor *doctor)
{
	struct rdma_event_channel *channel;

	/* What is known to be missing would only be said in other words. */
	if (doctor->features.rdma_cm_errno || doctor->no_devices || doctor->address_explained)
		return;
	channel = rdma_create_event_channel();
	if (!channel) {
		tell_failed(doctor, "RDMA CM cannot be opened", errno);
		return;
	}
	try_with_id(doctor, channel);
	rdma_destroy_event_channel(channel);
}
