// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Finds netdevs by what ib_ipoib itself knows of them: device, port, P_Key and the number of the QP
 * that it made. Nothing here reads a field of struct net_device that the netdev's owner can write.
 */
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>

#include "ipoib.h"
#ifdef RDMA_NS_VERSION
#include <linux/export.h>
#include <linux/module.h>

#include <ipoib_ns_query.h>

const unsigned int ipoib_ns_version = IPOIB_NS_VERSION;
EXPORT_SYMBOL_GPL(ipoib_ns_version);
#endif

static const struct rhashtable_params ipoib_ns_by_qpn = {
	.head_offset = offsetof(struct ipoib_dev_priv, ns.node),
	.key_offset = offsetof(struct ipoib_dev_priv, ns.key),
	.key_len = sizeof(struct ipoib_ns_key),
	.automatic_shrinking = true,
};

static struct rhashtable ipoib_ns_netdevs;

/*
 * The netdevs of all devices, oldest first, which is the order in which ib_ipoib itself finds
 * them. The list is read under RCU.
 */
static LIST_HEAD(ipoib_ns_list);
static DEFINE_SPINLOCK(ipoib_ns_lock);

int ipoib_ns_init(void)
{
	return rhashtable_init(&ipoib_ns_netdevs, &ipoib_ns_by_qpn);
}

void ipoib_ns_exit(void)
{
	rhashtable_destroy(&ipoib_ns_netdevs);
}

/*
 * The QP has just been made, and ndo_init is still running. Accelerators make a QP of their own and
 * write its number into the hardware address, where ipoib_set_mac() lets nobody change it.
 */
static u32 ipoib_ns_qpn(const struct ipoib_dev_priv *priv)
{
	const u8 *address = priv->dev->dev_addr;

	if (!IS_ERR_OR_NULL(priv->qp))
		return priv->qp->qp_num;
	return address[1] << 16 | address[2] << 8 | address[3];
}

/*
 * If the netdev finds no place in the table, it works all the same, except that requests aimed at
 * its QPN are refused.
 */
void ipoib_ns_made(struct ipoib_dev_priv *priv)
{
	struct ipoib_ns *ns = &priv->ns;
	int ret;

	ns->key = (struct ipoib_ns_key){ .ca = priv->ca, .qpn = ipoib_ns_qpn(priv) };
	ret = rhashtable_lookup_insert_fast(&ipoib_ns_netdevs, &ns->node, ipoib_ns_by_qpn);
	if (ret)
		ipoib_warn(priv, "cannot be found by its QPN %06lx; error %i\n", ns->key.qpn, ret);
	ns->hashed = !ret;
	spin_lock(&ipoib_ns_lock);
	list_add_tail_rcu(&ns->entry, &ipoib_ns_list);
	spin_unlock(&ipoib_ns_lock);
}

/*
 * A netdev that is unregistered is freed after a grace period, but one whose registration failed is
 * freed at once, so this waits until nobody looks at it. Nobody takes a reference on that one,
 * because it was never registered.
 */
void ipoib_ns_unmade(struct ipoib_dev_priv *priv)
{
	struct ipoib_ns *ns = &priv->ns;

	if (ns->hashed)
		rhashtable_remove_fast(&ipoib_ns_netdevs, &ns->node, ipoib_ns_by_qpn);
	spin_lock(&ipoib_ns_lock);
	list_del_rcu(&ns->entry);
	spin_unlock(&ipoib_ns_lock);
	/* This is its registration's own end, so that nobody else writes the field. */
	if (data_race(priv->dev->reg_state) != NETREG_UNREGISTERING)
		synchronize_net();
}

/* A registered netdev stays as long as rcu_read_lock is held, so references on it can be taken. */
static bool ipoib_ns_is_there(const struct ipoib_dev_priv *priv)
{
	/* In older kernels it is a bit-field, which READ_ONCE() cannot read. */
	return data_race(priv->dev->reg_state) == NETREG_REGISTERED;
}

static bool ipoib_ns_fits(const struct ipoib_dev_priv *priv, u32 port, u16 pkey)
{
	return priv->port == port && !((READ_ONCE(priv->pkey) ^ pkey) & IPOIB_NS_PKEY_MASK) &&
	       ipoib_ns_is_there(priv);
}

static struct net_device *ipoib_ns_return(const struct ipoib_dev_priv *priv,
					  struct ipoib_ns_answer *answer)
{
	if (!priv)
		return NULL;
	answer->qpn = priv->ns.key.qpn;
	answer->pkey = READ_ONCE(priv->pkey);
	dev_hold(priv->dev);
	return priv->dev;
}

static struct ipoib_dev_priv *ipoib_ns_by_number(struct ib_device *ca, u32 port, u16 pkey, u32 qpn)
{
	const struct ipoib_ns_key key = { .ca = ca, .qpn = qpn };
	struct ipoib_dev_priv *priv;

