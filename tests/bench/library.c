// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * library OURS REFERENCE: compares two shared libraries that have the SDK's C API. Also
 * compares the mapped page with REFERENCE.
 */
#include <dlfcn.h>
#include <vmguest.h>

#include "accessors.h"
#include "bench.h"

#define SAMPLES		100
#define GETTERS		19	/* of version 2 of the statistics */

struct library {
	VMGuestLibHandle handle;
	VMGuestLibError (*update)(VMGuestLibHandle handle);
	VMGuestLibError (*get[GETTERS])(VMGuestLibHandle handle, void *result);
};

#define NAME(name, type, statistic, unit)	"VMGuestLib_" #name,
static const char *const names[] = { VMGUESTLIB_DECLARED_ACCESSORS(NAME) };

static struct library ours, reference;
static struct vmguest guest;
static volatile uint64_t sum;

static void *symbol(void *object, const char *name)
{
	void *at = dlsym(object, name);

	require(at, name);
	return at;
}

static void load(struct library *library, const char *path)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	VMGuestLibError (*open)(VMGuestLibHandle *handle);
	int i;

	require(object, path);
	open = symbol(object, "VMGuestLib_OpenHandle");
	library->update = symbol(object, "VMGuestLib_UpdateInfo");
	for (i = 0; i < GETTERS; i++)
		library->get[i] = symbol(object, names[i]);
	require(!open(&library->handle), path);
}

static bool update(struct library *library)
{
	return library->update(library->handle) == VMGUESTLIB_ERROR_SUCCESS;
}

/* Statistics that the host does not give are read too, so a getter may fail. */
static bool get_all(struct library *library)
{
	uint64_t value;
	int i;

	for (i = 0; i < GETTERS; i++) {
		value = 0;
		library->get[i](library->handle, &value);
		sum += value;
	}
	return true;
}

static bool update_ours(void)
{
	return update(&ours);
}

static bool update_reference(void)
{
	return update(&reference);
}

static bool get_ours(void)
{
	return get_all(&ours);
}

static bool get_reference(void)
{
	return get_all(&reference);
}

static bool everything_fresh(void)
{
	return update(&reference) && get_all(&reference);
}

static bool everything_from_page(void)
{
	struct vmguestlib_page copy;
	int i;

	if (vmguest_read(&guest, &copy))
		return false;
	for (i = 1; i <= GETTERS; i++)
		sum += copy.values[i].value;
	return true;
}

static const struct side updates[] = {
	{ "ours", update_ours }, { "reference", update_reference },
};

static const struct side getters[] = {
	{ "ours", get_ours }, { "reference", get_reference },
};

/* A watch of this program keeps the page fresh, so the cost of the watch is included. */
static const struct side everything[] = {
	{ "ours", everything_from_page }, { "reference", everything_fresh },
};

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	load(&ours, argv[1]);
	load(&reference, argv[2]);
	COMPARE("update_info", updates, SAMPLES, 1);
	COMPARE("getters", getters, SAMPLES, 10);
	require(!vmguest_open(&guest) && !vmguest_watch(&guest, 1000) &&
		!vmguest_refresh(&guest, 0), DEVICE);
	COMPARE("everything", everything, SAMPLES, 1);
	vmguest_close(&guest);
	return 0;
}
