// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "attachment_child.h"
#include "attachment_release.h"
#include "namespaces.h"
#include "netlink.h"

/* Find the port's own netdev, whose children the network's netdevs are. */
static int find_parent(struct attachment *attachment, struct rdma_ns_netdev *const *netdevs,
		       uint32_t number, struct problem *problem)
{
	const struct network *network = attachment->network;

	for (size_t i = 0; netdevs[i]; i++) {
		const struct rdma_ns_netdev *netdev = netdevs[i];

		if (netdev->transport != RDMA_NS_TRANSPORT_IB ||
		    strcmp(netdev->device, network->device) != 0 ||
		    netdev->port != network->port ||
		    ipoib_find_by_ifindex(-1, netdev->ifindex, &attachment->parent) != 1 ||
		    ipoib_is_child(&attachment->parent))
			continue;
		attachment->place = *netdev;
		attachment->place.ifindex = UINT32_MAX - number;
		attachment->place.addresses = NULL;
		attachment->place.addresses_count = 0;
		if (network->pkey)
			attachment->place.pkey = network->pkey;
		return 0;
	}
	return problem_set(problem, PROBLEM_SETTINGS,
			   "network '%s': %s/%u has no IPoIB netdev in the host's namespace: is "
			   "ib_ipoib loaded, and does 'rdma-ns netdevs' show the device?",
			   network->name, network->device, network->port);
}

/* A child whose P_Key the port does not have would never get a carrier. */
static int check_pkey(const struct attachment *attachment, struct problem *problem)
{
	const uint16_t wanted = attachment->place.pkey;
	char path[PATH_MAX], text[16];

	for (int i = 0; i < UINT16_MAX; i++) {
		FILE *file;
		bool same;

		snprintf(path, sizeof(path), "/sys/class/infiniband/%s/ports/%u/pkeys/%d",
			 attachment->place.device, attachment->place.port, i);
		file = fopen(path, "re");
		if (!file)
			break;
		same = fgets(text, sizeof(text), file) &&
		       !((strtoul(text, NULL, 0) ^ wanted) & 0x7fff);
		fclose(file);
		if (same)
			return 0;
	}
	return problem_set(problem, PROBLEM_SETTINGS,
			   "network '%s': %s/%u does not have the P_Key 0x%04x: add the port to "
			   "that partition of the subnet manager",
			   attachment->network->name, attachment->place.device,
			   attachment->place.port, wanted);
}

static bool same_addresses(const struct record *record, const struct attachment *attachment)
{
	if (record->addresses_count != attachment->addresses_count)
		return false;
	for (size_t i = 0; i < record->addresses_count; i++) {
		const struct rdma_ns_address *one = &record->addresses[i],
					     *other = &attachment->addresses[i];

		if (one->family != other->family || one->prefix_length != other->prefix_length ||
		    memcmp(one->bytes, other->bytes, sizeof(one->bytes)) != 0)
			return false;
	}
	return true;
}

/* It was given before, to this container or to another one in its namespace. */
static int reuse(struct attachment *attachment, const struct record *given, int netns_fd,
		 struct problem *problem)
{
	struct record *record = &attachment->record;
	const bool asked = !strcmp(given->network, attachment->network->name) &&
			   given->identity.pkey == attachment->place.pkey &&
			   same_addresses(given, attachment);
	const bool same_parent = given->identity.parent == attachment->parent.ifindex;
	struct ipoib_netdev netdev;
	int found = 0;

	if (asked && same_parent)
		found = ipoib_find(netns_fd, &given->identity, &netdev);
	if (found < 0)
		return problem_set(problem, PROBLEM_SYSTEM, "cannot look for the netdev '%s': %s",
				   attachment->netdev, strerror(errno));
	if (asked && !found)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "the netdev '%s' that %s was given has gone, for instance since "
				   "its driver was loaded anew: restart all containers of this "
				   "network namespace",
				   attachment->netdev, given->key);
	if (!asked)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "%s was given a netdev '%s' that is another one now: ask for the "
				   "same network and addresses in all containers of a namespace, "
				   "or for another name",
				   given->key, attachment->netdev);
	record->identity = given->identity;
	strcpy(record->taken, given->taken);
	memcpy(record->lladdr, given->lladdr, sizeof(record->lladdr));
	memcpy(record->broadcast, given->broadcast, sizeof(record->broadcast));
	record->settings = given->settings;
	attachment->present = true;
	return 0;
}

