/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VMGUEST_EXPORT_H
#define VMGUEST_EXPORT_H

#include <stddef.h>

#include "exposition.h"

/*
 * One request to the host, as text in *TEXT, to be freed. Returns 0 or a negative
 * errno of the statistics.
 */
int export_text(enum exposition_format format, char **text, size_t *len);

/*
 * Serves it on ADDRESS ("host:port", or "systemd" for a socket that systemd passes)
 * until SIGINT or SIGTERM. Returns the exit status.
 */
int export_listen(const char *address);

#endif
