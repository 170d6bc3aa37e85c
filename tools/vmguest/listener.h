/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The listener of vmguest export.
 */
#ifndef VMGUEST_LISTENER_H
#define VMGUEST_LISTENER_H

/*
 * Serves the text of scrape_text() with GROUPS until SIGINT or SIGTERM. ADDRESS is "host:port",
 * or "systemd" for sockets that systemd passes. Returns the exit status.
 */
int listener_run(const char *address, unsigned int groups);

#endif