/* Fill in the record, and find what the container has already. */
static int prepare(const struct attachment_target *target, struct records *records, uint64_t netns,
		   int netns_fd, struct attachment *attachment, struct problem *problem)
{
	struct record *record = &attachment->record;

	*record = (struct record){ .start = record_start_of(target->path),
				   .netns = netns,
				   .host = netlink_netns_inode(-1),
				   .addresses = attachment->addresses,
				   .addresses_count = attachment->addresses_count };
	if ((size_t)snprintf(record->key, sizeof(record->key), "%s:%s", target->owner,
			     attachment->netdev) >= sizeof(record->key) ||
	    (size_t)snprintf(record->path, sizeof(record->path), "%s", target->path) >=
		    sizeof(record->path))
		return problem_set(problem, PROBLEM_INPUT, "a name or a path is too long");
	strcpy(record->network, attachment->network->name);
	strcpy(record->netdev, attachment->netdev);
	record->identity = (struct ipoib_identity){ .parent = attachment->parent.ifindex,
						    .pkey = attachment->place.pkey };
	for (size_t i = 0; i < records->count; i++) {
		struct record *given = &records->list[i];

		if (*given->key && given->netns == netns &&
		    !strcmp(given->netdev, attachment->netdev))
			return reuse(attachment, given, netns_fd, problem);
		/* All that are left are live. */
		if (!strcmp(given->key, record->key) && !given->netns)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "the netdev '%s' that %s was given has gone, and could "
					   "not be taken back yet: end that container first",
					   given->netdev, given->key);
		if (!strcmp(given->key, record->key))
			return problem_set(problem, PROBLEM_SETTINGS,
					   "another container that runs has the same ID, and was "
					   "given a netdev '%s': give this one another ID",
					   given->netdev);
		if (!strcmp(given->left, record->key) && record_set_aside(records, given, problem))
			return -1;
	}
	return 0;
}

/* Returns the address that was given, and is asked for, on the same link; or NULL. */
static const struct rdma_ns_address *shared_address(const struct record *given,
						    const struct record *record)
{
	const struct ipoib_identity *one = &given->identity, *other = &record->identity;

	if (one->parent != other->parent || (one->pkey ^ other->pkey) & 0x7fff)
		return NULL;
	for (size_t i = 0; i < record->addresses_count; i++) {
		if (addresses_have(given->addresses, given->addresses_count, &record->addresses[i]))
			return &record->addresses[i];
	}
	return NULL;
}

/*
 * An address may not be there now, for instance since its netdev is down, and come back later. What
 * has been given to a container is its own as long as it has not ended.
 */
static int check_given(const struct records *records, const struct attachment *attachment,
		       struct problem *problem)
{
	const struct record *record = &attachment->record;
	char text[TEXT_MAX];

	for (size_t i = 0; i < records->count; i++) {
		const struct record *given = &records->list[i];
		const struct rdma_ns_address *address;

		/* Without a QPN, its netdev has gone. */
		if (!*given->key || given->netns == record->netns || !given->identity.qpn)
			continue;
		address = shared_address(given, record);
		if (address)
			return problem_set(problem, PROBLEM_TAKEN,
					   "%s was given to %s, which has not ended: end it, or "
					   "give this container another address",
					   ip_text(address->family, address->bytes, text),
					   given->key);
	}
	return 0;
}

/*
 * Has a container this one, or had it, or has it the one that had its name? Then whatever has the
 * name now was not put there by the administrator. One that did not get back all that it had has
 * its record still.
 */
static bool is_given(const struct records *records, const struct ipoib_netdev *netdev)
{
	const struct ipoib_identity identity = ipoib_identity_of(netdev);

	for (size_t i = 0; i < records->count; i++) {
		if (!strcmp(records->list[i].taken, netdev->name) ||
		    ipoib_is_same(&records->list[i].identity, &identity))
			return true;
	}
	return lost_has(&records->lost, netdev);
}

static bool fits(const struct attachment *attachment, const struct ipoib_netdev *netdev)
{
	return ipoib_is_child(netdev) && netdev->parent == attachment->parent.ifindex &&
	       netdev->pkey == attachment->place.pkey;
}

/* Choose one of the host's netdevs that are handed out. */
static int choose_taken(const struct records *records, struct attachment *attachment,
			struct problem *problem)
{
	const struct network *network = attachment->network;
	struct record *record = &attachment->record;
	const char *wrong = NULL;
	struct ipoib_netdev netdev;

	for (size_t i = 0; i < network->take_count; i++) {
		if (ipoib_find_by_name(-1, network->take[i], &netdev) != 1 ||
		    is_given(records, &netdev))
			continue;
		if (!fits(attachment, &netdev)) {
			wrong = network->take[i];
			continue;
		}
		record->identity = ipoib_identity_of(&netdev);
		strcpy(record->taken, netdev.name);
		memcpy(record->lladdr, netdev.lladdr, sizeof(record->lladdr));
		memcpy(record->broadcast, netdev.broadcast, sizeof(record->broadcast));
		record->settings = netdev.settings;
		return 0;
	}
	if (wrong)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "network '%s': %s is no child of %s with P_Key 0x%04x: 'ip -d "
				   "link show %s' says what it is",
				   network->name, wrong, attachment->parent.name,
				   attachment->place.pkey, wrong);
	return problem_set(problem, PROBLEM_BUSY,
			   "network '%s': all of the %zu netdevs that it hands out are in use: add "
			   "one to its \"take\", or end a container that has one",
			   network->name, network->take_count);
}

