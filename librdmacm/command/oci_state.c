// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "oci_state.h"

static int parse_stage(struct oci_state *state, struct problem *problem)
{
	const char *status;

	if (json_input_text(state->object, "status", &status) != JSON_MEMBER_FOUND)
		return problem_set(problem, PROBLEM_INPUT, "the state has no \"status\"");
	/* Runtimes differ in which of the first two they call it at createRuntime. */
	if (!strcmp(status, "creating") || !strcmp(status, "created"))
		state->stage = OCI_BEGIN;
	else if (!strcmp(status, "stopped"))
		state->stage = OCI_END;
	else if (!strcmp(status, "running"))
		state->stage = OCI_RUNNING;
	else
		return problem_set(problem, PROBLEM_INPUT, "the state's \"status\" is '%.64s'",
				   status);
	return 0;
}

static int parse(struct oci_state *state, struct problem *problem)
{
	struct json_object *pid;
	int64_t number;

	if (json_input_text(state->object, "id", &state->id) != JSON_MEMBER_FOUND ||
	    !network_is_name(state->id, CONTAINER_KEY_MAX))
		return problem_set(problem, PROBLEM_INPUT,
				   "the state's \"id\" is not up to %d letters, digits, '_', '.' "
				   "and '-': give the container another one",
				   CONTAINER_KEY_MAX - 1);
	if (parse_stage(state, problem))
		return -1;
	json_input_get(state->object, "pid", json_type_int, &pid);
	number = pid ? json_object_get_int64(pid) : 0;
	state->pid = number > 0 && number <= INT_MAX ? (int)number : 0;
	if (state->stage == OCI_BEGIN && !state->pid)
		return problem_set(problem, PROBLEM_INPUT,
				   "the state has no \"pid\" although the container was created");
	if (json_input_get(state->object, "annotations", json_type_object, &state->annotations) ==
	    JSON_MEMBER_WRONG)
		return problem_set(problem, PROBLEM_INPUT,
				   "the state's \"annotations\" are not an object");
	return 0;
}

int oci_state_parse(struct oci_state *state, struct json_object *object, struct problem *problem)
{
	*state = (struct oci_state){ .object = object };
	if (!parse(state, problem))
		return 0;
	oci_state_release(state);
	return -1;
}

void oci_state_release(struct oci_state *state)
{
	json_object_put(state->object);
	state->object = NULL;
}

int oci_state_annotation(const struct oci_state *state, const char *prefix, const char *name,
			 const char **text, struct problem *problem)
{
	char key[64 + NETWORK_NAME_MAX];

	*text = "";
	snprintf(key, sizeof(key), "%s%s", prefix, name);
	if (state->annotations &&
	    json_input_text(state->annotations, key, text) == JSON_MEMBER_WRONG)
		return problem_set(problem, PROBLEM_INPUT, "the annotation %s is not a text", key);
	return 0;
}
