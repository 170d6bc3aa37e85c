// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <string.h>

#include "config/config.h"
#include "model/info.h"
#include "model/model.h"

#define V2_PATH_SIZE	512	/* with its NUL */
#define U32_ELEMENT	12
#define U64_ELEMENT	16
#define TEXT_ELEMENT	12

static void put_le(FILE *out, uint64_t value, unsigned int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		putc((int)(value & 0xff), out);
}

static void put_be(FILE *out, uint64_t value, unsigned int bytes)
{
	while (bytes--)
		putc((int)(value >> 8 * bytes & 0xff), out);
}

static void put_zeros(FILE *out, size_t count)
{
	while (count--)
		putc(0, out);
}

void info_form(const struct config *config, const struct sample *sample,
	       struct info_form *form)
{
	unsigned int id;

	memset(form, 0, sizeof(*form));
	form->path = config_str(config, "vmxsim.pool.path");
	form->unlimited_is_valid =
		config_is(config, "vmxsim.quirk.unlimited", "max32");
	form->trailing_bytes =
		config_is(config, "vmxsim.quirk.dataSize", "trailing");
	form->host_info = model_host_info(config);
	form->count = model_preset(config)->info_count;
	if (config_given(config, "vmxsim.info.count"))
		form->count = (unsigned int)
			config_u64(config, "vmxsim.info.count");
	if (!form->host_info && form->count >= WIRE_HOST_FIRST &&
	    config_is(config, "vmxsim.quirk.hostInfoOff", "cut"))
		form->count = WIRE_HOST_FIRST - 1;
	for (id = 1; id < WIRE_END && id <= form->count; id++)
		if (sample->wire[id].state == STATE_ABSENT)
			form->count = id - 1;
}

static bool is_valid(const struct sample *sample, const struct info_form *form,
		     unsigned int id)
{
	bool of_host = id >= WIRE_HOST_FIRST && id <= WIRE_HOST_LAST;

	if (of_host && !form->host_info)
		return false;
	switch (sample->wire[id].state) {
	case STATE_GIVEN:
		return true;
	case STATE_UNLIMITED:
		return form->unlimited_is_valid;
	default:
		return false;
	}
}

static uint64_t value_of(const struct sample *sample,
			 const struct info_form *form, unsigned int id)
{
	return is_valid(sample, form, id) ? sample->wire[id].value : 0;
}

void info_write_v2(FILE *out, const struct sample *sample,
		   const struct info_form *form)
{
	size_t len = strlen(form->path);
	unsigned int id;
	bool valid;

	put_le(out, 2, 4);
	put_le(out, sample->session, 8);
	for (id = 1; id < WIRE_RESOURCE_POOL_PATH; id++) {
		put_le(out, is_valid(sample, form, id), 4);
		put_le(out, value_of(sample, form, id),
		       wire_stats[id].type == WIRE_U64 ? 8 : 4);
	}
	valid = is_valid(sample, form, WIRE_RESOURCE_POOL_PATH) &&
		len < V2_PATH_SIZE;
	if (!valid)
		len = 0;
	putc(valid ? 1 : 0, out);
	fwrite(form->path, 1, len, out);
	put_zeros(out, V2_PATH_SIZE - len);
}

/* Returns the length of the text of an element; a text that is too long is not sent. */
static size_t text_length(const struct sample *sample,
			  const struct info_form *form, unsigned int id,
			  bool *valid)
{
	size_t len = strlen(form->path);

	*valid = is_valid(sample, form, id) &&
		 (wire_stats[id].type == WIRE_OPAQUE || len <= WIRE_STRING_MAX);
	return *valid ? len : 0;
}

static size_t element_size(const struct sample *sample,
			   const struct info_form *form, unsigned int id)
{
	bool valid;

	if (id >= WIRE_END || wire_stats[id].type == WIRE_U32)
		return U32_ELEMENT;
	if (wire_stats[id].type == WIRE_U64)
		return U64_ELEMENT;
	return TEXT_ELEMENT + (text_length(sample, form, id, &valid) + 3) / 4 * 4;
}

static void put_text(FILE *out, const struct sample *sample,
		     const struct info_form *form, unsigned int id)
{
	bool valid;
	size_t len = text_length(sample, form, id, &valid);

	put_be(out, valid, 4);
	put_be(out, len, 4);
	fwrite(form->path, 1, len, out);
	put_zeros(out, -len & 3);
}

static void put_element(FILE *out, const struct sample *sample,
			const struct info_form *form, unsigned int id)
{
	put_be(out, id, 4);
	if (id >= WIRE_END) {
		/* An unknown statistic, as a future host might add it. */
		put_be(out, 1, 4);
		put_be(out, id, 4);
	} else if (wire_stat_is_text(id)) {
		put_text(out, sample, form, id);
	} else {
		put_be(out, is_valid(sample, form, id), 4);
		put_be(out, value_of(sample, form, id),
		       wire_stats[id].type == WIRE_U64 ? 8 : 4);
	}
}

/* Returns the identifier at this place if each pair of neighbours is exchanged. */
static unsigned int reordered(unsigned int id, unsigned int count)
{
	if (id % 2 == 0)
		return id - 1;
	return id < count ? id + 1 : id;
}

void info_write_v3(FILE *out, const struct sample *sample,
		   const struct info_form *form)
{
	size_t size = 4;
	unsigned int id;

	for (id = 1; id <= form->count; id++)
		size += element_size(sample, form, id);
	put_le(out, 3, 4);
	put_le(out, sample->session, 8);
	put_le(out, size, 4);
	put_be(out, form->count_is_wrong ? form->wrong_count : form->count, 4);
	for (id = 1; id <= form->count; id++)
		put_element(out, sample, form,
			    form->reordered ? reordered(id, form->count) : id);
	if (form->trailing_bytes)
		put_le(out, 0x6c696174, 4);
}
