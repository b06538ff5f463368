// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cni_ipam.h"
#include "json_input.h"

static int find(const char *type, char path[PATH_MAX], struct problem *problem)
{
	const char *folders = getenv("CNI_PATH");

	for (const char *at = folders; at && *at; at += strspn(at, ":")) {
		const int length = (int)strcspn(at, ":");

		if (snprintf(path, PATH_MAX, "%.*s/%s", length, at, type) < PATH_MAX &&
		    *path == '/' && !access(path, X_OK))
			return 0;
		at += length;
	}
	return problem_set(problem, PROBLEM_SETTINGS,
			   "the plugin '%s' of \"ipam\" is not in CNI_PATH, %.200s: install it (Debian: "
			   "containernetworking-plugins)",
			   type, folders ? folders : "which is not set");
}

/* A file, since the plugin may write before it has read everything. */
static int input_of(struct json_object *config)
{
	const char *text = json_object_to_json_string_ext(config, JSON_C_TO_STRING_PLAIN);
	const int fd = memfd_create("config", MFD_CLOEXEC);
	const size_t length = strlen(text);

	if (fd >= 0 && (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int start(const char *path, int input, int output, pid_t *pid)
{
	char *arguments[] = { (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	error = posix_spawn(pid, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	errno = error;
	return error ? -1 : 0;
}

/* What the plugin says about its failure is passed on. */
static int judge(const char *type, int status, struct json_object *said, struct problem *problem)
{
	const char *message = "", *details = "";

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (said) {
		json_input_text(said, "msg", &message);
		json_input_text(said, "details", &details);
	}
	return problem_set(problem, PROBLEM_SYSTEM, "the plugin '%s' of \"ipam\" failed: %.500s%s%.300s",
			   type, *message ? message : "it does not say why", *details ? ": " : "",
			   details);
}

static int run(const char *type, const char *path, int input, const int output[2],
	       struct json_object **said, struct problem *problem)
{
	char what[128];
	int status;
	pid_t pid;

	snprintf(what, sizeof(what), "the answer of the plugin '%s'", type);
	if (start(path, input, output[1], &pid))
		return problem_set(problem, PROBLEM_SYSTEM, "cannot run %s: %s", path,
				   strerror(errno));
	close(output[1]);
	*said = json_input_read(output[0], what, problem);
	close(output[0]);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return problem_set(problem, PROBLEM_SYSTEM, "cannot wait for %s: %s", path,
					   strerror(errno));
	}
	return judge(type, status, *said, problem);
}

int cni_ipam_run(const char *type, const char *command, struct json_object *config,
		 struct json_object **result, struct problem *problem)
{
	struct problem unread = { 0 };
	char path[PATH_MAX];
	int output[2], input, status = -1;

	*result = NULL;
	if (find(type, path, problem))
		return -1;
	input = input_of(config);
	if (input < 0 || pipe2(output, O_CLOEXEC) || setenv("CNI_COMMAND", command, 1)) {
		if (input >= 0)
			close(input);
		return problem_set(problem, PROBLEM_SYSTEM, "cannot run %s: %s", path,
				   strerror(errno));
	}
	status = run(type, path, input, output, result, &unread);
	close(input);
	if (!status && !*result && !strcmp(command, "ADD"))
		status = -1;
	if (status)
		*problem = unread;
	if (status || strcmp(command, "ADD") != 0) {
		json_object_put(*result);
		*result = NULL;
	}
	return status;
}
