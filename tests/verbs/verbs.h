/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Shared by the programs here: both ends of a connection in one process, on two ports, connected by
 * hand through their LIDs; and a table of cases, each of which prints "ok" or "not ok".
 */
#ifndef VERBS_H
#define VERBS_H

#include <infiniband/verbs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A port of a device, open as long as the program runs. */
struct node {
	const char *device;
	int port;
	struct ibv_context *context;
	uint16_t lid;
	union ibv_gid gid;
	int mtu; /* bytes */
};

extern struct node nodes[2];

struct setup {
	enum ibv_qp_type type;
	size_t size;	/* of the buffer */
	int send_wr, recv_wr, sge;
	int cqe;
	bool loopback;	/* both ends on nodes[0] */
	bool reverse;	/* the first end on nodes[1] */
	bool srq;
	bool all_signaled;
	bool channel;	/* completion events */
	bool one_cq;	/* for sends and receives */
	int mr_access, qp_access;
	enum ibv_mtu path_mtu;
	uint8_t timeout, retry_cnt, rnr_retry, min_rnr_timer;
};

/* RC, 64 KiB, every access allowed, a transport timeout of 67 ms with 2 retries, no RNR retry. */
struct setup setup_default(void);

/*
 * One end of a connection. What connect needs may be changed between pair_alloc() and
 * pair_connect().
 */
struct end {
	struct node *node;
	struct end *peer;
	struct ibv_pd *pd;
	struct ibv_comp_channel *channel;
	struct ibv_cq *send_cq, *recv_cq;
	struct ibv_srq *srq;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	uint8_t *buffer;
	uint16_t pkey_index;
	uint32_t qkey;
	uint32_t send_psn, recv_psn;
	uint32_t remote_qpn;
	uint16_t remote_lid;
	uint8_t max_rd_atomic, max_dest_rd_atomic;
	int qp_access;
	enum ibv_mtu path_mtu;
};

struct pair {
	struct end a, b;
	struct setup setup;
	struct pair *next;
};

/*
 * These say what went wrong and return NULL or -1. What is left of a pair is freed after the case.
 */
struct pair *pair_alloc(const struct setup *setup);
int pair_connect(struct pair *pair);
struct pair *pair_new(const struct setup *setup);	/* both of them */
void pair_free(struct pair *pair);
/* Before connecting; the port's table must have it. */
int end_use_pkey(struct end *end, uint16_t pkey);
int end_to_init(struct end *end);
int end_to_rtr(struct end *end, const struct setup *setup);
int end_to_rts(struct end *end, const struct setup *setup);
int end_set_state(struct end *end, enum ibv_qp_state state);
int end_state(struct end *end);
/* Within 2 s: the completion with the cause comes first, and may be seen before the state. */
int expect_error_state(struct end *end);
void end_destroy_qp(struct end *end);
/*
 * Before connecting: a QP anew, in the protection domain, receive CQ and SRQ of an older pair's
 * end.
 */
int end_join(struct end *end, struct end *older);

/* A send request; @at and @remote_at are offsets in the buffers of the two ends. */
struct op {
	enum ibv_wr_opcode opcode;
	uint64_t id;
	size_t at, length, remote_at;
	unsigned int flags;
	uint32_t imm;		/* host order */
	uint64_t compare_add, swap;
	uint32_t lkey, rkey;	/* instead of the buffers' own */
	struct ibv_ah *ah;
	uint32_t qpn, qkey;
};

/* As ibv_post_send() and ibv_post_recv(): 0 or an errno. */
int try_send(struct end *end, const struct op *op);
int try_recv(struct end *end, uint64_t id, size_t at, size_t length);
/* The same, and it is an error if that fails. */
int post_send(struct end *end, const struct op *op);
int post_recv(struct end *end, uint64_t id, size_t at, size_t length);

/* The next completion, which must come within @ms and be this one. @wc may be NULL. */
int expect_wc(struct ibv_cq *cq, uint64_t id, enum ibv_wc_status status, int ms, struct ibv_wc *wc);
int expect_no_wc(struct ibv_cq *cq, int ms);
/* 1, 0 after @ms, -1 */
int poll_wc(struct ibv_cq *cq, struct ibv_wc *wc, int ms);
/* An asynchronous event of that type; others are passed over. */
int expect_event(struct node *node, enum ibv_event_type type, int ms);
void drain_events(struct node *node);

/* Pseudo-random data that @seed names. */
void fill(uint8_t *data, size_t length, uint32_t seed);
bool same(const uint8_t *data, size_t length, uint32_t seed);

double now_ms(void);
/* Write to one of sib's files for @node in debugfs. */
int hurt(const struct node *node, const char *file, const char *text);
/* Index of a P_Key in the port's table, or -1. */
int find_pkey(const struct node *node, uint16_t pkey);
int wait_port_state(const struct node *node, enum ibv_port_state state, int ms);

void complain(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define FAIL(...)                                          \
	do {                                               \
		complain(__FILE__, __LINE__, __VA_ARGS__); \
		return -1;                                 \
	} while (0)

#define CHECK(condition, ...)              \
	do {                               \
		if (!(condition))          \
			FAIL(__VA_ARGS__); \
	} while (0)

/* For what has complained already. */
#define TRY(call)                  \
	do {                       \
		if ((call) != 0)   \
			return -1; \
	} while (0)

struct test_case {
	const char *name;
	int (*run)(const void *argument);
	const void *argument;
};

#define SKIP 1	/* a case returns 0, -1, or SKIP after saying why with skip_reason */
extern const char *skip_reason;

int verbs_main(int argc, char **argv, const struct test_case *cases, size_t count);

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
