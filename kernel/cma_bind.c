// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Ids can be bound to a netdev, as SO_BINDTODEVICE binds sockets. This file also decides which ids
 * can share a port.
 */
#include <linux/bpf-cgroup.h>
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/hashtable.h>
#include <linux/inetdevice.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/addrconf.h>
#include <net/l3mdev.h>
#include <net/netns/hash.h>
#include <rdma/restrack.h>

#include "cma_address.h"
#include "cma_bind.h"
#include "cma_choice.h"
#ifdef RDMA_NS_VERSION
#include "cma_ns_user.h"
#endif

/*
 * These ids are bound to a netdev, by which they are found. When it goes, they must not end up
 * bound to a later netdev with the same ifindex. Tenants decide how many there are, and netdevs of
 * all namespaces come and go.
 */
static DEFINE_HASHTABLE(bound_ids, 10);
static DEFINE_SPINLOCK(bound_lock);

static u32 cma_ns_netdev_key(const struct net *net, int ifindex)
{
	return net_hash_mix(net) + ifindex;
}

/*
 * The netdev may go at any moment. So the id goes into the table first, and only then is the netdev
 * looked up.
 */
static void cma_ns_set_ifindex(struct rdma_id_private *id, int ifindex)
{
	struct net *net = id->id.route.addr.dev_addr.net;

	spin_lock(&bound_lock);
	hash_del(&id->ns.bound);
	if (ifindex > 0)
		hash_add(bound_ids, &id->ns.bound, cma_ns_netdev_key(net, ifindex));
	WRITE_ONCE(id->ns.ifindex, ifindex);
	spin_unlock(&bound_lock);
	if (ifindex <= 0)
		return;
	rcu_read_lock();
	if (!dev_get_by_index_rcu(net, ifindex))
		WRITE_ONCE(id->ns.ifindex, CMA_NS_NETDEV_GONE);
	rcu_read_unlock();
}

/* @id is about to be freed. */
void cma_ns_unbind(struct rdma_id_private *id)
{
	if (READ_ONCE(id->ns.ifindex))
		cma_ns_set_ifindex(id, 0);
}

/* @netdev is leaving its namespace: nothing arrives on it any more. */
static void cma_ns_netdev_gone(const struct net_device *netdev)
{
	struct rdma_id_private *id;
	struct hlist_node *next;

	spin_lock(&bound_lock);
	hash_for_each_possible_safe(bound_ids, id, next, ns.bound,
				    cma_ns_netdev_key(dev_net(netdev), netdev->ifindex)) {
		if (id->ns.ifindex != netdev->ifindex ||
		    !net_eq(id->id.route.addr.dev_addr.net, dev_net(netdev)))
			continue;
		hash_del(&id->ns.bound);
		WRITE_ONCE(id->ns.ifindex, CMA_NS_NETDEV_GONE);
	}
	spin_unlock(&bound_lock);
}

static int cma_ns_netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	if (event == NETDEV_UNREGISTER)
		cma_ns_netdev_gone(netdev_notifier_info_to_dev(data));
	return NOTIFY_DONE;
}

static struct notifier_block cma_ns_netdev_notifier = { .notifier_call = cma_ns_netdev_event };

int cma_ns_bind_init(void)
{
	return register_netdevice_notifier(&cma_ns_netdev_notifier);
}

void cma_ns_bind_exit(void)
{
	unregister_netdevice_notifier(&cma_ns_netdev_notifier);
}

struct address_search {
	const struct sockaddr *address;
	struct net_device *found;
};

static int cma_ns_search_port(struct net_device *port, struct netdev_nested_priv *nested)
{
	struct address_search *search = nested->data;

	if (!cma_ns_netdev_has_address(port, search->address))
		return 0;
	search->found = port;
	return 1;
}

/*
 * Find the netdev that has @address: @netdev itself, its VRF or, if @netdev is a VRF, one of its
 * ports.
 */
static struct net_device *cma_ns_find_owner(struct net_device *netdev,
					    const struct sockaddr *address)
{
	struct address_search search = { .address = address };
	struct netdev_nested_priv nested = { .data = &search };
	struct net_device *master;

	if (cma_ns_netdev_has_address(netdev, address))
		return netdev;
	master = l3mdev_master_dev_rcu(netdev);
	if (master && cma_ns_netdev_has_address(master, address))
		return master;
	if (netif_is_l3_master(netdev))
		netdev_walk_all_lower_dev_rcu(netdev, cma_ns_search_port, &nested);
	return search.found;
}

/*
 * The netdev that @id, which is bound to @ifindex, uses for @address. If @scope is not 0, it is the
 * netdev of that ifindex, which must be @ifindex itself or a port of it.
 */
