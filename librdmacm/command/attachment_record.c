// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "attachment_record.h"
#include "netlink.h"

#define FOLDER RECORDS_ATTACHED
#define KEPT RECORDS_KEPT
#define LOCK RECORDS_FOLDER "/lock"

#define RUN_ON_HOST \
	"run it, or the runtime that calls it, in the host's, usually by 'nsenter --target 1 --net'"

static int cannot(struct problem *problem, const char *what, const char *path)
{
	return problem_set(problem, PROBLEM_SYSTEM, "cannot %s %s: %s%s", what, path,
			   strerror(errno),
			   errno == EPERM || errno == EACCES ? ": run it as root of the host" :
							       files_remedy(errno));
}

/* Who waits, and for whom. */
struct lock_wait {
	const char *remedy;
	struct timespec start, holder_start;
	char holder[16]; /* its PID in the file, or "" if that could not be written */
};

static void read_holder(int fd, char holder[16])
{
	const ssize_t length = pread(fd, holder, 15, 0);

	holder[length > 0 ? length : 0] = '\0';
	holder[strspn(holder, "0123456789")] = '\0';
}

/*
 * Those who do their work in time and come first are no reason to end anybody, nor are several who
 * cannot be told from each other.
 */
static int check_wait(struct lock_wait *wait, int fd, struct problem *problem)
{
	char holder[16];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	read_holder(fd, holder);
	if (!*holder || strcmp(holder, wait->holder) != 0) {
		strcpy(wait->holder, holder);
		wait->holder_start = now;
	}
	if (now.tv_sec - wait->holder_start.tv_sec >= RECORDS_HOLDER_SECONDS)
		return problem_set(problem, PROBLEM_BUSY,
				   "process %s has kept " LOCK " for %d s: 'fuser -v " LOCK
				   "' names it; end it, then %s",
				   holder, RECORDS_HOLDER_SECONDS, wait->remedy);
	if (now.tv_sec - wait->start.tv_sec < RECORDS_WAIT_SECONDS)
		return 0;
	if (*holder)
		return problem_set(problem, PROBLEM_BUSY,
				   "other containers have been starting or ending for %d s, one "
				   "after the other: %s",
				   RECORDS_WAIT_SECONDS, wait->remedy);
	return problem_set(problem, PROBLEM_BUSY,
			   "others have kept " LOCK " for %d s, one after the other or a single "
			   "one, which could not write its PID there: is /run full? 'fuser -v " LOCK
			   "' names who has it; %s",
			   RECORDS_WAIT_SECONDS, wait->remedy);
}

/* It only interrupts flock(). */
static void wake(int signal)
{
	(void)signal;
}

static void set_alarm(void (*handler)(int), time_t seconds, time_t interval)
{
	const struct sigaction action = { .sa_handler = handler };
	const struct itimerval timer = { .it_value.tv_sec = seconds,
					 .it_interval.tv_sec = interval };
	sigset_t set;

	/* What is left of a former one must not end this. */
	alarm(0);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	/* Whoever started this may have blocked it. */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void records_limit(bool limited)
{
	set_alarm(SIG_DFL, limited ? RECORDS_RUN_SECONDS : 0, 0);
}

static int wait_for_lock(int fd, const char *remedy, struct problem *problem)
{
	struct lock_wait wait = { .remedy = remedy };
	int result = 0;

	clock_gettime(CLOCK_MONOTONIC, &wait.start);
	wait.holder_start = wait.start;
	read_holder(fd, wait.holder);
	set_alarm(wake, 1, 1);
	/* Each second is a new attempt, so that those who wait may overtake each other. */
	while (!result && flock(fd, LOCK_EX))
		result = errno == EINTR ? check_wait(&wait, fd, problem) :
					  cannot(problem, "lock", LOCK);
	records_limit(!result);
	return result;
}

static void unpin(const char *key)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), KEPT "/%s", key);
	while (!umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW))
		;
	unlink(path);
}

/* A record is written before its namespace is kept, and removed when that is over. */
static void unpin_forgotten(void)
{
	DIR *dir = opendir(KEPT);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), FOLDER "/%s", entry->d_name);
		if (*entry->d_name != '.' && access(path, F_OK) && errno == ENOENT)
			unpin(entry->d_name);
	}
	if (dir)
		closedir(dir);
}

