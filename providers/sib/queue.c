// SPDX-License-Identifier: GPL-2.0
/* Bounded queues of packets. Each has its own worker, which serves it in order. */
#include <linux/slab.h>
#include "sib.h"

static struct sib_packet *sib_queue_take(struct sib_queue *queue)
{
	struct sib_packet *packet;

	spin_lock_irq(&queue->lock);
	packet = list_first_entry_or_null(&queue->packets, struct sib_packet, list);
	if (packet) {
		list_del(&packet->list);
		queue->length--;
	}
	spin_unlock_irq(&queue->lock);
	return packet;
}

static void sib_queue_work(struct work_struct *work)
{
	struct sib_queue *queue = container_of(work, struct sib_queue, work);
	struct sib_packet *packet;

	while ((packet = sib_queue_take(queue))) {
		queue->serve(queue->fabric, packet);
		cond_resched();
	}
}

void sib_queue_init(struct sib_queue *queue, struct sib_fabric *fabric, unsigned int max,
		    void (*serve)(struct sib_fabric *fabric, struct sib_packet *packet))
{
	queue->fabric = fabric;
	queue->max = max;
	queue->serve = serve;
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->packets);
	INIT_WORK(&queue->work, sib_queue_work);
}

bool sib_queue_add(struct sib_queue *queue, struct sib_packet *packet)
{
	unsigned long flags;
	bool full;

	spin_lock_irqsave(&queue->lock, flags);
	full = queue->length >= queue->max;
	if (!full) {
		list_add_tail(&packet->list, &queue->packets);
		queue->length++;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	if (!full)
		queue_work(queue->fabric->fanout_wq, &queue->work);
	return !full;
}

void sib_queue_stop(struct sib_queue *queue)
{
	cancel_work_sync(&queue->work);
	sib_packets_free(&queue->packets);
}
