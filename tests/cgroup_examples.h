/* SPDX-License-Identifier: MIT */
/* Paths of control groups on real systems, for each shape that src/enrich/cgroup.c knows. */
#ifndef CGROUP_EXAMPLES_H
#define CGROUP_EXAMPLES_H

/* IDs that the engines made on that Debian, and the UID of a pod in both spellings. */
#define DOCKER_ID "84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce"
#define PODMAN_ID "d1d5e64ac8d972a2f942da2c4b43f3828c1d48ccab9470f519484a65ceac543b"
#define PODMAN_POD "7899b8ae1306c8021b7c06baa63797c7209f0e157f6fffb32a8f06d3ce492766"
#define POD "2fc932ce-fdcc-454b-97bd-aadfdeb4c340"
#define POD_ "2fc932ce_fdcc_454b_97bd_aadfdeb4c340"
#define BURSTABLE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_ ".slice"
#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"

#define SEEN "seen on Debian 13"

static const struct cgroup_example {
	const char *path, *name, *runtime; /* "": none */
	const char *source;                /* the system that has it, or a document */
} cgroup_examples[] = {
	{ USER_SLICE "/app.slice/ujob.service", "ujob.service", "", SEEN "; user@.service(5)" },
	{ "/system.slice/docker-" DOCKER_ID ".scope", "docker 84b8394540fb", "docker",
		SEEN ", systemd driver" },
	{ "/docker/" DOCKER_ID, "docker 84b8394540fb", "docker", SEEN ", cgroupfs driver" },
	{ "/machine.slice/libpod-" PODMAN_ID ".scope/container", "podman d1d5e64ac8d9", "podman",
		SEEN ", systemd manager, root and rootless" },
	{ "/system.slice/podunit.service/libpod-payload-" PODMAN_ID, "podman d1d5e64ac8d9",
		"podman", SEEN ", --cgroups=split, as quadlets have it" },
	{ "/libpod_parent/libpod-" PODMAN_ID, "podman d1d5e64ac8d9", "podman",
		SEEN ", cgroupfs manager" },
	{ "/machine.slice/libpod-conmon-" PODMAN_ID ".scope", "libpod-conmon-" PODMAN_ID ".scope",
		"", SEEN },
	{ "/machine.slice/machine-libpod_pod_" PODMAN_POD ".slice", "pod 7899b8ae1306", "podman",
		SEEN ", podman pod create" },
	{ "/libpod_parent/" PODMAN_POD, "pod 7899b8ae1306", "podman",
		SEEN ", podman pod create, cgroupfs manager" },
	{ BURSTABLE, "pod " POD, "kubernetes", "kubernetes issue 106514, systemd driver" },
	{ "/kubepods/besteffort/pod" POD "/" DOCKER_ID, "kubernetes 84b8394540fb", "kubernetes",
		"containerd issue 4857, cgroupfs driver" },
	{ "/kubepods/pod89f4f2cb511c3b0b7e5272cff5ec37bf/" DOCKER_ID, "kubernetes 84b8394540fb",
		"kubernetes", "containerd issue 4857, a guaranteed pod, started from a file" },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" POD_
	  ".slice:cri-containerd:" DOCKER_ID,
		"kubernetes 84b8394540fb", "containerd",
		"kubernetes issue 106514, drivers of kubelet and containerd differ" },
	{ BURSTABLE "/cri-containerd-" DOCKER_ID ".scope", "kubernetes 84b8394540fb", "containerd",
		"kubernetes issue 106514, systemd driver" },
	{ "/system.slice/nerdctl-" DOCKER_ID ".scope", "containerd 84b8394540fb", "containerd",
		"falcosecurity plugins, pull request 1378, systemd driver" },
	{ "/k8s.io/ctr1", "containerd ctr1", "containerd",
		SEEN ", ctr -n k8s.io run: the namespace that Kubernetes uses" },
	{ BURSTABLE "/crio-" DOCKER_ID ".scope/container", "kubernetes 84b8394540fb", "cri-o",
		"cri-o issue 8904, systemd manager" },
	{ "/kubepods/besteffort/pod" POD "/crio-" DOCKER_ID, "kubernetes 84b8394540fb", "cri-o",
		"cri-o pull request 812, cgroupfs manager" },
	{ BURSTABLE "/crio-conmon-" DOCKER_ID ".scope", "pod " POD, "kubernetes",
		"runc issue 4620" },
	{ "/lxc.payload.c1", "lxc c1", "lxc", SEEN },
	{ "/lxc.monitor.c1", "", "", SEEN },
	{ "/lxc/c1", "lxc c1", "lxc", "LXC before 3.1" },
	{ "/machine.slice/machine-ma\\x2dch3.scope/payload", "machine ma-ch3", "nspawn", SEEN },
	{ "/machine.slice/systemd-nspawn@mach4.service/payload", "machine mach4", "nspawn", SEEN },
	{ "/machine.slice/systemd-nspawn@mach4.service/supervisor", "systemd-nspawn@mach4.service",
		"", SEEN },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm1.scope/libvirt/emulator", "machine qemu-1-vm1",
		"libvirt", SEEN ", drivers qemu and lxc; libvirt.org/cgroups.html" },
	{ "/machine.slice/machine-mach1.scope", "machine mach1", "",
		"org.freedesktop.machine1(5), CreateMachine(): any manager of machines" },
	{ USER_SLICE "/app.slice/snap.firefox.firefox-" POD ".scope", "snap firefox", "snap",
		"snapd pull request 7825" },
	{ "/system.slice/snap.lxd.daemon.service", "snap lxd", "snap",
		"snapd pull request 7825: services need no scope" },
	{ USER_SLICE "/app.slice/app-flatpak-org.gnome.Maps-1234.scope", "flatpak org.gnome.Maps",
		"flatpak", "systemd.io/DESKTOP_ENVIRONMENTS" },
	{ USER_SLICE "/user.slice/" PODMAN_ID, "container d1d5e64ac8d9", "",
		SEEN ", rootless podman, cgroupfs manager; docker, --cgroup-parent=/foo" },
};

#define CGROUP_EXAMPLES (sizeof(cgroup_examples) / sizeof(*cgroup_examples))

#endif
