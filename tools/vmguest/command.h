/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The commands inside vmguest. Each gets "vmguest NAME" as argv[0] and returns the exit
 * status. The commands of open-vm-tools get the argv of main().
 */
#ifndef VMGUEST_COMMAND_H
#define VMGUEST_COMMAND_H

int vmguest_heartbeat(int argc, char **argv);
int vmguest_raw(int argc, char **argv);
int vmguest_rpc(int argc, char **argv);
int vmguest_stat(int argc, char **argv);
int vmguest_watch(int argc, char **argv);

int compat_toolbox_cmd(int argc, char **argv);
int compat_vmtoolsd(int argc, char **argv);
int compat_rpctool(int argc, char **argv);
int compat_checkvm(int argc, char **argv);

#endif
