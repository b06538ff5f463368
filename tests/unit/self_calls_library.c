// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* A library that calls a function of its own, linked in several ways for test_ns_self_calls.c. */
int self_calls_inner(void);
int self_calls_outer(void);

static volatile int answer = 1;

__attribute__((noinline)) int self_calls_inner(void)
{
	return answer;
}

int self_calls_outer(void)
{
	return self_calls_inner();
}
