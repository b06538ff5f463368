// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_input.h"

#define INPUT_MAX (1 << 20)
#define DEPTH_MAX 32

struct json_object *json_input_parse(const char *text, size_t length, const char *what,
				     struct problem *problem)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *object;
	enum json_tokener_error error;

	if (!tokener) {
		problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)length);
	error = json_tokener_get_error(tokener);
	/* "Strict" still lets a zero byte end the text. */
	if (error == json_tokener_success && json_tokener_get_parse_end(tokener) != length)
		error = json_tokener_error_parse_unexpected;
	if (error != json_tokener_success)
		problem_set(problem, PROBLEM_INPUT, "%s is not JSON: %s at byte %zu", what,
			    json_tokener_error_desc(error), json_tokener_get_parse_end(tokener));
	else if (!json_object_is_type(object, json_type_object))
		problem_set(problem, PROBLEM_INPUT, "%s is not a JSON object", what);
	json_tokener_free(tokener);
	if (error == json_tokener_success && json_object_is_type(object, json_type_object))
		return object;
	json_object_put(object);
	return NULL;
}

struct json_object *json_input_read(int fd, const char *what, struct problem *problem)
{
	char *text = malloc(INPUT_MAX + 1);
	struct json_object *object = NULL;
	size_t length = 0;
	ssize_t result = text ? 1 : -1;

	while (result && length <= INPUT_MAX) {
		if (result > 0)
			result = read(fd, text + length, INPUT_MAX + 1 - length);
		if (result < 0 && text && errno == EINTR) {
			result = 1;
			continue;
		}
		if (result < 0) {
			problem_set(problem, PROBLEM_SYSTEM, "cannot read %s: %s", what,
				    strerror(errno));
			goto done;
		}
		length += (size_t)result;
	}
	if (length > INPUT_MAX)
		problem_set(problem, PROBLEM_INPUT, "%s is longer than %d bytes", what, INPUT_MAX);
	else
		object = json_input_parse(text, length, what, problem);
done:
	free(text);
	return object;
}

struct json_object *json_input_read_trusted(const char *path, struct problem *problem)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct json_object *object = NULL;
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		problem_set(problem, PROBLEM_SETTINGS,
			    "cannot read %s: %s: write it, rdma-ns-hook(8) says how", path,
			    strerror(errno));
	else if (!S_ISREG(status.st_mode) || (status.st_uid && status.st_uid != geteuid()) ||
		 status.st_mode & (S_IWGRP | S_IWOTH))
		problem_set(problem, PROBLEM_SETTINGS,
			    "%s is not believed, since others can write it: 'chown root %s; chmod "
			    "go-w %s'",
			    path, path, path);
	else
		object = json_input_read(fd, path, problem);
	if (fd >= 0)
		close(fd);
	return object;
}

enum json_member json_input_get(struct json_object *object, const char *key, enum json_type type,
				struct json_object **member)
{
	if (!json_object_object_get_ex(object, key, member) || !*member) {
		*member = NULL;
		return JSON_MEMBER_ABSENT;
	}
	if (json_object_is_type(*member, type))
		return JSON_MEMBER_FOUND;
	*member = NULL;
	return JSON_MEMBER_WRONG;
}

const char *json_input_string(struct json_object *string)
{
	const char *text;

	if (!json_object_is_type(string, json_type_string))
		return NULL;
	text = json_object_get_string(string);
	return strlen(text) == (size_t)json_object_get_string_len(string) ? text : NULL;
}

enum json_member json_input_text(struct json_object *object, const char *key, const char **text)
{
	struct json_object *member;
	enum json_member result = json_input_get(object, key, json_type_string, &member);

	*text = "";
	if (result != JSON_MEMBER_FOUND)
		return result;
	if (!json_input_string(member))
		return JSON_MEMBER_WRONG;
	*text = json_input_string(member);
	return result;
}

const char *json_input_unknown(struct json_object *object, const char *const *keys)
{
	json_object_object_foreach(object, key, member)
	{
		size_t i = 0;

		(void)member;
		while (keys[i] && strcmp(keys[i], key))
			i++;
		if (!keys[i])
			return key;
	}
	return NULL;
}
