// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text_check.h"

#define KEYS_MAX 64

struct text {
	const char *begin, *at, *end;
};

static void fail(const struct text *text, const char *why)
{
	fprintf(stderr, "%s at byte %td of: %.*s\n", why, text->at - text->begin,
		(int)(text->end - text->begin), text->begin);
	abort();
}

static char peek(const struct text *text)
{
	return text->at < text->end ? *text->at : '\0';
}

static bool take(struct text *text, const char *word)
{
	const size_t length = strlen(word);

	if ((size_t)(text->end - text->at) < length || memcmp(text->at, word, length))
		return false;
	text->at += length;
	return true;
}

static void expect(struct text *text, const char *word)
{
	if (!take(text, word))
		fail(text, word);
}

static void skip_space(struct text *text)
{
	while (peek(text) == ' ' || peek(text) == '\n')
		text->at++;
}

static bool take_digits(struct text *text)
{
	const char *from = text->at;

	while (peek(text) >= '0' && peek(text) <= '9')
		text->at++;
	return text->at > from;
}

void check_printable(const char *begin, size_t length)
{
	struct text text = { begin, begin, begin + length };

	for (; text.at < text.end; text.at++) {
		if (*text.at != '\n' && (*text.at < ' ' || *text.at > '~'))
			fail(&text, "a byte that is not printable");
	}
	if (length && begin[length - 1] != '\n')
		fail(&text, "no end of the last line");
}

static void check_string(struct text *text)
{
	expect(text, "\"");
	while (!take(text, "\"")) {
		if (text->at == text->end || peek(text) == '\n')
			fail(text, "a string without an end");
		if (take(text, "\\") && peek(text) != '"' && peek(text) != '\\' &&
		    peek(text) != '/')
			fail(text, "an escape that is not of a printable character");
		text->at++;
	}
}

static void check_number(struct text *text)
{
	take(text, "-");
	if (!take(text, "0") && !take_digits(text))
		fail(text, "not a value");
	if (take(text, ".") && !take_digits(text))
		fail(text, "not a number");
	if (peek(text) >= '0' && peek(text) <= '9')
		fail(text, "a number that begins with 0");
}

static void check_value(struct text *text);

static void check_list(struct text *text)
{
	skip_space(text);
	if (take(text, "]"))
		return;
	do
		check_value(text);
	while (take(text, ","));
	expect(text, "]");
}

static void check_object(struct text *text)
{
	struct text keys[KEYS_MAX];
	size_t count = 0;

	skip_space(text);
	if (take(text, "}"))
		return;
	do {
		struct text *key = &keys[count];

		if (count++ == KEYS_MAX)
			fail(text, "too many keys");
		skip_space(text);
		key->at = text->at;
		check_string(text);
		key->end = text->at;
		for (const struct text *other = keys; other < key; other++) {
			if (other->end - other->at == key->end - key->at &&
			    !memcmp(other->at, key->at, (size_t)(key->end - key->at)))
				fail(text, "a key that is there twice");
		}
		skip_space(text);
		expect(text, ":");
		check_value(text);
	} while (take(text, ","));
	expect(text, "}");
}

static void check_value(struct text *text)
{
	skip_space(text);
	if (take(text, "{"))
		check_object(text);
	else if (take(text, "["))
		check_list(text);
	else if (peek(text) == '"')
		check_string(text);
	else if (!take(text, "null") && !take(text, "true") && !take(text, "false"))
		check_number(text);
	skip_space(text);
}

void check_json(const char *begin, size_t length)
{
	struct text text = { begin, begin, begin + length };

	check_printable(begin, length);
	check_value(&text);
	if (text.at != text.end)
		fail(&text, "something after the end");
}

static void take_word(struct text *text)
{
	const char *from = text->at;

	while ((peek(text) >= 'a' && peek(text) <= 'z') || peek(text) == '_')
		text->at++;
	if (text->at == from)
		fail(text, "no name");
}

static void check_labels(struct text *text)
{
	do {
		take_word(text);
		expect(text, "=");
		/* Of the escapes there, only that of a line break is not one of JSON's here. */
		check_string(text);
	} while (take(text, ","));
	expect(text, "}");
}

void check_openmetrics(const char *begin, size_t length)
{
	struct text text = { begin, begin, begin + length };

	check_printable(begin, length);
	while (!take(&text, "# EOF\n")) {
		if (take(&text, "# TYPE ") || take(&text, "# HELP ")) {
			while (!take(&text, "\n"))
				text.at++;
			continue;
		}
		take_word(&text);
		if (take(&text, "{"))
			check_labels(&text);
		expect(&text, " ");
		if (!take_digits(&text))
			fail(&text, "no value");
		expect(&text, "\n");
	}
	if (text.at != text.end)
		fail(&text, "something after the end");
}
