// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>

#include "container.h"

#define DIGITS "0123456789"
#define HEX_DIGITS DIGITS "abcdef"
#define NAME_LETTERS DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-"

#define ID_LENGTH 64
#define SHORT_ID_LENGTH 12 /* as the engines print it */
#define NAME_LENGTH_MAX 63 /* a longer name could pass for an ID */
#define POD_UID_LENGTH 36
#define STATIC_POD_LENGTH 32

/* A component of a path, or what is left of one. */
struct part {
	const char *text;
	size_t length;
};

/* The component that is looked at, and those that it is in; empty if there is none. */
struct position {
	struct part part, parent, grandparent;
};

static bool is(struct part part, const char *text)
{
	return part.length == strlen(text) && !memcmp(part.text, text, part.length);
}

static bool strip_prefix(struct part *part, const char *prefix)
{
	const size_t length = strlen(prefix);

	if (part->length < length || memcmp(part->text, prefix, length))
		return false;
	part->text += length;
	part->length -= length;
	return true;
}

static bool strip_suffix(struct part *part, const char *suffix)
{
	const size_t length = strlen(suffix);

	if (part->length < length || memcmp(part->text + part->length - length, suffix, length))
		return false;
	part->length -= length;
	return true;
}

/* Has it at least one of these characters, and no others? */
static bool consists_of(struct part part, const char *characters)
{
	for (size_t i = 0; i < part.length; i++) {
		if (!part.text[i] || !strchr(characters, part.text[i]))
			return false;
	}
	return part.length;
}

static bool is_id(struct part part)
{
	return part.length == ID_LENGTH && consists_of(part, HEX_DIGITS);
}

static void copy(struct part part, char text[CONTAINER_ID_MAX + 1])
{
	memcpy(text, part.text, part.length);
	text[part.length] = '\0';
}

static bool take(struct container *container, const char *engine, struct part id)
{
	container->engine = engine;
	copy(id, container->id);
	return true;
}

static bool take_name(struct container *container, const char *engine, struct part name)
{
	return name.length <= NAME_LENGTH_MAX && consists_of(name, NAME_LETTERS) &&
	       take(container, engine, name);
}

/* Leave the number behind the prefix. */
static bool strip_to_number(struct part *part, const char *prefix, uint32_t *number)
{
	unsigned long long value;
	char text[11];

	if (!strip_prefix(part, prefix) || part->length >= sizeof(text) ||
	    !consists_of(*part, DIGITS))
		return false;
	memcpy(text, part->text, part->length);
	text[part->length] = '\0';
	value = strtoull(text, NULL, 10);
	*number = (uint32_t)value;
	return value <= UINT32_MAX;
}

/* The outermost counts: a user may call a group "user-0.slice". */
static void look_for_user(struct part part, uint32_t *user)
{
	uint32_t number;

	if (!*user &&
	    ((strip_suffix(&part, ".slice") && strip_to_number(&part, "user-", &number)) ||
	     (strip_suffix(&part, ".service") && strip_to_number(&part, "user@", &number))))
		*user = number;
}

/* The last so many digits of "...-podUID". systemd's slices have underscores for its hyphens. */
static bool split_pod(struct part *before, struct part *uid, size_t length)
{
	if (before->length < length)
		return false;
	uid->text = before->text + before->length - length;
	uid->length = length;
	before->length -= length;
	return consists_of(*uid, HEX_DIGITS "-_") && strip_suffix(before, "pod");
}

/* "kubepods-burstable-podUID", or of another class, and behind whatever the node's root is. */
static bool is_pod_slice(struct part before)
{
	if (!strip_suffix(&before, "-"))
		return false;
	if (!strip_suffix(&before, "-burstable"))
		strip_suffix(&before, "-besteffort");
	return strip_suffix(&before, "kubepods");
}

static bool is_pod_folder(struct part before, struct part parent)
{
	return !before.length &&
	       (is(parent, "kubepods") || is(parent, "burstable") || is(parent, "besteffort"));
}

