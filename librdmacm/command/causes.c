// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "address.h"
#include "causes.h"
#include "namespaces.h"
#include "netlink.h"
#include "netns_thread.h"
#include "rtnetlink_message.h"

#define RDMA_CM "/dev/infiniband/rdma_cm"
#define VERBS_CLASS "/sys/class/infiniband_verbs"

int tell_no_rdma_cm(const char *command, int error)
{
	if (error == EACCES)
		return failed("%s: no permission to open " RDMA_CM
			      ": its file mode decides who may "
			      "open it (root always may)",
			      command);
	if (error == EPERM)
		return failed("%s: the device rules of this container forbid " RDMA_CM ": start "
			      "the container with that device",
			      command);
	if (error == ENOENT && !access("/sys/class/misc/rdma_cm", F_OK))
		return failed("%s: there is no " RDMA_CM " here, though the module is loaded: give "
			      "this container the device",
			      command);
	return failed("%s: " RDMA_CM " cannot be opened (%s): load the module rdma_ucm", command,
		      strerror(error));
}

/* Get the name that sysfs gives to the RDMA device behind a uverbs node. */
static void device_of_node(const char *node, char device[RDMA_NS_DEVICE_NAME_MAX])
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), VERBS_CLASS "/%.40s/ibdev", node);
	file = fopen(path, "re");
	if (!file || !fgets(device, RDMA_NS_DEVICE_NAME_MAX, file))
		strcpy(device, "?");
	device[strcspn(device, "\n")] = '\0';
	if (file)
		fclose(file);
}

static bool cause_of_node(const char *node, char text[CAUSE_MAX])
{
	char path[128], device[RDMA_NS_DEVICE_NAME_MAX], safe[SAFE_NAME_MAX];
	int fd;

	snprintf(path, sizeof(path), "/dev/infiniband/%.40s", node);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return false;
	}
	device_of_node(node, device);
	snprintf(text, CAUSE_MAX, "%s of device '%.64s' cannot be opened (%s): %s", path,
		 safe_name(device, safe), strerror(errno),
		 errno == EACCES ? "its file mode decides who may open it" :
				   "give this container the device");
	return true;
}

/* librdmacm opens the devices through these files, and fails with ENODEV if it cannot. */
bool cause_of_nodes(char text[CAUSE_MAX])
{
	DIR *dir = opendir(VERBS_CLASS);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "uverbs", 6))
			found = cause_of_node(entry->d_name, text);
	}
	if (dir)
		closedir(dir);
	return found;
}

struct netdev {
	uint32_t ifindex;
	const struct sockaddr_storage *address; /* or by this */
	char name[IF_NAMESIZE];
	unsigned int flags; /* IFF_* */
};

static size_t ip_length(sa_family_t family)
{
	return family == AF_INET ? 4 : 16;
}

static void find_owner(struct netdev *netdev)
{
	struct ifaddrs *list, *entry;

	if (getifaddrs(&list))
		return;
	for (entry = list; entry && !netdev->ifindex; entry = entry->ifa_next) {
		const struct sockaddr_storage *address = (void *)entry->ifa_addr;

		if (address && address->ss_family == netdev->address->ss_family &&
		    !memcmp(address_ip(address), address_ip(netdev->address),
			    ip_length(address->ss_family)))
			netdev->ifindex = if_nametoindex(entry->ifa_name);
	}
	freeifaddrs(list);
}

static void look_up(void *data)
{
	struct netdev *netdev = data;
	struct ifreq request = { 0 };
	int fd;

	if (netdev->address)
		find_owner(netdev);
	if (!netdev->ifindex || !if_indextoname(netdev->ifindex, netdev->name))
		return;
	memcpy(request.ifr_name, netdev->name, sizeof(netdev->name));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request))
		netdev->flags = (unsigned short)request.ifr_flags;
	if (fd >= 0)
		close(fd);
}

/* Commands are copied to a shell, which would run a tenant's name. ip takes a number, too. */
static const char *name_for_shell(const struct netdev *netdev, char text[IF_NAMESIZE])
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

	if (netdev->name[0] != '-' && !netdev->name[strspn(netdev->name, plain)])
		return netdev->name;
	snprintf(text, IF_NAMESIZE, "if%" PRIu32, netdev->ifindex);
	return text;
}

static bool cause_of_flags(const struct netdev *netdev, const char *ip, char text[CAUSE_MAX])
{
	char name[SAFE_NAME_MAX], number[IF_NAMESIZE];

	safe_name(netdev->name, name);
	if (!(netdev->flags & IFF_UP))
		snprintf(text, CAUSE_MAX, "netdev '%.64s' is down: '%.256s link set %s up'", name,
			 ip, name_for_shell(netdev, number));
	else if (!(netdev->flags & IFF_RUNNING))
		snprintf(text, CAUSE_MAX,
			 "netdev '%.64s' has no carrier: 'rdma link' shows its port's state", name);
	else
		return false;
	return true;
}

