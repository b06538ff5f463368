// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns exec: run an unmodified program with the preload library. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "command.h"

static const char help[] =
	"Usage: rdma-ns exec [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	"\n"
	"Run an unmodified program, and everything that it starts, with librdma-ns's preload library.\n"
	"\n"
	"  -p, --policy POLICY  refuse requests by policy: report, verify or strict (report)\n"
	"  -l, --log FILE       log a line for each request and connection (-: standard error)\n"
	"  -j, --json           log these lines as JSON objects\n"
	"  -h, --help           print this text\n"
	"\n"
	"The exit status is the program's own, or, as env's: 125 if the preload library or the log cannot be\n"
	"used or the usage is wrong, 126 if the program cannot be run this way, 127 if it cannot be found.\n";

/* These are as in env(1), since every other status may be the program's. */
enum { EXEC_FAILED = 125, EXEC_CANNOT_RUN, EXEC_NOT_FOUND };

static const char file_name[] = "rdma-ns/librdma-ns-preload.so";

/* The library lies beside this program, in the build folder and when installed. */
static int find_preload(char path[PATH_MAX])
{
	static const char *const folders[] = { RDMA_NS_BIN_TO_LIB, "../lib" };
	char own[PATH_MAX - 128];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	if (length < 0)
		return failed("exec: cannot find this program itself: %s", error_text(errno));
	own[length] = '\0';
	slash = strrchr(own, '/');
	*slash = '\0';
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		bool absolute = folders[i][0] == '/';

		snprintf(path, PATH_MAX, "%s%s%s/%s", absolute ? "" : own, absolute ? "" : "/",
			 folders[i], file_name);
		if (!access(path, R_OK))
			break;
		path[0] = '\0';
	}
	if (!path[0])
		return failed("exec: %s is not installed beside %s: install rdma-ns again", file_name, own);
	if (strpbrk(path, " :"))
		return failed("exec: cannot preload '%s': install it at a path without space or colon", path);
	return STATUS_OK;
}

/*
 * Search as execvp() does. Returns false and sets errno, to EACCES if there is something of this
 * name.
 */
static bool find_program(const char *name, char path[PATH_MAX])
{
	const char *folders = getenv("PATH");
	int error = ENOENT;

	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		return !access(path, X_OK);
	}
	for (const char *at = folders ? folders : "/usr/bin:/bin"; at; at = strchr(at, ':')) {
		struct stat status;
		int length;

		at += *at == ':';
		length = (int)strcspn(at, ":");
		snprintf(path, PATH_MAX, "%.*s/%s", length ? length : 1, length ? at : ".", name);
		if (stat(path, &status))
			continue;
		if (S_ISREG(status.st_mode) && !access(path, X_OK))
			return true;
		error = EACCES;
	}
	errno = error;
	return false;
}

static bool read_header(int fd, ElfW(Ehdr) *header)
{
	return pread(fd, header, sizeof(*header), 0) == sizeof(*header) &&
	       !memcmp(header->e_ident, ELFMAG, SELFMAG);
}

/* An ELF program without an interpreter loads no libraries. */
static bool is_static(int fd, const ElfW(Ehdr) *header)
{
	bool interpreter = false, dynamic = false;
	ElfW(Phdr) part;

	for (int i = 0; i < header->e_phnum; i++) {
		if (pread(fd, &part, sizeof(part),
			  (off_t)(header->e_phoff + (size_t)i * sizeof(part))) != sizeof(part))
			break;
		interpreter |= part.p_type == PT_INTERP;
		dynamic |= part.p_type == PT_DYNAMIC;
	}
	return !interpreter && (dynamic || header->e_type == ET_EXEC || header->e_type == ET_DYN);
}

/* The library can be loaded into programs of its own kind, which is this program's. */
static bool is_foreign(const ElfW(Ehdr) *header)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ElfW(Ehdr) own;
	bool foreign;

	if (fd < 0)
		return false;
	foreign = read_header(fd, &own) && (memcmp(own.e_ident, header->e_ident, EI_DATA + 1) ||
					    own.e_machine != header->e_machine);
	close(fd);
	return foreign;
}

