/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
#ifndef VMGUEST_HEARTBEAT_RUN_H
#define VMGUEST_HEARTBEAT_RUN_H

int heartbeat_run(int argc, char **argv);

#endif