static bool is_in_subnet(const struct rdma_ns_address *address,
			 const struct sockaddr_storage *destination)
{
	const uint8_t *ip = address_ip(destination);
	const unsigned int whole = address->prefix_length / 8, rest = address->prefix_length % 8;

	if (address->family != destination->ss_family || memcmp(address->bytes, ip, whole))
		return false;
	return !rest || !((address->bytes[whole] ^ ip[whole]) >> (8 - rest));
}

/* When a netdev goes down, its routes disappear, too. */
static bool cause_of_down(struct rdma_ns_netdev *const *list, const struct place *place,
			  char text[CAUSE_MAX])
{
	struct netdev netdev = { 0 };

	for (; *list; list++) {
		for (size_t i = 0; !(*list)->up && i < (*list)->addresses_count; i++) {
			if (!is_in_subnet(&(*list)->addresses[i], &place->address))
				continue;
			netdev.ifindex = (*list)->ifindex;
			memcpy(netdev.name, (*list)->name, sizeof(netdev.name));
			return cause_of_flags(&netdev, place->ip, text);
		}
	}
	return false;
}

static bool has_device(struct rdma_ns_netdev *const *list, uint32_t ifindex)
{
	for (; *list; list++) {
		if ((*list)->ifindex == ifindex)
			return true;
	}
	return false;
}

static int take_route(const struct nlmsghdr *header, void *data)
{
	uint32_t *ifindex = data;
	struct nlattr *oif;

	if (header->nlmsg_type != RTM_NEWROUTE || !nlmsg_valid_hdr(header, sizeof(struct rtmsg)))
		return 0;
	oif = nlmsg_find_attr((struct nlmsghdr *)header, sizeof(struct rtmsg), RTA_OIF);
	if (oif && nla_len(oif) >= (int)sizeof(*ifindex))
		*ifindex = nla_get_u32(oif);
	return 0;
}

/* The netdev by which a packet to it would leave, or 0 if there is no route. */
static uint32_t route_to(int netns_fd, const struct sockaddr_storage *destination)
{
	struct rtnetlink_request request;
	struct netlink netlink;
	struct rtmsg *message;
	uint32_t ifindex = 0;

	if (netlink_open(&netlink, NETLINK_ROUTE, netns_fd, NULL))
		return 0;
	message = rtnetlink_request_init(&request, RTM_GETROUTE, sizeof(*message));
	message->rtm_family = (unsigned char)destination->ss_family;
	message->rtm_dst_len = (unsigned char)(8 * ip_length(destination->ss_family));
	rtnetlink_request_add_ip(&request, RTA_DST, destination->ss_family,
				 address_ip(destination));
	if (netlink_request(&netlink, &request.header, take_route, &ifindex))
		ifindex = 0;
	netlink_close(&netlink);
	return ifindex;
}

static bool cause_of_netdev(struct rdma_ns_netdev *const *list, const struct netdev *netdev,
			    const struct place *place, const char *how, char text[CAUSE_MAX])
{
	char name[SAFE_NAME_MAX];

	if (!netdev->ifindex || netdev->flags & IFF_LOOPBACK)
		return false;
	if (cause_of_flags(netdev, place->ip, text))
		return true;
	if (has_device(list, netdev->ifindex))
		return false;
	snprintf(
		text, CAUSE_MAX,
		"%s '%.64s', which has no RDMA device: 'rdma-ns netdevs' lists the netdevs that have one",
		how, safe_name(netdev->name, name));
	return true;
}

bool cause_of_no_path(const struct place *place, char text[CAUSE_MAX])
{
	struct netdev netdev = { .ifindex = place->ifindex };
	struct rdma_ns_netdev **list;
	bool found;

	if (cause_of_nodes(text))
		return true;
	if (netdevs_of(place->netns_fd, &list) < 0)
		return false;
	if (!netdev.ifindex)
		netdev.ifindex = route_to(place->netns_fd, &place->address);
	netns_thread_run(place->netns_fd, look_up, &netdev);
	found = cause_of_netdev(list, &netdev, place,
				place->ifindex ? "the netdev is" : "the route leads through",
				text) ||
		cause_of_down(list, place, text);
	rdma_ns_free_netdevs(list);
	return found;
}

bool cause_of_no_listener(const struct place *place, const struct sockaddr_storage *address,
			  char text[CAUSE_MAX])
{
	struct netdev netdev = { .address = address };
	struct rdma_ns_netdev **list;
	bool found = true;

	if (cause_of_nodes(text))
		return true;
	if (address_is_wildcard(address) || netdevs_of(place->netns_fd, &list) < 0)
		return false;
	if (netns_thread_run(place->netns_fd, look_up, &netdev))
		found = false;
	else if (!netdev.ifindex)
		snprintf(text, CAUSE_MAX,
			 "no netdev of this namespace has this address: 'rdma-ns "
			 "netdevs' lists the netdevs and their addresses");
	else
		found = cause_of_netdev(list, &netdev, place, "the address is on", text);
	rdma_ns_free_netdevs(list);
	return found;
}
