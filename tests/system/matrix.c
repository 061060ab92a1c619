// SPDX-License-Identifier: MIT
/*
 * One namespace per kind of reference and type, held by that reference alone. All of this is in a
 * mount namespace of the test's own.
 */
#include "hold.h"

#define HOLDERS_MAX 128

static char work[] = "/tmp/nsls-holders-XXXXXX";
static pid_t pids[HOLDERS_MAX];
static int npids;

static void hold_in_thread(void *unused)
{
	MUST(unshare(CLONE_FILES) == 0);
	holder->hold();
}

static void *be_thread(void *unused)
{
	hold_in_thread(unused);
	live_started();
}

static void be_holder(void *unused)
{
	pthread_t thread;

	live_subject = strf("holder '%s' of %s: ", holder->name, holder_type);
	if (holder->in == IN_SURVIVOR)
		live_end_main_thread(hold_in_thread, NULL);
	if (holder->in == IN_PROCESS) {
		holder->hold();
		return;
	}
	MUST(pthread_create(&thread, NULL, be_thread, NULL) == 0);
	live_wait();
}

/*
 * A mount namespace can be mounted only where it is younger than the one to mount it in, and the
 * kernel tells their ages by ids that it hands out in blocks, a block a CPU.
 */
static void stay_on_one_cpu(cpu_set_t *ret_before)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	MUST(cpu >= 0 && sched_getaffinity(0, sizeof(*ret_before), ret_before) == 0);
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static void start_all_of(const struct holder *row)
{
	const char *why = row->lacks ? row->lacks() : NULL;
	char *rest = strf("%s", row->types);

	if (why) {
		printf("skip: %s\n", why);
		return;
	}
	holder = row;
	while ((holder_type = strsep(&rest, " "))) {
		MUST(npids < HOLDERS_MAX);
		holder_path = strf("%s/%s-%d", work, holder_type, npids);
		pids[npids++] = live_start(0, be_holder, NULL);
	}
}

void matrix_start(void)
{
	cpu_set_t before;

	stay_on_one_cpu(&before);
	live_unshare_mounts();
	MUST(mkdtemp(work));
	MUST(mount("work", work, "tmpfs", 0, NULL) == 0);
	truths = live_share(TRUTHS_MAX * sizeof(*truths));
	for (const struct holder *row = hold_rows; row->name; row++)
		start_all_of(row);
	for (const struct holder *row = hold_mount_rows; row->name; row++)
		start_all_of(row);
	MUST(sched_setaffinity(0, sizeof(before), &before) == 0);
}

void matrix_end(void)
{
	if (npids) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	while (npids-- > 0)
		if (waitpid(pids[npids], NULL, WNOHANG) == 0) /* not ended by a test */
			live_end(pids[npids]);
}

/*
 * Takes out a descriptor of a process that has ended, of which the matrix has none: an nsls that
 * somebody ran beside the test.
 */
static void drop_what_has_ended(char *listed)
{
	char *from = listed;
	int pid;

	while ((from = strstr(from, "fd "))) {
		char *to = from + strcspn(from, ",\n");

		if (sscanf(from, "fd %d:", &pid) != 1 || kill(pid, 0) == 0) {
			from++;
			continue;
		}
		if (*to == ',')
			to += strlen(", ");
		else if (from[-1] == ' ') /* the last of several */
			from -= strlen(", ");
		memmove(from, to, strlen(to) + 1);
	}
}

char *matrix_list(const char *json)
{
	/* Only --bpf shows credentials: a descriptor that shows more than a file of its own name,
	 * such as a socket, was opened in some user namespace, too. */
	const char *program =
		strf("(.namespaces | map({\"\\(.ns)\": .type}) | add) as $type |"
		     "def words: .kind"
		     " + (.pid | if . then \" \\(.)\" else \"\" end)"
		     " + (.tid | if . then \"/\\(.)\" else \"\" end)"
		     " + (.fd | if . then \":\\(.)\" else \"\" end)"
		     " + (if .mount then \" \" else \"\" end)"
		     " + (.mntns | if . and \"mnt:[\\(.)]\" != \"%s\" then \"\\(.):\" else \"\" "
		     "end)"
		     " + (.mount // \"\")"
		     " + (.hns | if . then \" \\($type[tostring]):[\\(.)]\" else \"\" end);"
		     ".namespaces[] |"
		     "\"\\(.type):[\\(.ns)]\\t\\(.holders | map(select(.kind != \"cred\") | words) "
		     "| join(\", \"))\"",
			live_link(getpid(), "mnt"));
	char *list = jq(json, program);

	drop_what_has_ended(list);
	return list;
}

const char *matrix_find(const char *text, const char *ns, int *ret_len)
{
	size_t len = strlen(ns);

	for (const char *line = text; line && *line;
		line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, ns, len) && line[len] == '\t') {
			*ret_len = (int)strcspn(line + len + 1, "\n");
			return line + len + 1;
		}
	*ret_len = (int)strlen("(absent)");
	return NULL;
}

bool matrix_matches(const char *list, const char *ns, const char *expected)
{
	int len;
	const char *seen = matrix_find(list, ns, &len);

	if (seen && (int)strlen(expected) == len && !strncmp(seen, expected, (size_t)len))
		return true;
	print_error(
		"%s: expected '%s', listed '%.*s'\n", ns, expected, len, seen ? seen : "(absent)");
	return false;
}