int records_lock(const char *remedy, struct problem *problem)
{
	static const char *const folders[] = { RECORDS_FOLDER, FOLDER, KEPT, LOST_FOLDER };
	int fd;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (mkdir(folders[i], 0700) && errno != EEXIST)
			return cannot(problem, "make", folders[i]);
	}
	fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return cannot(problem, "open", LOCK);
	if (wait_for_lock(fd, remedy, problem)) {
		close(fd);
		return -1;
	}
	/* It is for those who wait. */
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", getpid()) < 0)
		failed("cannot write " LOCK ": %s", strerror(errno));
	unpin_forgotten();
	return fd;
}

void records_unlock(int lock)
{
	records_limit(false);
	close(lock);
}

static bool parse_hex(const char *text, uint8_t bytes[NETDEV_LLADDR_MAX])
{
	if (strlen(text) != 2 * NETDEV_LLADDR_MAX)
		return false;
	for (int i = 0; i < NETDEV_LLADDR_MAX; i++) {
		if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1)
			return false;
	}
	return true;
}

static struct json_object *hex(const uint8_t bytes[NETDEV_LLADDR_MAX])
{
	char text[2 * NETDEV_LLADDR_MAX + 1];

	for (int i = 0; i < NETDEV_LLADDR_MAX; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_object_new_string(text);
}

static bool get_text(struct json_object *object, const char *key, char *text, size_t size)
{
	const char *found;

	if (json_input_text(object, key, &found) == JSON_MEMBER_WRONG || strlen(found) >= size)
		return false;
	strcpy(text, found);
	return true;
}

static bool get_number(struct json_object *object, const char *key, uint64_t max, uint64_t *number)
{
	struct json_object *member;
	int64_t value;

	if (json_input_get(object, key, json_type_int, &member) != JSON_MEMBER_FOUND)
		return false;
	value = json_object_get_int64(member);
	*number = (uint64_t)value;
	return value >= 0 && *number <= max;
}

#define SETTINGS(settings) {                                      \
		{ "mtu", &(settings)->mtu },                       \
		{ "queue_length", &(settings)->queue_length },     \
		{ "group", &(settings)->group },                   \
		{ "flags", &(settings)->flags },                   \
		{ "mode", &(settings)->mode },                     \
		{ "umcast", &(settings)->umcast },                 \
	}

static bool parse_addresses(struct record *record, struct json_object *object)
{
	struct json_object *array;
	size_t count;

	if (json_input_get(object, "addresses", json_type_array, &array) != JSON_MEMBER_FOUND)
		return false;
	count = json_object_array_length(array);
	record->addresses = calloc(count ? count : 1, sizeof(*record->addresses));
	while (record->addresses && record->addresses_count < count) {
		const char *text = json_input_string(
			json_object_array_get_idx(array, record->addresses_count));

		if (!text ||
		    !network_parse_address(text, &record->addresses[record->addresses_count]))
			return false;
		record->addresses_count++;
	}
	return record->addresses;
}

/* Earlier versions did not write them. */
static void parse_settings(struct ipoib_settings *settings, struct json_object *object)
{
	const struct {
		const char *key;
		uint32_t *number;
	} members[] = SETTINGS(settings);
	uint64_t number;

	memset(settings, 0, sizeof(*settings));
	if (json_input_get(object, "settings", json_type_object, &object) != JSON_MEMBER_FOUND)
		return;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (get_number(object, members[i].key, UINT32_MAX, &number))
			*members[i].number = (uint32_t)number;
	}
}

int record_parse(struct record *record, struct json_object *object)
{
	struct ipoib_identity *identity = &record->identity;
	uint64_t parent, ifindex, qpn, pkey, created;
	char lladdr[64], broadcast[64];

	/* Earlier versions did not write them. */
	if (!get_number(object, "start", INT64_MAX, &record->start))
		record->start = 0;
	if (!get_number(object, "host", INT64_MAX, &record->host))
		record->host = 0;
	if (!get_number(object, "created", INT64_MAX, &created))
		created = 0;
	parse_settings(&record->settings, object);
	if (!get_number(object, "failed", INT64_MAX, &record->delay.first) ||
	    !get_number(object, "tried", INT64_MAX, &record->delay.latest))
		record->delay = (struct record_delay){ 0 };
	if (!get_text(object, "path", record->path, sizeof(record->path)) ||
	    !get_number(object, "netns", INT64_MAX, &record->netns) ||
	    !get_text(object, "network", record->network, sizeof(record->network)) ||
	    !get_text(object, "netdev", record->netdev, sizeof(record->netdev)) ||
	    !get_text(object, "taken", record->taken, sizeof(record->taken)) ||
	    !get_number(object, "parent", INT32_MAX, &parent) ||
	    !get_number(object, "ifindex", INT32_MAX, &ifindex) ||
	    !get_number(object, "qpn", 0xffffff, &qpn) ||
	    !get_number(object, "p_key", UINT16_MAX, &pkey) ||
	    !get_text(object, "lladdr", lladdr, sizeof(lladdr)) ||
	    !get_text(object, "broadcast", broadcast, sizeof(broadcast)) ||
	    !parse_hex(lladdr, record->lladdr) || !parse_hex(broadcast, record->broadcast))
		return -1;
	*identity = (struct ipoib_identity){ .parent = (uint32_t)parent,
					     .ifindex = (uint32_t)ifindex,
					     .qpn = (uint32_t)qpn,
					     .pkey = (uint16_t)pkey,
					     .created = created };
	return parse_addresses(record, object) ? 0 : -1;
}