/* Returns why the library cannot be loaded into the program at @path, or NULL. */
static const char *why_not_loaded(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why = NULL;
	ElfW(Ehdr) header;

	if (fd < 0)
		return NULL;
	/* A script's interpreter is not looked at: what it starts may well load the library. */
	if (!read_header(fd, &header))
		why = NULL;
	else if (is_foreign(&header) && header.e_ident[EI_CLASS] == ELFCLASS32)
		why = "is a 32-bit program: the 64-bit library cannot be loaded into it";
	else if (is_foreign(&header))
		why = "is built for another machine: this library cannot be loaded into it";
	else if (is_static(fd, &header))
		why = "is statically linked: no library can be loaded into it";
	close(fd);
	return why;
}

/* The dynamic linker ignores LD_PRELOAD for programs that gain privileges. */
static bool gains_privileges(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return false;
	if (status.st_mode & S_ISUID && status.st_uid != getuid())
		return true;
	if (status.st_mode & S_ISGID && status.st_gid != getgid())
		return true;
	return getuid() && getxattr(path, "security.capability", NULL, 0) > 0;
}

/*
 * The path is made absolute because the program may change its folder, and the file is opened to
 * find errors now.
 */
static int set_log(const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (strcmp(name, "-")) {
		fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
		if (fd < 0)
			return failed("exec: cannot write to '%s': %s", name, strerror(errno));
		close(fd);
		if (!realpath(name, path))
			return failed("exec: '%s': %s", name, strerror(errno));
		name = path;
	}
	if (setenv("RDMA_NS_LOG", name, 1))
		return failed("exec: %s", strerror(errno));
	return STATUS_OK;
}

static int set_preload(void)
{
	const char *others = getenv("LD_PRELOAD");
	char path[PATH_MAX], *list;
	int status = find_preload(path);

	if (status)
		return status;
	if (asprintf(&list, "%s%s%s", path, others ? ":" : "", others ? others : "") < 0)
		return failed("exec: %s", strerror(ENOMEM));
	status = setenv("LD_PRELOAD", list, 1) ? failed("exec: %s", strerror(errno)) : STATUS_OK;
	free(list);
	return status;
}

static int cannot_run(const char *name)
{
	const int status = errno == ENOENT ? EXEC_NOT_FOUND : EXEC_CANNOT_RUN;

	failed("exec: '%s' cannot be run: %s", name, strerror(errno));
	return status;
}

/* Returns only if the program could not be run. */
static int start(char **words)
{
	char path[PATH_MAX];
	const char *why;

	if (!find_program(words[0], path))
		return cannot_run(words[0]);
	why = why_not_loaded(path);
	if (why) {
		failed("exec: '%s' %s", path, why);
	} else if (gains_privileges(path)) {
		failed("exec: '%s' gains privileges when it is run (setuid, setgid or capabilities), "
		       "so it would not load the library: run it as a user who has them already",
		       path);
	} else {
		/* execvp() has a shell run a script that names no interpreter. */
		execvp(path, words);
		return cannot_run(path);
	}
	return EXEC_CANNOT_RUN;
}

/* Status 2 could be the program's. */
static int usage(int status)
{
	return status ? EXEC_FAILED : STATUS_OK;
}

int command_exec(const struct options *options, int count, char **words)
{
	static const struct option long_options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "log", required_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = options->json;
	enum rdma_ns_policy policy;
	const char *log = NULL;
	int option, status;

	/*
	 * Options are parsed from the word "exec" up to the program's name; the rest belongs to the
	 * program.
	 */
	optind = 0;
	while ((option = getopt_long(count, words, "+:p:l:jh", long_options, NULL)) != -1) {
		switch (option) {
		case 'p':
			if (rdma_ns_policy_parse(optarg, &policy))
				return usage(usage_error(
					"exec: policy '%s' is not report, verify or strict", optarg));
			setenv("RDMA_NS_POLICY", rdma_ns_policy_str(policy), 1);
			break;
		case 'l':
			log = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			return print(help);
		default:
			return usage(bad_option(words[0], long_options, option, words[optind - 1]));
		}
	}
	if (optind >= count)
		return usage(usage_error("exec: no program to run"));
	if (json)
		setenv("RDMA_NS_JSON", "1", 1);
	status = log ? set_log(log) : STATUS_OK;
	if (!status)
		status = set_preload();
	return status ? EXEC_FAILED : start(words + optind);
}
