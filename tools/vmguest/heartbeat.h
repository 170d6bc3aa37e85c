/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VMGUEST_HEARTBEAT_H
#define VMGUEST_HEARTBEAT_H

int heartbeat_run(int argc, char **argv);

#endif