/* Takes the file's descriptor. */
static int read_one(struct record *record, int fd, const char *name)
{
	struct problem problem;
	struct json_object *object = json_input_read(fd, name, &problem);
	int result = -1;

	memset(record, 0, sizeof(*record));
	close(fd);
	if (object && strlen(name) < sizeof(record->key)) {
		strcpy(record->key, name);
		result = record_parse(record, object);
	}
	json_object_put(object);
	if (result)
		free(record->addresses);
	return result;
}

/* Without descriptors or memory, what cannot be read is there all the same. */
static int add_one(struct records *records, int folder, const char *name, struct problem *problem)
{
	const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct record *list;

	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ?
			       cannot(problem, "read", FOLDER) :
			       0;
	list = reallocarray(records->list, records->count + 1, sizeof(*list));
	if (!list) {
		close(fd);
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	}
	records->list = list;
	if (!read_one(&list[records->count], fd, name))
		records->count++;
	else
		failed("cannot understand " FOLDER "/%s: remove it", name);
	return 0;
}

int records_read(struct records *records, struct problem *problem)
{
	DIR *dir = opendir(FOLDER);
	const struct dirent *entry;
	int result = 0;

	memset(records, 0, sizeof(*records));
	if (!dir)
		return cannot(problem, "read", FOLDER);
	while (!result && (entry = readdir(dir))) {
		if (*entry->d_name != '.')
			result = add_one(records, dirfd(dir), entry->d_name, problem);
	}
	closedir(dir);
	if (!result)
		result = lost_read(&records->lost, problem);
	if (result)
		records_release(records);
	return result;
}

void records_release(struct records *records)
{
	lost_release(&records->lost);
	for (size_t i = 0; i < records->count; i++)
		free(records->list[i].addresses);
	free(records->list);
	memset(records, 0, sizeof(*records));
}

/*
 * Its container has ended, and nothing keeps its namespace any more, though it was kept: a runtime
 * that is itself in a container has been started anew, and all namespaces of before have gone.
 */
static bool is_left_behind(const struct record *record)
{
	int kept;

	if (!record->netns || record_is_live(record))
		return false;
	kept = record_open_netns(record);
	if (kept < 0)
		return errno == ENOENT;
	close(kept);
	return false;
}