static int no_netdev(const struct attachment *attachment, struct problem *problem)
{
	if (errno == EEXIST)
		return problem_set(problem, PROBLEM_SETTINGS,
				   "the container has a netdev '%s' already: ask for another name",
				   attachment->netdev);
	if (errno == EPERM)
		return problem_set(problem, PROBLEM_SYSTEM,
				   "no netdev can be made: %s: this works for containers of the "
				   "host's root, not for rootless ones",
				   strerror(errno));
	return problem_set(problem, PROBLEM_SYSTEM, "cannot make the netdev '%s' on %s: %s",
			   attachment->netdev, attachment->parent.name, strerror(errno));
}

static int add_routes(const struct attachment *attachment, int netns_fd, struct problem *problem)
{
	for (size_t i = 0; i < attachment->routes_count; i++) {
		const struct netdev_route *route = &attachment->routes[i];
		const struct rdma_ns_address *to = &route->destination;
		char text[TEXT_MAX], gateway[TEXT_MAX] = "no gateway";

		if (!netdev_route_add(netns_fd, attachment->made.ifindex, route))
			continue;
		if (route->has_gateway)
			ip_text(to->family, route->gateway, gateway);
		return problem_set(problem, PROBLEM_SETTINGS,
				   "cannot add the route to %s/%u by %s through '%s': %s: is its "
				   "gateway in the subnet of one of the addresses?",
				   ip_text(to->family, to->bytes, text), to->prefix_length, gateway,
				   attachment->netdev, strerror(errno));
	}
	return 0;
}

/* Since the ifindex is known, and the QPN from now on, renaming it changes nothing. */
static int configure(struct attachment *attachment, int netns_fd, struct problem *problem)
{
	struct record *record = &attachment->record;
	struct ipoib_netdev netdev;

	if (ipoib_find(netns_fd, &record->identity, &netdev) != 1)
		return problem_set(problem, PROBLEM_STATE,
				   "the netdev '%s' has gone from the container at once: somebody "
				   "else in its network namespace removed it",
				   attachment->netdev);
	if (!netdev.created)
		netdev.created = record->identity.created;
	record->identity = ipoib_identity_of(&netdev);
	attachment->made = netdev;
	if (record_write(record, problem))
		return -1;
	for (size_t i = 0; i < attachment->addresses_count; i++) {
		const struct rdma_ns_address *address = &attachment->addresses[i];
		char text[TEXT_MAX];

		if (ipoib_add_address(netns_fd, netdev.ifindex, address))
			return problem_set(problem, PROBLEM_SYSTEM, "cannot add %s/%u to '%s': %s",
					   ip_text(address->family, address->bytes, text),
					   address->prefix_length, attachment->netdev,
					   strerror(errno));
	}
	if (ipoib_set_up(netns_fd, netdev.ifindex, true))
		return problem_set(problem, PROBLEM_SYSTEM, "cannot set '%s' up: %s",
				   attachment->netdev, strerror(errno));
	return add_routes(attachment, netns_fd, problem);
}

/* What has not left the host is not made anew: nobody has changed it. */
static int keep_taken(struct record *record)
{
	struct ipoib_netdev netdev;

	if (*record->taken && ipoib_find(-1, &record->identity, &netdev) == 1) {
		*record->taken = '\0';
		record->identity = (struct ipoib_identity){ 0 };
	}
	return -1;
}

/* The record comes first: if this is killed, whoever comes next finds what was left. */
static int make(const struct records *records, struct attachment *attachment, int netns_fd,
		struct problem *problem)
{
	struct record *record = &attachment->record;
	int result;

	if (!attachment->present && attachment->network->take_count &&
	    choose_taken(records, attachment, problem))
		return -1;
	if (record_write(record, problem) || record_pin(record, netns_fd, problem))
		return keep_taken(record);
	if (attachment->present)
		return configure(attachment, netns_fd, problem);
	/* Its name on the host is not the tenant's choice, not even for a moment. */
	result = *record->taken ? 0 : record_make_child(record, NULL, problem);
	if (!result)
		result = -ipoib_move(-1, record->identity.ifindex, netns_fd, attachment->netdev);
	if (result > 0)
		no_netdev(attachment, problem);
	if (result)
		return keep_taken(record);
	return configure(attachment, netns_fd, problem);
}

