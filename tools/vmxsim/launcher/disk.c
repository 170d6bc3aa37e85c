// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The launcher makes a small second disk with the label VMXSIM.  This disk has COMMAND and
 * guest/init.  A systemd unit in the image (guest/vmxsim-command.service) starts guest/init,
 * which runs COMMAND.  Thus the image need not be changed for a run, and guest/init always
 * has the launcher's version.
 */
#include "launcher/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/devices.h"
#include "launcher/guest_files.h"

#define OVMF_DIR	"/usr/share/OVMF/"
#define SECTOR_SIZE	512
#define MBR_MAGIC	"\x55\xaa"
#define MBR_MAGIC_AT	510
#define MAGIC_MAX	32

/* Formats of images: QEMU's name, and the first bytes at an offset. */
static const struct {
	const char *name;
	off_t at;
	const char *magic;
} formats[] = {
	{ "qcow2", 0, "QFI\xfb" },
	{ "vmdk", 0, "KDMV" },			/* sparse, also from an OVF package */
	{ "vmdk", 0, "# Disk DescriptorFile" },	/* the data is in other files */
	{ "vhdx", 0, "vhdxfile" },
	{ "vdi", 64, "\x7f\x10\xda\xbe" },
};

static bool readable(const char *path)
{
	return access(path, R_OK) == 0;
}

static const char *beside(const char *path, const char *name)
{
	char *copy = text("%s", path);

	return text("%s/%s", dirname(copy), name);
}

static bool holds(const char *path, off_t at, const char *magic, size_t len)
{
	char bytes[MAGIC_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found;

	if (fd < 0)
		return false;
	found = pread(fd, bytes, len, at) == (ssize_t)len && !memcmp(bytes, magic, len);
	close(fd);
	return found;
}

static const char *format(const char *image)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (holds(image, formats[i].at, formats[i].magic, strlen(formats[i].magic)))
			return formats[i].name;
	return "raw";
}

/* The initrd of vmlinuz-X is initrd.img-X, as in Debian, or else initrd.img. */
static const char *find_initrd(const char *kernel)
{
	const char *name = strrchr(kernel, '/');
	const char *path;

	name = name ? name + 1 : kernel;
	path = beside(kernel, text("initrd.img%s", name + strcspn(name, "-")));
	if (readable(path))
		return path;
	path = beside(kernel, "initrd.img");
	return readable(path) ? path : NULL;
}

static int find_kernel(struct run *run)
{
	const char *own = beside(run->disk, "vmlinuz");

	if (run->kernel)
		return guest_find_kernel(run);
	if (run->firmware || !readable(own))
		return 0;
	run->kernel_file = own;
	return 0;
}

int disk_find(struct run *run)
{
	struct stat st;

	if (!readable(run->disk) || stat(run->disk, &st) < 0)
		return fail("--disk %s: %s", run->disk, strerror(errno));
	if (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size < SECTOR_SIZE &&
				    !strcmp(format(run->disk), "raw")))
		return fail("--disk %s: not an image of a disk", run->disk);
	if (find_kernel(run))
		return EXIT_LAUNCHER;
	if (run->kernel_file)
		run->disk_initrd = find_initrd(run->kernel_file);
	return 0;
}

int disk_make_command(const struct run *run)
{
	struct strings argv = { 0 };
	const char *kmod = text("%s/kmod", run->dir);

	strings_add(&argv, text("%s/image", run->dir));
	strings_add(&argv, "--system");
	strings_add(&argv, text("%s/start", run->dir));
	if (run->module && readable(kmod)) {
		strings_add(&argv, "--module");
		strings_add(&argv, kmod);
	}
	return guest_run_image(run, &argv);
}

static void add_drive(struct strings *argv, const char *id, const char *file,
		      const char *options)
{
	char *name = util_qemu_escape(file);

	strings_add(argv, "-drive");
	strings_add(argv, text("if=none,id=%s,file=%s%s", id, name, options));
}

