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
	const char *why = live_kernel() < row->since ? "this kernel is too old"
			  : row->lacks               ? row->lacks()
						     : NULL;

	if (why) {
		printf("skip: %s: %s\n", row->name, why);
		return;
	}
	holder = row;
	for (EACH_WORD(type, row->types, " ")) {
		MUST(npids < HOLDERS_MAX);
		holder_type = type;
		holder_path = strf("%s/%s-%d", work, type, npids);
		pids[npids++] = live_start(0, be_holder, NULL);
	}
}

int matrix_start(void **state)
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
	return 0;
}

int matrix_end(void **state)
{
	if (npids) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	while (npids-- > 0)
		if (waitpid(pids[npids], NULL, WNOHANG) == 0) /* not ended by a test */
			live_end(pids[npids]);
	return 0;
}

char *matrix_list(const char *json)
{
	/* Only --bpf shows credentials: a descriptor that shows more than a file of its own name,
	 * such as a socket, was opened in some user namespace, too. */
	const char *program =
		strf("(.namespaces | map({\"\\(.ns)\": .type}) | add) as $type |"
		     "def part($before; $it): if $it then \"\\($before)\\($it)\" else \"\" end;"
		     "def mntns: if . and \"mnt:[\\(.)]\" != \"%s\" then \"\\(.):\" else \"\" end;"
		     "def words: .kind + part(\" \"; .pid) + part(\"/\"; .tid) + part(\":\"; .fd)"
		     " + (.mount as $at | if $at then \" \\(.mntns | mntns)\\($at)\" else \"\" end)"
		     " + (.hns | if . then \" \\($type[tostring]):[\\(.)]\" else \"\" end);"
		     ".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\("
		     ".holders | map(select(.kind != \"cred\") | words) | join(\", \"))\"",
			live_link(getpid(), "mnt"));

	return jq(json, program);
}

/*
 * Without descriptors of processes that have ended, of which the matrix has none: an nsls that
 * somebody ran beside the test.
 */
static char *drop_what_has_ended(const char *holders)
{
	char *rest = strf("%s", "");
	int pid;

	for (EACH_WORD(word, holders, ", "))
		if (sscanf(word, "fd %d:", &pid) != 1 || kill(pid, 0) == 0)
			rest = strf("%s%s%s", rest, *rest ? ", " : "", word);
	return rest;
}

char *matrix_find(const char *text, const char *ns)
{
	const char *key = strf("%s\t", ns);

	for (const char *at = text; (at = strstr(at, key)); at++)
		if (at == text || at[-1] == '\n') {
			at += strlen(key);
			return drop_what_has_ended(strf("%.*s", (int)strcspn(at, "\n"), at));
		}
	return NULL;
}

bool matrix_matches(const char *list, const char *ns, const char *expected)
{
	const char *seen = matrix_find(list, ns);

	if (seen && !strcmp(seen, expected))
		return true;
	print_error("%s: expected '%s', listed '%s'\n", ns, expected, seen ? seen : "(absent)");
	return false;
}