int records_check_host(const struct records *records, struct problem *problem)
{
	const uint64_t own = netlink_netns_inode(-1);
	const struct record *from_elsewhere = NULL;

	if (!own)
		return cannot(problem, "open", "/proc/thread-self/ns/net");
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->list[i];

		if (record->netns == own)
			return problem_set(problem, PROBLEM_SETTINGS,
					   "this runs in the network namespace of %s: " RUN_ON_HOST,
					   record->key);
		if (record->host && record->host != own && !is_left_behind(record))
			from_elsewhere = record;
	}
	if (!from_elsewhere)
		return 0;
	return problem_set(problem, PROBLEM_SETTINGS,
			   "the netdev of %s came from network namespace net:[%" PRIu64
			   "], and this runs in net:[%" PRIu64 "]: " RUN_ON_HOST
			   "; if that namespace has gone, 'rm " RECORDS_ATTACHED "/%s' ends this",
			   from_elsewhere->key, from_elsewhere->host, own, from_elsewhere->key);
}

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static struct json_object *addresses_of(const struct record *record)
{
	struct json_object *array = json_object_new_array();
	char ip[TEXT_MAX], text[TEXT_MAX + 4];

	for (size_t i = 0; array && i < record->addresses_count; i++) {
		const struct rdma_ns_address *address = &record->addresses[i];

		snprintf(text, sizeof(text), "%s/%u", ip_text(address->family, address->bytes, ip),
			 address->prefix_length);
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static struct json_object *settings_of(const struct ipoib_settings *settings)
{
	const struct {
		const char *key;
		const uint32_t *number;
	} members[] = SETTINGS(settings);
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; object && i < sizeof(members) / sizeof(members[0]); i++)
		add(object, members[i].key, json_object_new_int64(*members[i].number));
	return object;
}

static struct json_object *object_of(const struct record *record)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	add(object, "path", json_object_new_string(record->path));
	add(object, "start", json_object_new_int64((int64_t)record->start));
	add(object, "netns", json_object_new_int64((int64_t)record->netns));
	add(object, "host", json_object_new_int64((int64_t)record->host));
	add(object, "network", json_object_new_string(record->network));
	add(object, "netdev", json_object_new_string(record->netdev));
	add(object, "parent", json_object_new_int64(record->identity.parent));
	add(object, "ifindex", json_object_new_int64(record->identity.ifindex));
	add(object, "qpn", json_object_new_int64(record->identity.qpn));
	add(object, "p_key", json_object_new_int64(record->identity.pkey));
	add(object, "created", json_object_new_int64((int64_t)record->identity.created));
	add(object, "addresses", addresses_of(record));
	add(object, "taken", json_object_new_string(record->taken));
	add(object, "lladdr", hex(record->lladdr));
	add(object, "broadcast", hex(record->broadcast));
	add(object, "settings", settings_of(&record->settings));
	add(object, "failed", json_object_new_int64((int64_t)record->delay.first));
	add(object, "tried", json_object_new_int64((int64_t)record->delay.latest));
	return object;
}

static void path_of(const struct record *record, const char *folder, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, record->key);
}

/* A file that was not written to its end must not stand there under its name. */
int record_write(const struct record *record, struct problem *problem)
{
	static const char temporary[] = FOLDER "/.new";
	struct json_object *object = object_of(record);
	char path[PATH_MAX];
	int result;

	path_of(record, FOLDER, path);
	if (!object)
		return problem_set(problem, PROBLEM_SYSTEM, "%s", strerror(ENOMEM));
	umask(077);
	result = json_object_to_file_ext(temporary, object, JSON_C_TO_STRING_PLAIN);
	if (!result)
		result = rename(temporary, path);
	json_object_put(object);
	return result ? cannot(problem, "write", path) : 0;
}

/* As "ip netns" does: what is mounted here later is unmounted in all mount namespaces. */
static int share_folder(void)
{
	if (!mount("", KEPT, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL ||
	    mount(KEPT, KEPT, "none", MS_BIND | MS_REC, NULL))
		return -1;
	return mount("", KEPT, "none", MS_SHARED | MS_REC, NULL);
}

int record_pin(const struct record *record, int netns_fd, struct problem *problem)
{
	char path[PATH_MAX], source[64];
	int fd;

	path_of(record, KEPT, path);
	snprintf(source, sizeof(source), "/proc/self/fd/%d", netns_fd);
	if (share_folder())
		return cannot(problem, "mount", KEPT);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0);
	if (fd >= 0)
		close(fd);
	if (fd < 0 || mount(source, path, "none", MS_BIND, NULL))
		return cannot(problem, "keep the container's network namespace at", path);
	return 0;
}

int record_open_netns(const struct record *record)
{
	char path[PATH_MAX];
	int fd;

	path_of(record, KEPT, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && (!record->netns || netlink_netns_inode(fd) != record->netns)) {
		close(fd);
		fd = -1;
		errno = ENOENT;
	}
	return fd;
}

void record_unpin(struct record *record)
{
	const uint64_t netns = record->netns;
	struct problem problem;

	record->netns = 0;
	if (!record_write(record, &problem)) {
		unpin(record->key);
		return;
	}
	failed("%s", problem.text);
	record->netns = netns;
}

int record_rename(struct record *record, const char *key, struct problem *problem)
{
	char from[PATH_MAX], to[PATH_MAX];

	path_of(record, FOLDER, from);
	snprintf(record->key, sizeof(record->key), "%s", key);
	path_of(record, FOLDER, to);
	return rename(from, to) ? cannot(problem, "write", to) : 0;
}

void record_forget(const struct record *record)
{
	char path[PATH_MAX];

	unpin(record->key);
	path_of(record, FOLDER, path);
	unlink(path);
}

bool record_is_owned(const struct record *record, const char *owner)
{
	const size_t length = strlen(owner);

	return !strncmp(record->key, owner, length) && record->key[length] == ':' &&
	       !strchr(record->key + length + 1, ':');
}
