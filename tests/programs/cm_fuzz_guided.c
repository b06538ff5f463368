// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Sequences of commands, and others that are made of them. They may be led by what they reach in
 * the kernel, which the module tests/coverage/reached counts: one that reached something new is
 * kept, and others are made of it, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cm_fuzz.h"

#define COUNT_FILE "/sys/kernel/debug/reached/count"
#define SEQUENCE_MAX 512
#define KEPT_MAX 4096
/* What workqueues do because of a command comes a little later. */
#define SETTLE_US 2000

struct sequence {
	size_t size;
	uint8_t bytes[SEQUENCE_MAX];
};

static struct sequence *kept[KEPT_MAX];
static size_t kept_count;

static void keep(const struct sequence *sequence)
{
	struct sequence *copy;

	if (kept_count == KEPT_MAX)
		return;
	copy = malloc(sizeof(*copy));
	if (!copy) {
		perror("cm-fuzz");
		exit(1);
	}
	*copy = *sequence;
	kept[kept_count++] = copy;
}

static void play(const struct sequence *sequence)
{
	fuzz_begin();
	draw_from_bytes(sequence->bytes, sequence->size);
	while (!draw_ended())
		fuzz_sequence_command();
	usleep(SETTLE_US);
}

static int digit(char letter)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = letter ? strchr(digits, letter) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* False unless @line is nothing but an even number of hexadecimal digits. */
static bool parse(const char *line, struct sequence *sequence)
{
	sequence->size = 0;
	for (; *line && *line != '\n'; line += 2) {
		int high = digit(line[0]), low = high < 0 ? -1 : digit(line[1]);

		if (low < 0 || sequence->size == SEQUENCE_MAX)
			return false;
		sequence->bytes[sequence->size++] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void print(FILE *to, const struct sequence *sequence)
{
	for (size_t i = 0; i < sequence->size; i++)
		fprintf(to, "%02x", sequence->bytes[i]);
	fputc('\n', to);
	fflush(to);
}

/* Plays each sequence of a file and keeps it for others to be made of. */
static int read_corpus(const char *name)
{
	char line[2 * SEQUENCE_MAX + 2];
	struct sequence sequence;
	FILE *corpus = fopen(name, "r");

	if (!corpus) {
		fprintf(stderr, "cm-fuzz: %s: %s\n", name, strerror(errno));
		return 1;
	}
	while (fgets(line, sizeof(line), corpus)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!parse(line, &sequence)) {
			fprintf(stderr, "cm-fuzz: %s: not a sequence: %s", name, line);
			fclose(corpus);
			return 1;
		}
		play(&sequence);
		keep(&sequence);
	}
	fclose(corpus);
	return 0;
}

static long reached(void)
{
	char text[32] = "";
	int fd = open(COUNT_FILE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 1) {
		perror("cm-fuzz: " COUNT_FILE);
		exit(1);
	}
	close(fd);
	return strtol(text, NULL, 10);
}

static void insert(struct sequence *sequence, size_t place, const uint8_t *bytes, size_t count)
{
	if (count > SEQUENCE_MAX - sequence->size)
		count = SEQUENCE_MAX - sequence->size;
	memmove(sequence->bytes + place + count, sequence->bytes + place, sequence->size - place);
	memcpy(sequence->bytes + place, bytes, count);
	sequence->size += count;
}

static void mutate(struct sequence *sequence)
{
	const struct sequence *other = kept[draw_below((uint32_t)kept_count)];
	size_t place = sequence->size ? draw_below((uint32_t)sequence->size) : 0;
	size_t count = 1 + draw_below(24), from;
	uint8_t bytes[24];

	switch (draw_below(5)) {
	case 0:
	case 1:
		if (sequence->size)
			sequence->bytes[place] = (uint8_t)draw();
		break;
	case 2:
		draw_bytes(bytes, sizeof(bytes));
		insert(sequence, place, bytes, count);
		break;
	case 3:
		if (count > sequence->size - place)
			count = sequence->size - place;
		memmove(sequence->bytes + place, sequence->bytes + place + count,
			sequence->size - place - count);
		sequence->size -= count;
		break;
	case 4:
		from = other->size ? draw_below((uint32_t)other->size) : 0;
		insert(sequence, place, other->bytes + from, other->size - from);
		break;
	}
}

static void invent(struct sequence *sequence)
{
	if (!kept_count || !draw_below(5)) {
		sequence->size = 16 + draw_below(SEQUENCE_MAX / 2);
		draw_bytes(sequence->bytes, sequence->size);
		return;
	}
	*sequence = *kept[draw_below((uint32_t)kept_count)];
	for (uint32_t i = 1 + draw_below(4); i; i--)
		mutate(sequence);
}

int fuzz_replay(const char *corpus, unsigned long count, uint64_t seed)
{
	struct sequence sequence;

	if (read_corpus(corpus))
		return 1;
	for (unsigned long i = 0; i < count; i++) {
		draw_seed(seed + i);
		invent(&sequence);
		play(&sequence);
	}
	printf("%zu sequences played, and %lu made of them\n", kept_count, count);
	return 0;
}

int fuzz_guided(unsigned long count, uint64_t seed, const char *corpus, const char *name)
{
	long begun = reached(), before, after;
	struct sequence sequence;
	FILE *to;

	if (read_corpus(corpus))
		return 1;
	before = after = reached();
	to = fopen(name, "w");
	if (!to) {
		fprintf(stderr, "cm-fuzz: %s: %s\n", name, strerror(errno));
		return 1;
	}
	printf("the %zu sequences of the corpus reached %ld places\n", kept_count, before - begun);
	for (unsigned long i = 0; i < count; i++) {
		long now;

		draw_seed(seed + i);
		invent(&sequence);
		play(&sequence);
		now = reached();
		if (now == after)
			continue;
		after = now;
		keep(&sequence);
		print(to, &sequence);
	}
	fclose(to);
	printf("%lu more sequences reached %ld more, %zu are kept\n", count, after - before,
	       kept_count);
	return 0;
}
