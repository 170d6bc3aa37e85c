/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The listener of vmguest export.
 */
#ifndef VMGUEST_LISTENER_H
#define VMGUEST_LISTENER_H

/*
 * Serves what scrape.h gives, with GROUPS, on ADDRESS ("host:port", or "systemd" for a socket that
 * systemd passes) until SIGINT or SIGTERM. Returns the exit status.
 */
int listener_run(const char *address, unsigned int groups);

#endif
