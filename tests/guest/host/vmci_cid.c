// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmci_cid: prints the context id of this guest for VMCI sockets.
 * vmci_cid PORT: connects to the hypervisor's PORT, keeps the connection until standard input
 * ends, and prints how the connection ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

static int say(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
	return 0;
}

static int context_id(void)
{
	int fd = open("/dev/vsock", O_RDONLY);
	unsigned int cid;

	if (fd < 0 || ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) < 0)
		return say(strerror(errno));
	printf("%u\n", cid);
	return 0;
}

static int stay(unsigned int port)
{
	struct sockaddr_vm host = {
		.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HYPERVISOR,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };
	char byte;

	if (fd < 0 || connect(fd, (struct sockaddr *)&host, sizeof(host)) < 0)
		return say(strerror(errno));
	say("connected");
	if (poll(fds, 2, 10000) <= 0)
		return say("nothing happened");
	if (!fds[0].revents)
		return say("left");
	return say(recv(fd, &byte, 1, 0) < 0 ? strerror(errno) : "closed");
}

int main(int argc, char **argv)
{
	return argc > 1 ? stay((unsigned int)atoi(argv[1])) : context_id();
}
