/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* JSON from outside, whose writer may be anybody: no more than a limit, strict, and checked. */
#ifndef RDMA_NS_JSON_INPUT_H
#define RDMA_NS_JSON_INPUT_H

#include <json-c/json.h>
#include <stddef.h>

#include "problem.h"

/* The functions that parse return an object for json_object_put(), or NULL and the problem. */

/* @what is for messages. */
struct json_object *json_input_parse(const char *text, size_t length, const char *what,
				     struct problem *problem);
struct json_object *json_input_read(int fd, const char *what, struct problem *problem);
/* A file that decides what is allowed must not be one that others can write. */
struct json_object *json_input_read_trusted(const char *path, struct problem *problem);

enum json_member { JSON_MEMBER_FOUND, JSON_MEMBER_ABSENT, JSON_MEMBER_WRONG };

/* A member that is null counts as absent. */
enum json_member json_input_get(struct json_object *object, const char *key, enum json_type type,
				struct json_object **member);
/* A text without zero bytes; "" if it is absent or wrong. It lives as long as the object. */
enum json_member json_input_text(struct json_object *object, const char *key, const char **text);
/* The text of a string that has no zero byte, or NULL. */
const char *json_input_string(struct json_object *string);

/* Returns a member of the object whose key is none of these, which end with NULL, or NULL. */
const char *json_input_unknown(struct json_object *object, const char *const *keys);

#endif
