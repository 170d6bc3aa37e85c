// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "config/vmx.h"

struct entry {
	char *key;
	char *value;
	char *where;	/* source: "file.vmx:12", or the name of an option */
	char *in_file;	/* source in a file, or NULL if no file has given the key */
	const struct key *row;	/* NULL: a key that vmxsim does not use */
};

struct config {
	struct entry *entries;	/* in the order of compare_keys() */
	size_t count;
};

static int fail(char *err, size_t size, const char *where, const char *key,
		const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Writes "WHERE: MESSAGE" or "WHERE: KEY: MESSAGE" to ERR. */
static int fail(char *err, size_t size, const char *where, const char *key,
		const char *format, ...)
{
	char message[CONFIG_ERR_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	snprintf(err, size, "%s%s%s%s%s", where ? where : "",
		 where ? ": " : "", key ? vmx_show(key).text : "",
		 key ? ": " : "", message);
	return -1;
}

/* Compares without case; numbers in a name compare by their value. */
static int compare_keys(const char *a, const char *b)
{
	size_t digits_a, digits_b;
	int order;

	for (;;) {
		digits_a = strspn(a, "0123456789");
		digits_b = strspn(b, "0123456789");
		if (digits_a != digits_b && digits_a && digits_b)
			return digits_a < digits_b ? -1 : 1;
		order = tolower((unsigned char)*a) - tolower((unsigned char)*b);
		if (order || !*a)
			return order;
		a++;
		b++;
	}
}

/* Returns the index of @key, or the index at which it would be inserted. */
static size_t find_place(const struct config *config, const char *key,
			 bool *found)
{
	size_t low = 0, high = config->count, middle;
	int order;

	*found = false;
	while (low < high) {
		middle = (low + high) / 2;
		order = compare_keys(key, config->entries[middle].key);
		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct entry *find(const struct config *config, const char *key)
{
	bool found;
	size_t index = find_place(config, key_current_name(key), &found);

	return found ? &config->entries[index] : NULL;
}

static void entry_free(struct entry *entry)
{
	free(entry->key);
	free(entry->value);
	free(entry->where);
	free(entry->in_file);
}

static void remove_key(struct config *config, const char *key)
{
	struct entry *entry = find(config, key);
	struct entry *end = config->entries + config->count;

	if (!entry)
		return;
	entry_free(entry);
	memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof(*entry));
	config->count--;
}

/* Takes ownership of the strings of @entry, also if it fails. */
static bool insert(struct config *config, struct entry *entry)
{
	struct entry *grown;
	size_t index;
	bool found;

	if (!entry->key || !entry->value || !entry->where)
		goto refuse;
	remove_key(config, entry->key);
	grown = reallocarray(config->entries, config->count + 1, sizeof(*grown));
	if (!grown)
		goto refuse;
	config->entries = grown;
	index = find_place(config, entry->key, &found);
	memmove(&grown[index + 1], &grown[index],
		(config->count - index) * sizeof(*grown));
	grown[index] = *entry;
	config->count++;
	return true;
refuse:
	entry_free(entry);
	return false;
}

struct config *config_new(void)
{
	return calloc(1, sizeof(struct config));
}

void config_free(struct config *config)
{
	size_t i;

	if (!config)
		return;
	for (i = 0; i < config->count; i++)
		entry_free(&config->entries[i]);
	free(config->entries);
	free(config);
}

struct config *config_copy(const struct config *config)
{
	struct config *copy = config_new();
	struct entry entry;
	size_t i;

	for (i = 0; copy && i < config->count; i++) {
		entry = config->entries[i];
		entry.key = strdup(entry.key);
		entry.value = strdup(entry.value);
		entry.where = strdup(entry.where);
		entry.in_file = NULL;
		if (!insert(copy, &entry)) {
			config_free(copy);
			return NULL;
		}
	}
	return copy;
}

/* Words and truth values are stored in the table's spelling. */
static char *normal_value(const struct key *row, const char *value)
{
	const char *words = NULL;
	int index;

	if (row && row->type == KEY_BOOL)
		words = "TRUE|FALSE";
	else if (row && row->type == KEY_WORD)
		words = row->words;
	if (!words)
		return strdup(value);
	for (index = word_index(words, value); index > 0; index--)
		words = strchr(words, '|') + 1;
	return strndup(words, strcspn(words, "|"));
}

static int check_value(const struct key *row, const char *key,
		       const char *value, const char *where, char *err,
		       size_t err_size)
{
	char wanted[256];

	if (!row && !strncasecmp(key, "vmxsim.", strlen("vmxsim.")))
		return fail(err, err_size, where, key, "there is no such key");
	if (row && !key_accepts(row, key, value, wanted, sizeof(wanted)))
		return fail(err, err_size, where, key,
			    "expected %s, got \"%s\"", wanted,
			    vmx_show(value).text);
	return 0;
}

static int store(struct config *config, const char *key, const char *value,
		 const char *where, bool in_file, char *err, size_t err_size)
{
	const struct key *row = key_find(key);
	struct entry entry = { .row = row };

	if (check_value(row, key, value, where, err, err_size))
		return -1;
	entry.key = row ? key_spelling(row, key) : strdup(key);
	entry.value = normal_value(row, value);
	entry.where = strdup(where);
	if (in_file)
		entry.in_file = strdup(where);
	if (!insert(config, &entry))
		return fail(err, err_size, where, NULL, "out of memory");
	return 0;
}

static int take_line(struct config *config, char *line, const char *where,
		     char *err, size_t err_size)
{
	struct entry *before;
	char *key, *value, wrong[256];

	if (!vmx_split(line, &key, &value, wrong, sizeof(wrong)))
		return fail(err, err_size, where, key, "%s", wrong);
	if (!key)
		return 0;
	before = find(config, key);
	if (!before)
		return store(config, key, value, where, true, err, err_size);
	if (before->in_file)
		return fail(err, err_size, where, key, "already given in %s",
			    before->in_file);
	/* An option overrides the file, but the value in the file must be valid, too. */
	if (check_value(before->row, key, value, where, err, err_size))
		return -1;
	before->in_file = strdup(where);
	return 0;
}

static int read_lines(struct config *config, FILE *in, const char *path,
		      char *err, size_t err_size)
{
	char *line = NULL, *where = NULL, *text;
	unsigned int number = 0;
	size_t size = 0;
	ssize_t len;
	int status = 0;

	while (!status && (len = getline(&line, &size, in)) >= 0) {
		free(where);
		if (asprintf(&where, "%s:%u", path, ++number) < 0) {
			where = NULL;
			status = fail(err, err_size, path, NULL,
				      "out of memory");
			break;
		}
		text = line;
		if (number == 1 && !strncmp(line, "\xef\xbb\xbf", 3))
			text += 3;
		if (strlen(line) != (size_t)len)
			status = fail(err, err_size, where, NULL,
				      "expected text, got a NUL byte");
		line[strcspn(line, "\r\n")] = '\0';
		if (!status)
			status = take_line(config, text, where, err, err_size);
	}
	free(where);
	free(line);
	if (!status && ferror(in))
		return fail(err, err_size, path, NULL, "%s", strerror(errno));
	return status;
}

int config_read_file(struct config *config, const char *path,
		     char *err, size_t err_size)
{
	FILE *in = fopen(path, "re");
	int status;

	if (!in)
		return fail(err, err_size, path, NULL, "%s", strerror(errno));
	status = read_lines(config, in, path, err, err_size);
	fclose(in);
	return status;
}

int config_set(struct config *config, const char *assignment,
	       const char *origin, char *err, size_t err_size)
{
	char *text = strdup(assignment), *value, *rest;
	const char *wrong = NULL;
	int status;

	if (!text)
		return fail(err, err_size, origin, NULL, "out of memory");
	value = strchr(text, '=');
	if (value)
		*value++ = '\0';
	if (!value || !vmx_key_valid(text)) {
		status = fail(err, err_size, origin, NULL,
			      "expected KEY=VALUE, got \"%s\"",
			      vmx_show(assignment).text);
		goto free_text;
	}
	if (*value == '"') {
		rest = vmx_unquote(value, &wrong);
		if (rest)
			wrong = "expected nothing after the closing quote";
		if (!rest || *rest) {
			status = fail(err, err_size, origin, text, "%s", wrong);
			goto free_text;
		}
	}
	status = store(config, text, value, origin, false, err, err_size);
free_text:
	free(text);
	return status;
}

int config_put(struct config *config, const char *key, const char *value,
	       const char *origin, char *err, size_t err_size)
{
	if (!value) {
		remove_key(config, key);
		return 0;
	}
	if (check_value(key_find(key), key, value, NULL, err, err_size))
		return -1;
	return store(config, key, value, origin, false, err, err_size);
}

void config_swap(struct config *a, struct config *b)
{
	struct config old = *a;

	*a = *b;
	*b = old;
}

int config_write(const struct config *config, FILE *out)
{
	const char *key, *value;
	size_t cursor = 0;

	while (config_next(config, &cursor, &key, &value))
		vmx_write(out, key, value);
	return fflush(out) || ferror(out) ? -1 : 0;
}

const char *config_where(const struct config *config, const char *key)
{
	const struct entry *entry = find(config, key);

	return entry ? entry->where : NULL;
}

bool config_given(const struct config *config, const char *key)
{
	return find(config, key);
}

bool config_next(const struct config *config, size_t *cursor,
		 const char **key, const char **value)
{
	while (*cursor < config->count && !config->entries[*cursor].row)
		++*cursor;
	if (*cursor == config->count)
		return false;
	*key = config->entries[*cursor].key;
	*value = config->entries[*cursor].value;
	++*cursor;
	return true;
}

/* The caller has used a wrong name, or the getter of another type: a defect of vmxsim. */
static void __attribute__((noreturn)) misuse(const char *key)
{
	fprintf(stderr, "vmxsim: internal error: no such getter for %s\n", key);
	abort();
}

static const char *value_of(const struct config *config, const char *key,
			    const struct key **row)
{
	const struct entry *entry = find(config, key);

	*row = entry ? entry->row : key_find(key);
	if (!*row)
		misuse(key);
	return entry ? entry->value : (*row)->preset;
}

const char *config_str(const struct config *config, const char *key)
{
	const struct key *row;

	return value_of(config, key, &row);
}

bool config_bool(const struct config *config, const char *key)
{
	const struct key *row;
	const char *value = value_of(config, key, &row);

	if (row->type != KEY_BOOL)
		misuse(key);
	return !strcmp(value, "TRUE");
}

uint64_t config_u64(const struct config *config, const char *key)
{
	const struct key *row;
	const char *value = value_of(config, key, &row);
	uint64_t number;

	if (row->type != KEY_NUMBER || !parse_u64(value, UINT64_MAX, &number))
		misuse(key);
	return number;
}

int64_t config_limit(const struct config *config, const char *key)
{
	const struct key *row;
	const char *value = value_of(config, key, &row);
	uint64_t number;

	if (row->type != KEY_LIMIT)
		misuse(key);
	if (!parse_u64(value, INT64_MAX, &number))
		return CONFIG_UNLIMITED;
	return (int64_t)number;
}

bool config_is(const struct config *config, const char *key, const char *word)
{
	const struct key *row;
	const char *value = value_of(config, key, &row);

	if (row->type != KEY_WORD || word_index(row->words, word) < 0)
		misuse(key);
	return !strcmp(value, word);
}
