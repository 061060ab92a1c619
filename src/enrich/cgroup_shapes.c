// SPDX-License-Identifier: MIT
/*
 * The table of shapes of control group paths. A new shape is a row with a path from a real system
 * and its source; the tests in test_identity.c follow from the row.
 *
 * If two patterns match the same part, the first one counts, so the more special one comes first.
 * Services and scopes of systemd have no row, because their names alone make them a UNIT.
 */
#include "nsls/enrich.h"

/* IDs that the engines made on that Debian, and the UID of a pod in both spellings. */
#define DOCKER_ID "84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce"
#define PODMAN_ID "d1d5e64ac8d972a2f942da2c4b43f3828c1d48ccab9470f519484a65ceac543b"
#define PODMAN_POD "7899b8ae1306c8021b7c06baa63797c7209f0e157f6fffb32a8f06d3ce492766"
#define POD "2fc932ce-fdcc-454b-97bd-aadfdeb4c340"
#define POD_ "2fc932ce_fdcc_454b_97bd_aadfdeb4c340"
#define BURSTABLE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_ ".slice"
#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"

#define SEEN "seen on Debian 13"

static const struct identity_shape shapes[] = {
	/* service manager of a user: identifies only the user */
	{
		.pattern = "user-<uid>.slice",
		.example = USER_SLICE "/app.slice/ujob.service",
		.name = "ujob.service",
		.source = SEEN "; user@.service(5)",
	},

	/* docker */
	{
		.pattern = "docker-<id>.scope",
		.runtime = RUNTIME_DOCKER,
		.example = "/system.slice/docker-" DOCKER_ID ".scope",
		.name = "docker 84b8394540fb",
		.source = SEEN ", systemd driver",
	},
	{
		.pattern = "docker/<id>",
		.runtime = RUNTIME_DOCKER,
		.example = "/docker/" DOCKER_ID,
		.name = "docker 84b8394540fb",
		.source = SEEN ", cgroupfs driver",
	},

	/* podman: its monitor conmon(8) has a scope of its own, next to that of the container */
	{
		.pattern = "libpod-<id>.scope",
		.runtime = RUNTIME_PODMAN,
		.example = "/machine.slice/libpod-" PODMAN_ID ".scope/container",
		.name = "podman d1d5e64ac8d9",
		.source = SEEN ", systemd manager, root and rootless",
	},
	{
		.pattern = "libpod-payload-<id>",
		.runtime = RUNTIME_PODMAN,
		.example = "/system.slice/podunit.service/libpod-payload-" PODMAN_ID,
		.name = "podman d1d5e64ac8d9",
		.source = SEEN ", --cgroups=split, as quadlets have it",
	},
	{
		.pattern = "libpod-<id>",
		.runtime = RUNTIME_PODMAN,
		.example = "/libpod_parent/libpod-" PODMAN_ID,
		.name = "podman d1d5e64ac8d9",
		.source = SEEN ", cgroupfs manager",
	},
	{
		.pattern = "libpod-conmon-<text>.scope",
		.outside = true,
		.example = "/machine.slice/libpod-conmon-" PODMAN_ID ".scope",
		.name = "libpod-conmon-" PODMAN_ID ".scope",
		.source = SEEN,
	},
	{
		.pattern = "<text>-libpod_pod_<pod-id>.slice",
		.runtime = RUNTIME_PODMAN,
		.example = "/machine.slice/machine-libpod_pod_" PODMAN_POD ".slice",
		.name = "pod 7899b8ae1306",
		.source = SEEN ", podman pod create",
	},
	{
		.pattern = "libpod_parent/<pod-id>",
		.runtime = RUNTIME_PODMAN,
		.example = "/libpod_parent/" PODMAN_POD,
		.name = "pod 7899b8ae1306",
		.source = SEEN ", podman pod create, cgroupfs manager",
	},

	/* Kubernetes: the kubelet makes the group of a pod, the engine that of the container below
	   it */
	{
		.pattern = "<kubepods>-pod<pod>.slice",
		.runtime = RUNTIME_KUBERNETES,
		.example = BURSTABLE,
		.name = "pod " POD,
		.source = "kubernetes issue 106514, systemd driver",
	},
	{
		.pattern = "kubepods/<qos>/pod<pod>",
		.runtime = RUNTIME_KUBERNETES,
		.example = "/kubepods/besteffort/pod" POD "/" DOCKER_ID,
		.name = "kubernetes 84b8394540fb",
		.source = "containerd issue 4857, cgroupfs driver",
	},
	{
		.pattern = "kubepods/pod<pod>",
		.runtime = RUNTIME_KUBERNETES,
		.example = "/kubepods/pod89f4f2cb511c3b0b7e5272cff5ec37bf/" DOCKER_ID,
		.name = "kubernetes 84b8394540fb",
		.source = "the same, a guaranteed pod, started from a file",
	},
	{
		.pattern = "<kubepods>-pod<pod>.slice:cri-containerd:<id>",
		.runtime = RUNTIME_CONTAINERD,
		.example = "/system.slice/containerd.service/kubepods-burstable-pod" POD_
			   ".slice:cri-containerd:" DOCKER_ID,
		.name = "kubernetes 84b8394540fb",
		.source = "kubernetes issue 106514, drivers of kubelet and containerd differ",
	},

	/* containerd */
	{
		.pattern = "cri-containerd-<id>.scope",
		.runtime = RUNTIME_CONTAINERD,
		.example = BURSTABLE "/cri-containerd-" DOCKER_ID ".scope",
		.name = "kubernetes 84b8394540fb",
		.source = "kubernetes issue 106514, systemd driver",
	},
	{
		.pattern = "nerdctl-<id>.scope",
		.runtime = RUNTIME_CONTAINERD,
		.example = "/system.slice/nerdctl-" DOCKER_ID ".scope",
		.name = "containerd 84b8394540fb",
		.source = "falcosecurity plugins, pull request 1378, systemd driver",
	},
	{
		.pattern = "/k8s.io/<name>",
		.runtime = RUNTIME_CONTAINERD,
		.example = "/k8s.io/ctr1",
		.name = "containerd ctr1",
		.source = SEEN ", ctr -n k8s.io run: the namespace that Kubernetes uses",
	},

	/* CRI-O */
	{
		.pattern = "crio-<id>.scope",
		.runtime = RUNTIME_CRIO,
		.example = BURSTABLE "/crio-" DOCKER_ID ".scope/container",
		.name = "kubernetes 84b8394540fb",
		.source = "cri-o issue 8904, systemd manager",
	},
	{
		.pattern = "crio-<id>",
		.runtime = RUNTIME_CRIO,
		.example = "/kubepods/besteffort/pod" POD "/crio-" DOCKER_ID,
		.name = "kubernetes 84b8394540fb",
		.source = "cri-o pull request 812, cgroupfs manager",
	},
	{
		.pattern = "crio-conmon-<text>.scope",
		.outside = true,
		.example = BURSTABLE "/crio-conmon-" DOCKER_ID ".scope",
		.name = "pod " POD,
		.source = "runc issue 4620",
	},

	/* LXC */
	{
		.pattern = "lxc.payload.<name>",
		.runtime = RUNTIME_LXC,
		.example = "/lxc.payload.c1",
		.name = "lxc c1",
		.source = SEEN,
	},
	{
		.pattern = "lxc.monitor.<text>",
		.outside = true,
		.example = "/lxc.monitor.c1",
		.source = SEEN,
	},
	{
		.pattern = "/lxc/<name>",
		.runtime = RUNTIME_LXC,
		.example = "/lxc/c1",
		.name = "lxc c1",
		.source = "LXC before 3.1",
	},

	/* machines, machinectl(1) */
	{
		.pattern = "machine-<machine>.scope/payload",
		.runtime = RUNTIME_NSPAWN,
		.example = "/machine.slice/machine-ma\\x2dch3.scope/payload",
		.name = "machine ma-ch3",
		.source = SEEN,
	},
	{
		.pattern = "systemd-nspawn@<machine>.service/payload",
		.runtime = RUNTIME_NSPAWN,
		.example = "/machine.slice/systemd-nspawn@mach4.service/payload",
		.name = "machine mach4",
		.source = SEEN,
	},
	{
		.pattern = "systemd-nspawn@<text>.service/supervisor",
		.outside = true,
		.example = "/machine.slice/systemd-nspawn@mach4.service/supervisor",
		.name = "systemd-nspawn@mach4.service",
		.source = SEEN,
	},
	{
		.pattern = "machine-<vm>.scope",
		.runtime = RUNTIME_LIBVIRT,
		.example = "/machine.slice/machine-qemu\\x2d1\\x2dvm1.scope/libvirt/emulator",
		.name = "machine qemu-1-vm1",
		.source = SEEN ", drivers qemu and lxc; libvirt.org/cgroups.html",
	},
	{
		.pattern = "machine-<machine>.scope",
		.example = "/machine.slice/machine-mach1.scope",
		.name = "machine mach1",
		.source = "org.freedesktop.machine1(5), CreateMachine(): any manager of machines",
	},

	/* sandboxed applications */
	{
		.pattern = "snap.<snap>.<text>-<uuid>.scope",
		.runtime = RUNTIME_SNAP,
		.example = USER_SLICE "/app.slice/snap.firefox.firefox-" POD ".scope",
		.name = "snap firefox",
		.source = "snapd pull request 7825",
	},
	{
		.pattern = "snap.<snap>.<text>.service",
		.runtime = RUNTIME_SNAP,
		.example = "/system.slice/snap.lxd.daemon.service",
		.name = "snap lxd",
		.source = "the same: services need no scope",
	},
	{
		.pattern = "app-flatpak-<app>-<number>.scope",
		.runtime = RUNTIME_FLATPAK,
		.example = USER_SLICE "/app.slice/app-flatpak-org.gnome.Maps-1234.scope",
		.name = "flatpak org.gnome.Maps",
		.source = "systemd.io/DESKTOP_ENVIRONMENTS",
	},

	/* an ID alone: any engine, with a parent group that the user chose */
	{
		.pattern = "<id>",
		.example = USER_SLICE "/user.slice/" PODMAN_ID,
		.name = "container d1d5e64ac8d9",
		.source = SEEN ", rootless podman, cgroupfs manager; docker, --cgroup-parent=/foo",
	},
};

const struct identity_shape *identity_shape(size_t n)
{
	return n < sizeof(shapes) / sizeof(*shapes) ? &shapes[n] : NULL;
}