	priv = rhashtable_lookup(&ipoib_ns_netdevs, &key, ipoib_ns_by_qpn);
	return priv && ipoib_ns_fits(priv, port, pkey) ? priv : NULL;
}

/*
 * Chooses and counts in one pass, so that no owner can change a netdev's address in between. As in
 * ib_ipoib's own lookup, addresses decide only if the rest does not, the addresses of a bond or VRF
 * above a netdev count as its own, and it does not matter whether the netdev is up. An owner can
 * change its netdev's GID, but that can only remove the netdev from the candidates or add it to
 * them.
 */
static struct ipoib_dev_priv *ipoib_ns_by_address(struct ib_device *ca, u32 port, u16 pkey,
						  const union ib_gid *gid,
						  const struct sockaddr *address,
						  struct ipoib_ns_answer *answer)
{
	struct ipoib_dev_priv *priv, *alone = NULL, *chosen = NULL;
	unsigned int fitting = 0, with_address = 0;

	list_for_each_entry_rcu(priv, &ipoib_ns_list, ns.entry) {
		if (priv->ca != ca || !ipoib_ns_fits(priv, port, pkey) ||
		    (gid && memcmp(gid, &priv->local_gid, sizeof(*gid))))
			continue;
		fitting++;
		alone = priv;
		if (!ipoib_ns_has_address(priv->dev, address))
			continue;
		if (!with_address++)
			chosen = priv;
	}
	answer->alone = fitting == 1;
	answer->candidates = answer->alone ? 1 : with_address;
	/* It begins as that of ib_ipoib's own lookup, for whoever watches the log. */
	if (answer->candidates > 1)
		dev_warn_ratelimited(
			&ca->dev,
			"duplicate IP address detected: %u netdevs of port %u with P_Key 0x%04x have %pISc\n",
			answer->candidates, port, pkey, address);
	return answer->alone ? alone : chosen;
}

/*
 * The netdev that a request is for: the one with @qpn, whatever its GID, or, if @qpn is 0, one with
 * @gid and @address. Returns the netdev itself, not a bond above it, with a reference, or NULL.
 */
struct net_device *ipoib_ns_find(struct ib_device *ca, u32 port, u16 pkey, u32 qpn,
				 const union ib_gid *gid, const struct sockaddr *address,
				 struct ipoib_ns_answer *answer)
{
	struct ipoib_dev_priv *priv;
	struct net_device *netdev;

	rcu_read_lock();
	if (qpn)
		priv = ipoib_ns_by_number(ca, port, pkey, qpn);
	else
		priv = ipoib_ns_by_address(ca, port, pkey, gid, address, answer);
	netdev = ipoib_ns_return(priv, answer);
	rcu_read_unlock();
	return netdev;
}

#if defined(RDMA_NS_VERSION) || defined(RDMA_NS_WITH_LIST)
/* Calls @each under rcu_read_lock. */
void ipoib_ns_tell_all(struct ib_device *ca, u32 port,
		       void (*each)(void *context, struct net_device *netdev, u32 qpn, u16 pkey),
		       void *context)
{
	struct ipoib_dev_priv *priv;

	rcu_read_lock();
	list_for_each_entry_rcu(priv, &ipoib_ns_list, ns.entry) {
		if (priv->ca == ca && priv->port == port && ipoib_ns_is_there(priv))
			each(context, priv->dev, priv->ns.key.qpn, READ_ONCE(priv->pkey));
	}
	rcu_read_unlock();
}
#endif

#ifdef RDMA_NS_VERSION
/* No other netdevs have these operations, whatever type they claim to be. */
bool ipoib_ns_is_own(const struct net_device *netdev)
{
	return netdev->rtnl_link_ops == ipoib_get_link_ops();
}

bool ipoib_ns_asked(const struct sockaddr *address)
{
	return address && address->sa_family == IPOIB_NS_FAMILY;
}

/* Returns a netdev with a reference, or NULL. */
struct net_device *ipoib_ns_reply(struct ib_device *ca, u32 port, u16 pkey, const union ib_gid *gid,
				  const struct sockaddr *address)
{
	const struct ipoib_ns_query *query = (const struct ipoib_ns_query *)address;

	if (query->version != IPOIB_NS_VERSION)
		return NULL;
	query->answer->given = true;
	switch (query->question) {
	case IPOIB_NS_BY_QPN:
		if (!query->qpn)
			return NULL;
		return ipoib_ns_find(ca, port, pkey, query->qpn, gid, query->address,
				     query->answer);
	case IPOIB_NS_BY_ADDRESS:
		return ipoib_ns_find(ca, port, pkey, 0, gid, query->address, query->answer);
	case IPOIB_NS_LIST:
		ipoib_ns_tell_all(ca, port, query->each, query->context);
	}
	return NULL;
}

MODULE_VERSION("rdma-ns-" RDMA_NS_VERSION);
#endif