/* Those that came before are taken back. */
static int make_all(struct records *records, struct attachment *list, size_t count, int netns_fd,
		    struct release_search *search, struct problem *problem)
{
	struct problem other;

	for (size_t i = 0; i < count; i++) {
		if (!make(records, &list[i], netns_fd, problem))
			continue;
		for (size_t j = 0; j <= i; j++) {
			if (record_release(records, &list[j].record, search, &other))
				failed("%s", other.text);
		}
		return -1;
	}
	return 0;
}

static int prepare_all(const struct attachment_target *target, struct records *records,
		       uint64_t netns, int netns_fd, struct attachment *list, size_t count,
		       struct problem *problem)
{
	struct rdma_ns_netdev **netdevs;
	int result = 0;

	if (netdevs_of(-1, &netdevs) < 0)
		return problem_set(problem, PROBLEM_SYSTEM, "cannot list the host's netdevs: %s",
				   strerror(errno));
	for (size_t i = 0; !result && i < count; i++) {
		result = find_parent(&list[i], netdevs, (uint32_t)i, problem);
		if (!result)
			result = check_pkey(&list[i], problem);
		if (!result)
			result = prepare(target, records, netns, netns_fd, &list[i], problem);
	}
	rdma_ns_free_netdevs(netdevs);
	return result;
}

static int make_locked(const struct attachment_target *target, struct attachment *list,
		       size_t count, int netns_fd, struct problem *problem)
{
	const uint64_t netns = netlink_netns_inode(netns_fd);
	struct release_search search = { 0 };
	struct records records;
	int result;

	if (records_read(&records, problem))
		return -1;
	if (records_check_host(&records, problem)) {
		records_release(&records);
		return -1;
	}
	/* What has gone wrong with other containers is no reason to refuse this one. */
	(void)records_release_strays(&records, NULL, &search);
	(void)records_release_stale(&records, &search, false);
	/* The audit needs its descriptors. */
	release_search_end(&search);
	result = prepare_all(target, &records, netns, netns_fd, list, count, problem);
	if (!result)
		result = attachments_audit(target, &records, netns, list, count, problem);
	/* Who has it is told first. */
	for (size_t i = 0; i < count && !result; i++)
		result = check_given(&records, &list[i], problem);
	if (!result)
		result = make_all(&records, list, count, netns_fd, &search, problem);
	release_search_end(&search);
	records_release(&records);
	return result;
}

static int open_netns(const char *path, struct problem *problem)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const uint64_t inode = fd < 0 ? 0 : netlink_netns_inode(fd);

	if (!inode)
		problem_set(problem, PROBLEM_CONTAINER,
			    "%s is no network namespace: %s: has the container ended?", path,
			    strerror(errno));
	else if (inode == netlink_netns_inode(-1))
		problem_set(problem, PROBLEM_SETTINGS,
			    "the container is in the host's network namespace: give it one of its "
			    "own, or no network of rdma-ns");
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int attachments_make(const struct attachment_target *target, struct attachment *list, size_t count,
		     struct problem *problem)
{
	const int netns_fd = open_netns(target->path, problem);
	const int lock = netns_fd < 0 ? -1 : records_lock("start the container again", problem);
	int result = -1;

	if (lock >= 0) {
		result = make_locked(target, list, count, netns_fd, problem);
		records_unlock(lock);
	}
	if (netns_fd >= 0)
		close(netns_fd);
	return result;
}

static int check_record(const struct record *record, int netns_fd, struct problem *problem)
{
	struct ipoib_netdev netdev;

	if (ipoib_find(netns_fd, &record->identity, &netdev) != 1)
		return problem_set(problem, PROBLEM_STATE,
				   "the netdev '%s' is not in the container any more: start the "
				   "container again",
				   record->netdev);
	if (strcmp(netdev.name, record->netdev) != 0)
		return problem_set(problem, PROBLEM_STATE,
				   "the netdev '%s' is called '%s' now: start the container again",
				   record->netdev, netdev.name);
	return 0;
}

int attachments_check(const struct attachment_target *target, const char *netdev,
		      struct problem *problem)
{
	const int netns_fd = open_netns(target->path, problem);
	int lock = netns_fd < 0 ? -1 : records_lock("call CHECK again", problem), result = -1;
	struct records records;

	if (lock >= 0 && !records_read(&records, problem)) {
		result = problem_set(problem, PROBLEM_STATE,
				     "the container was given no netdev '%s': start it again",
				     netdev);
		for (size_t i = 0; i < records.count; i++) {
			if (record_is_owned(&records.list[i], target->owner) &&
			    !strcmp(records.list[i].netdev, netdev))
				result = check_record(&records.list[i], netns_fd, problem);
		}
		records_release(&records);
	}
	if (lock >= 0)
		records_unlock(lock);
	if (netns_fd >= 0)
		close(netns_fd);
	return result;
}