/* Set container->pod to what the part says, "" if that is nothing. */
static bool look_for_pod(struct part part, struct part parent, struct container *container)
{
	static const size_t lengths[] = { POD_UID_LENGTH, STATIC_POD_LENGTH };
	const bool is_slice = strip_suffix(&part, ".slice");
	struct part before, uid;

	*container->pod = '\0';
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		before = part;
		if (!split_pod(&before, &uid, lengths[i]) ||
		    !(is_slice ? is_pod_slice(before) : is_pod_folder(before, parent)))
			continue;
		copy(uid, container->pod);
		for (char *c = container->pod; *c; c++)
			*c = *c == '_' ? '-' : *c;
		return true;
	}
	if (is_slice &&
	    (strip_prefix(&part, "machine-libpod_pod_") ||
	     strip_prefix(&part, "user-libpod_pod_")) && is_id(part))
		copy(part, container->pod);
	return *container->pod;
}

/* "ENGINE-ID.scope"; the engines that make folders themselves leave out ".scope". */
static bool parse_unit(const struct position *at, struct container *container)
{
	static const struct {
		const char *prefix, *engine;
	} units[] = {
		{ "libpod-", "podman" },	     { "libpod-payload-", "podman" },
		{ "docker-", "docker" },	     { "crio-", "cri-o" },
		{ "cri-containerd-", "containerd" }, { "nerdctl-", "nerdctl" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct part id = at->part;

		strip_suffix(&id, ".scope");
		if (strip_prefix(&id, units[i].prefix) && is_id(id))
			return take(container, units[i].engine, id);
	}
	return false;
}

/* "SLICE:cri-containerd:ID": an engine makes folders, but was given the name of a slice. */
static bool parse_colons(const struct position *at, struct container *container)
{
	static const struct {
		const char *suffix, *engine;
	} forms[] = {
		{ ":cri-containerd:", "containerd" },
		{ ":crio:", "cri-o" },
		{ ":docker:", "docker" },
	};
	struct part slice = at->part, id;

	if (slice.length < ID_LENGTH)
		return false;
	slice.length -= ID_LENGTH;
	id.text = slice.text + slice.length;
	id.length = ID_LENGTH;
	for (size_t i = 0; is_id(id) && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (!strip_suffix(&slice, forms[i].suffix))
			continue;
		look_for_pod(slice, at->parent, container);
		return take(container, forms[i].engine, id);
	}
	return false;
}

/* The bare ID in a folder of Docker's or, from containerd, in a pod's. */
static bool parse_folder(const struct position *at, struct container *container)
{
	struct part parent = at->parent;

	if (!is_id(at->part))
		return false;
	if (*container->pod && !strip_suffix(&parent, ".slice"))
		return take(container, "containerd", at->part);
	return is(parent, "docker") && take(container, "docker", at->part);
}

static int hex_value(char digit)
{
	const char *found = digit ? strchr(HEX_DIGITS, digit) : NULL;

	return found ? (int)(found - HEX_DIGITS) : -1;
}

/* systemd writes \x2d for a hyphen in the name of a machine. */
static bool unescape(struct part part, char text[NAME_LENGTH_MAX + 1])
{
	size_t length = 0;

	for (size_t i = 0; i < part.length; i++, length++) {
		int high, low;

		if (length == NAME_LENGTH_MAX)
			return false;
		text[length] = part.text[i];
		if (part.text[i] != '\\')
			continue;
		if (part.length - i < 4 || part.text[i + 1] != 'x')
			return false;
		high = hex_value(part.text[i + 2]);
		low = hex_value(part.text[i + 3]);
		if (high < 0 || low < 0)
			return false;
		text[length] = (char)(high << 4 | low);
		i += 3;
	}
	text[length] = '\0';
	/* A zero byte would end the name here and not there. */
	return strlen(text) == length;
}

/* What is registered with systemd-machined; libvirt's machines are "DRIVER-NUMBER-NAME". */
static bool parse_machine(const struct position *at, struct container *container)
{
	struct part name = at->part, driver;
	char text[NAME_LENGTH_MAX + 1];

	if (!(strip_prefix(&name, "machine-") && strip_suffix(&name, ".scope")) &&
	    !(strip_prefix(&name, "systemd-nspawn@") && strip_suffix(&name, ".service")))
		return false;
	if (!unescape(name, text))
		return false;
	name.text = text;
	name.length = strlen(text);
	driver = name;
	if ((strip_prefix(&driver, "qemu-") || strip_prefix(&driver, "lxc-")) &&
	    memchr(driver.text, '-', driver.length)) {
		driver.length = (size_t)((char *)memchr(driver.text, '-', driver.length) -
					 driver.text);
		if (consists_of(driver, DIGITS))
			return take_name(container, "libvirt", name);
	}
	return take_name(container, "nspawn", name);
}

static bool parse_slurm(const struct position *at, struct container *container)
{
	struct part job = at->part, step = at->parent, user = at->parent, root = at->grandparent;
	uint32_t number;

	if (!strip_to_number(&job, "job_", &number))
		return false;
	/* With several daemons on a node, its name is in front (v2), or behind "slurm_" (v1). */
	if (is(step, "slurmstepd.scope") || strip_suffix(&step, "_slurmstepd.scope") ||
	    (strip_to_number(&user, "uid_", &number) &&
	     (is(root, "slurm") || strip_prefix(&root, "slurm_"))))
		return take(container, "slurm", job);
	return false;
}

static bool parse_lxc(const struct position *at, struct container *container)
{
	struct part name = at->part;

	if (strip_prefix(&name, "lxc.payload.") ||
	    (!at->grandparent.length && (is(at->parent, "lxc") || is(at->parent, "lxc.payload"))))
		return take_name(container, "lxc", name);
	return false;
}

static bool parse_position(const struct position *at, struct container *container)
{
	static bool (*const forms[])(const struct position *at, struct container *container) = {
		parse_unit, parse_colons, parse_folder, parse_machine, parse_slurm, parse_lxc,
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (forms[i](at, container))
			return true;
	}
	return false;
}

/* A path that leads out of the caller's own root is not the host's. */
static bool is_from_root(const char *path)
{
	const size_t length = strlen(path);

	return *path == '/' && !strstr(path, "/../") &&
	       (length < 3 || strcmp(path + length - 3, "/.."));
}

bool container_parse(const char *path, struct container *container)
{
	struct position at = { .part.text = path, .parent.text = path, .grandparent.text = path };

	memset(container, 0, sizeof(*container));
	if (!is_from_root(path))
		return false;
	while (*path) {
		path += strspn(path, "/");
		at.grandparent = at.parent;
		at.parent = at.part;
		at.part.text = path;
		at.part.length = strcspn(path, "/");
		if (parse_position(&at, container))
			return true;
		look_for_user(at.part, &container->user);
		look_for_pod(at.part, at.parent, container);
		path += at.part.length;
	}
	memset(container, 0, sizeof(*container));
	return false;
}

static bool is_same(const struct container *container, const struct container *other)
{
	return !strcmp(container->engine, other->engine) && !strcmp(container->id, other->id) &&
	       container->user == other->user;
}

/* "HIERARCHY:CONTROLLERS:PATH" */
static const char *path_in_line(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; line && i < 2; i++) {
		line = strchr(line, ':');
		line = line ? line + 1 : NULL;
	}
	return line;
}

void container_read(FILE *file, struct container *container)
{
	struct container found;
	char *line = NULL;
	size_t size = 0;

	memset(container, 0, sizeof(*container));
	while (getline(&line, &size, file) >= 0) {
		const char *path = path_in_line(line);

		if (!path || !container_parse(path, &found))
			continue;
		if (container->engine && !is_same(container, &found)) {
			memset(container, 0, sizeof(*container));
			break;
		}
		*container = found;
	}
	free(line);
}

const char *container_name(const struct container *container, char text[CONTAINER_NAME_MAX])
{
	const size_t length = strlen(container->id);
	char user[32] = "";

	if (container->user)
		snprintf(user, sizeof(user), "uid:%u/", container->user);
	snprintf(text, CONTAINER_NAME_MAX, "%s%s:%.*s", user, container->engine,
		 (int)(length == ID_LENGTH ? SHORT_ID_LENGTH : length), container->id);
	return text;
}