static struct net_device *cma_ns_choose_netdev(struct rdma_id_private *id, int ifindex, int scope,
					       const struct sockaddr *address)
{
	struct net *net = id->id.route.addr.dev_addr.net;
	struct net_device *netdev, *scoped;

	netdev = dev_get_by_index_rcu(net, ifindex);
	if (!netdev)
		return ERR_PTR(-ENODEV);
	if (scope) {
		scoped = dev_get_by_index_rcu(net, scope);
		if (!scoped || !cma_ns_arrived_on(ifindex, scoped))
			return ERR_PTR(-EADDRNOTAVAIL);
		netdev = scoped;
	}
	if (cma_ns_is_wildcard(address))
		return netdev;
	return cma_ns_find_owner(netdev, address) ?: ERR_PTR(-EADDRNOTAVAIL);
}

/*
 * rdma_translate_ip() believes dev_addr.bound_dev_if without looking at the address, so the address
 * is checked here. Route output takes bound_dev_if for the netdev to leave from.
 */
static int cma_ns_use_netdev(struct rdma_id_private *id, int scope, const struct sockaddr *address)
{
	int ifindex = READ_ONCE(id->ns.ifindex);
	struct net_device *netdev;

	if (address->sa_family == AF_IB)
		return -EAFNOSUPPORT;
	if (ifindex == CMA_NS_NETDEV_GONE)
		return -ENODEV;
	rcu_read_lock();
	netdev = cma_ns_choose_netdev(id, ifindex, scope, address);
	if (!IS_ERR(netdev))
		id->id.route.addr.dev_addr.bound_dev_if = netdev->ifindex;
	rcu_read_unlock();
	return PTR_ERR_OR_ZERO(netdev);
}

static struct net_device *cma_ns_search_outside_vrfs(struct net *net,
						     const struct sockaddr *address)
{
	struct net_device *netdev;

	for_each_netdev_rcu(net, netdev) {
		if (!l3mdev_master_ifindex_rcu(netdev) &&
		    cma_ns_netdev_has_address(netdev, address))
			return netdev;
	}
	return NULL;
}

/*
 * The netdev that has @address and is in no VRF, or NULL. IPv4's table may name a netdev in a VRF
 * although another one has the address too. Only then are all netdevs searched.
 */
static struct net_device *cma_ns_owner_outside_vrfs(struct net *net, const struct sockaddr *address)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	struct net_device *netdev;

	if (address->sa_family == AF_INET6)
		return IS_ENABLED(CONFIG_IPV6) ? ipv6_dev_find(net, &in6->sin6_addr, NULL) : NULL;
	netdev = __ip_dev_find(net, in->sin_addr.s_addr, false);
	if (!netdev || !l3mdev_master_ifindex_rcu(netdev))
		return netdev;
	return cma_ns_search_outside_vrfs(net, address);
}

/*
 * As with sockets, an id that is bound to no netdev cannot have an address in a VRF. Users in the
 * kernel cannot bind to a netdev, so for them nothing changes.
 */
static int cma_ns_bind_outside_vrfs(struct rdma_id_private *id, const struct sockaddr *address)
{
	struct rdma_dev_addr *dev_addr = &id->id.route.addr.dev_addr;
	struct net_device *netdev;

	if (address->sa_family == AF_IB || cma_ns_is_wildcard(address) ||
	    cma_ns_is_link_local(address) || rdma_is_kernel_res(&id->res))
		return 0;
	rcu_read_lock();
	netdev = cma_ns_owner_outside_vrfs(dev_addr->net, address);
	if (netdev)
		dev_addr->bound_dev_if = netdev->ifindex;
	rcu_read_unlock();
	return netdev ? 0 : -EADDRNOTAVAIL;
}

/* @id is being bound to @address. bound_dev_if has the scope of @address or of the destination. */
int cma_ns_bind_address(struct rdma_id_private *id, const struct sockaddr *address)
{
	int scope = id->id.route.addr.dev_addr.bound_dev_if;

	if (cma_ns_is_family_off(address))
		return -EAFNOSUPPORT;
	if (!READ_ONCE(id->ns.ifindex))
		return cma_ns_bind_outside_vrfs(id, address);
	/* For other addresses bound_dev_if is left from an earlier attempt. */
	if (!cma_ns_is_link_local(address) && !cma_ns_is_wildcard(address))
		scope = 0;
	return cma_ns_use_netdev(id, scope, address);
}

/*
 * The destination's hardware address is about to be resolved. Nothing of an earlier one may remain.
 */