/* The firmware changes a copy of its variables, so that no run affects another run. */
static int add_ovmf(struct strings *argv, const struct run *run, bool secure)
{
	const char *code = secure ? OVMF_DIR "OVMF_CODE_4M.secboot.fd" :
				    OVMF_DIR "OVMF_CODE_4M.fd";
	const char *own = getenv("VMXSIM_OVMF_VARS");
	const char *vars = own && *own ? own : secure ? OVMF_DIR "OVMF_VARS_4M.ms.fd" :
							OVMF_DIR "OVMF_VARS_4M.fd";
	char *cp[] = { "cp", "--", (char *)vars, (char *)run->vars, NULL };

	if (!readable(code))
		return fail("--firmware: %s is missing: apt install ovmf", code);
	if (!readable(vars))
		return fail("--firmware: %s: %s", vars, strerror(errno));
	if (run_program(cp, NULL))
		return fail("--firmware: cannot copy %s", vars);
	strings_add(argv, "-drive");
	strings_add(argv, text("if=pflash,format=raw,unit=0,readonly=on,file=%s", code));
	strings_add(argv, "-drive");
	strings_add(argv, text("if=pflash,format=raw,unit=1,file=%s",
			       util_qemu_escape(run->vars)));
	if (secure) {
		strings_add(argv, "-global");
		strings_add(argv, "driver=cfi.pflash01,property=secure,value=on");
		strings_add(argv, "-global");
		strings_add(argv, "ICH9-LPC.disable_s3=1");
	}
	return 0;
}

/* Returns the name of a file that begins with the first sector of the disk, or NULL. */
static const char *first_sector(const struct run *run)
{
	const char *sector = text("%s/sector", run->tmp);
	char *dd[] = {
		"qemu-img", "dd", "-U", "-f", (char *)format(run->disk), "-O", "raw", "count=1",
		text("if=%s", run->disk), text("of=%s", sector), NULL
	};

	if (!strcmp(format(run->disk), "raw"))
		return run->disk;
	if (!run_program(dd, NULL))
		return sector;
	fail("--disk %s: qemu-img (apt install qemu-utils) cannot read it", run->disk);
	return NULL;
}

/* Returns the root device: the first partition, or the disk if it has no partitions. */
static const char *find_root(const struct run *run)
{
	bool nvme = !strncmp(devices_boot_drive(run), "nvme", 4);
	const char *disk = nvme ? "/dev/nvme0n1" : "/dev/sda";
	const char *sector;

	/* The kernel uses the last "root=". */
	if (run->append && strstr(run->append, "root="))
		return disk;
	sector = first_sector(run);
	if (!sector)
		return NULL;
	if (!holds(sector, MBR_MAGIC_AT, MBR_MAGIC, strlen(MBR_MAGIC)))
		return disk;
	return text("%s%s", disk, nvme ? "p1" : "1");
}

static int add_kernel(struct strings *argv, const struct run *run)
{
	const char *root = find_root(run);

	if (!root)
		return EXIT_LAUNCHER;
	strings_add(argv, "-kernel");
	strings_add(argv, run->kernel_file);
	if (run->disk_initrd) {
		strings_add(argv, "-initrd");
		strings_add(argv, run->disk_initrd);
	}
	strings_add(argv, "-append");
	strings_add(argv, text("console=ttyS0 panic=-1 root=%s rw%s%s", root,
			       run->append ? " " : "", run->append ? run->append : ""));
	return 0;
}

int disk_add(struct strings *argv, const struct run *run)
{
	add_drive(argv, devices_boot_drive(run), run->disk,
		  text(",format=%s,snapshot=%s", format(run->disk),
		       run->write_disk ? "off" : "on"));
	add_drive(argv, "command", run->initrd, ",format=raw,readonly=on");
	strings_add(argv, "-device");
	strings_add(argv, "virtio-blk-pci,drive=command");
	if (run->kernel_file && add_kernel(argv, run))
		return EXIT_LAUNCHER;
	if (run->firmware && strcmp(run->firmware, "bios"))
		return add_ovmf(argv, run, !strcmp(run->firmware, "ovmf-secure"));
	return 0;
}
