// SPDX-License-Identifier: MIT
/* What runtimes and ids are called; copies of what a process is called. */
#include "nsls/model/identity.h"

#include <string.h>

static const char *const names[RUNTIME_COUNT] = {
	[RUNTIME_UNKNOWN] = NULL,
	[RUNTIME_DOCKER] = "docker",
	[RUNTIME_PODMAN] = "podman",
	[RUNTIME_CONTAINERD] = "containerd",
	[RUNTIME_CRIO] = "cri-o",
	[RUNTIME_KUBERNETES] = "kubernetes",
	[RUNTIME_LXC] = "lxc",
	[RUNTIME_NSPAWN] = "nspawn",
	[RUNTIME_LIBVIRT] = "libvirt",
	[RUNTIME_SNAP] = "snap",
	[RUNTIME_FLATPAK] = "flatpak",
};

const char *runtime_name(enum runtime runtime)
{
	return names[runtime];
}

int identity_short(const char *id)
{
	size_t len = strlen(id);

	return len == 64 && strspn(id, "0123456789abcdef") == len ? 12 : (int)len;
}

const struct identity *identity_copy(struct arena *arena, const struct identity *from)
{
	struct identity *copy = arena_alloc(arena, sizeof(*copy));
	const char **const texts[] = { &copy->cgroup, &copy->unit, &copy->container, &copy->pod,
		&copy->machine, &copy->app, &copy->name };

	*copy = *from;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (*texts[i])
			*texts[i] = arena_strdup(arena, *texts[i]);
	return copy;
}