int cma_ns_resolve_begins(struct rdma_id_private *id)
{
	struct rdma_dev_addr *dev_addr = &id->id.route.addr.dev_addr;

	memset(dev_addr->dst_dev_addr, 0, sizeof(dev_addr->dst_dev_addr));
	return READ_ONCE(id->ns.ifindex) == CMA_NS_NETDEV_GONE ? -ENODEV : 0;
}

void cma_ns_restore_netdev(struct rdma_id_private *id, const struct cma_ns_binding *before)
{
	cma_ns_set_ifindex(id, before->ifindex);
	id->id.route.addr.dev_addr.bound_dev_if = before->bound_dev_if;
}

/*
 * Bind @id, which neither listens nor connects, to a netdev, or to none if @ifindex is 0. The
 * caller holds rdma_cm's global lock and can hand *before to cma_ns_restore_netdev().
 */
int cma_ns_set_netdev(struct rdma_id_private *id, int ifindex, struct cma_ns_binding *before)
{
	struct rdma_dev_addr *dev_addr = &id->id.route.addr.dev_addr;
	const struct sockaddr *address = (struct sockaddr *)&id->id.route.addr.src_addr;
	int scope = cma_ns_is_link_local(address) ? dev_addr->bound_dev_if : 0;
	int error = 0;

	before->ifindex = READ_ONCE(id->ns.ifindex);
	before->bound_dev_if = dev_addr->bound_dev_if;
	cma_ns_set_ifindex(id, ifindex);
	if (ifindex && READ_ONCE(id->ns.ifindex) == CMA_NS_NETDEV_GONE)
		error = -ENODEV;
	/* What has not been bound may have the address of an attempt that failed. */
	else if (READ_ONCE(id->state) == RDMA_CM_IDLE)
		dev_addr->bound_dev_if = 0;
	else if (ifindex)
		error = cma_ns_use_netdev(id, scope, address);
	else if (cma_ns_is_wildcard(address))
		dev_addr->bound_dev_if = 0;
	if (error)
		cma_ns_restore_netdev(id, before);
	return error;
}

/*
 * "ip vrf exec" puts a BPF program into the process's cgroup, which binds each new socket to the
 * VRF. What it does to a socket is done to a new id as well, and where that fails there is no id.
 */
int rdma_bind_as_sockets(struct rdma_cm_id *cm_id)
{
	struct rdma_id_private *id = container_of(cm_id, struct rdma_id_private, id);
	struct socket *socket;
	int ifindex, ret;

	if (!cgroup_bpf_enabled(CGROUP_INET_SOCK_CREATE))
		return 0;
	ret = sock_create(AF_INET, SOCK_DGRAM, 0, &socket);
	if (ret)
		return ret;
	ifindex = READ_ONCE(socket->sk->sk_bound_dev_if);
	sock_release(socket);
	ret = ifindex ? cma_ns_rebind(id, ifindex) : 0;
#ifdef RDMA_NS_WITH_OPTIONS
	id->ns.by_cgroup = ifindex && !ret;
#endif
	return ret;
}
EXPORT_SYMBOL_GPL(rdma_bind_as_sockets);

/*
 * rdma_listen() clears REUSEADDR so that no two listeners share a port. Listeners of one user that
 * asked for REUSEADDR may still share one if one of them is bound to a netdev and the other is not.
 */
void cma_ns_check_port_begins(struct rdma_id_private *id)
{
	if (!id->reuseaddr || id->ns.reuse)
		return;
	id->ns.reuse = true;
	id->ns.owner = current_fsuid();
}

/* As with sockets, a VRF has its own ports unless listeners outside it get what arrives in it. */
static bool cma_ns_vrfs_apart(const struct rdma_id_private *id, const struct rdma_id_private *other)
{
	bool apart;

	if (cma_ns_vrfs_are_open(id))
		return false;
	rcu_read_lock();
	apart = cma_ns_vrf(id) != cma_ns_vrf(other);
	rcu_read_unlock();
	return apart;
}

/* May both ids have the same port and address, because no request ever suits both? */
bool cma_ns_ports_apart(const struct rdma_id_private *id, const struct rdma_id_private *other)
{
	int one = READ_ONCE(id->ns.ifindex), two = READ_ONCE(other->ns.ifindex);

	if (one && two)
		return one != two;
	if (cma_ns_vrfs_apart(id, other))
		return true;
	if (!one && !two)
		return false;
	/*
	 * Without this check, anyone could take over a wildcard listener by binding to its netdev.
	 */
	return id->ns.reuse && other->ns.reuse && uid_eq(id->ns.owner, other->ns.owner);
}
