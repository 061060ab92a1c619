// SPDX-License-Identifier: MIT
/*
 * Namespaces and members against a readlink(2) of every /proc/PID/ns link, relations against
 * ioctl_ns(2).
 */
#include "live.h"

#include <dirent.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "TYPE:[INODE] PID" of every process but self, sorted, a line each. */
static char *read_truth(void)
{
	static char *lines[400000];
	size_t n = 0, size = 1;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	char *text;

	assert_non_null(proc);
	while ((entry = readdir(proc)))
		for (int i = 0; i < LIVE_TYPES; i++) {
			char path[300], link[64];
			ssize_t len;

			if (!strtoul(entry->d_name, NULL, 10))
				continue;
			snprintf(path, sizeof(path), "/proc/%s/ns/%s", entry->d_name,
				live_types[i].name);
			len = readlink(path, link, sizeof(link) - 1);
			if (len > 0 && n < 400000 &&
				asprintf(&lines[n], "%.*s %s\n", (int)len, link, entry->d_name) > 0)
				size += strlen(lines[n++]);
		}
	closedir(proc);
	qsort(lines, n, sizeof(*lines), by_text);
	text = test_keep(calloc(1, size));
	for (size_t i = 0, at = 0; i < n; at += strlen(lines[i]), free(lines[i]), i++)
		strcpy(text + at, lines[i]);
	return text;
}

/* Fails unless each line that stands in both before and after is listed. */
static void assert_stable_lines(char *before, const char *after, const char *listed)
{
	for (char *line; (line = strsep(&before, "\n")) && *line;) {
		const char *whole = strf("%s\n", line);

		if (strstr(after, whole) && !strstr(listed, whole))
			fail_msg("not listed: %s", whole);
	}
}

/* Fails unless each namespace that is listed with a process is in one of the texts. */
static void assert_seen(const char *json, const char *before, const char *after)
{
	char *listed = jq(json, ".namespaces[] | select(.nprocs > 1) | \"\\(.type):[\\(.ns)] \"");
	char *line, *rest = NULL;

	for (line = strtok_r(listed, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strstr(before, line) && !strstr(after, line))
			fail_msg("listed, but not there: %s", line);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(every_namespace_and_member_that_readlink_finds_is_listed)
{
	char *before, *after, *listed;
	struct answer answer;

	before = read_truth();
	answer = nsls("-J", NULL);
	after = read_truth();
	assert_int_equal(answer.status, 0);
	listed = jq(answer.out,
		".namespaces[] | \"\\(.type):[\\(.ns)]\" as $n | .pids[] | \"\\($n) \\(.)\"");
	/* What was there before and after must be listed, and no namespace that was in neither. */
	assert_seen(answer.out, before, after);
	for (int i = 0; i < LIVE_TYPES; i++) {
		const char *link = live_link(live_children[i], live_types[i].name);
		const char *line = strf("%s %d\n", link, live_children[i]);

		assert_contains(listed, line);
		assert_contains(before, line);
		assert_contains(after, line);
	}
	assert_stable_lines(before, after, listed);
}

TEST(counts_and_lowest_pids_agree_with_the_members)
{
	struct answer answer = nsls("-J", NULL);

	assert_jq(answer.out,
		"[.namespaces[] | select((.nprocs // 0) != (.pids | length) or .pid != .pids[0] or "
		".pids != (.pids | sort))] | length",
		"0\n");
}

/*
 * Prints the summary beside a list, until they agree: what ended is released later, and others come
 * and go.
 */
static struct answer summarise_what_is_listed(void)
{
	for (int tries = 0; tries < 50; tries++) {
		struct answer summary = nsls("-s", "-J", NULL), list = nsls("-J", NULL);
		char *summed = jq(summary.out, "[.types[] | {(.type): .count}] | add | tojson");
		char *listed = jq(list.out, "[.namespaces | group_by(.type)[] | "
					    "{(.[0].type): length}] | add | tojson");

		if (!strcmp(summed, listed))
			return summary;
		print_message("# %s# %s", summed, listed);
	}
	fail_msg("no summary has the counts of a list");
	return (struct answer){ 0 };
}

TEST(the_summary_has_all_types_with_the_lists_counts)
{
	struct answer summary = summarise_what_is_listed();

	assert_jq(summary.out,
		"[.types[] | select(.limit != null and (.atleast or .used != null) and "
		"(.used == null) == (.[\"use%\"] == null))] | length",
		"8\n");
}

TEST(a_process_is_in_one_namespace_of_each_type)
{
	for (int i = 0; i < LIVE_TYPES; i++) {
		struct answer answer = nsls("-J", "-p", strf("%d", live_children[i]), NULL);
		char *listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)]\"");

		for (int t = 0; t < LIVE_TYPES; t++)
			assert_contains(listed, live_link(live_children[i], live_types[t].name));
	}
}

/* The inode number of what ioctl leads to from pid's namespace; 0 where it fails. */
static unsigned long related(pid_t pid, const char *type, unsigned long request)
{
	struct stat st;
	int fd = live_open_ns(pid, type), to = ioctl(fd, request);

	close(fd);
	if (to < 0)
		return 0;
	assert_int_equal(fstat(to, &st), 0);
	close(to);
	return (unsigned long)st.st_ino;
}

/* 0 where this kernel has none. */
static unsigned long id_of(pid_t pid, const char *type)
{
	int fd = live_open_ns(pid, type);
	struct live_relations relations = live_relations(fd);

	close(fd);
	return strtoul(relations.id, NULL, 10);
}

TEST(relations_of_members_equal_those_of_the_kernel)
{
	struct answer answer = nsls("-J", "-o", "NS,TYPE,PNS,ONS,ID,ONSUID", NULL);

	for (int i = 0; i < LIVE_TYPES; i++) {
		const char *type = live_types[i].name;
		bool nests = !strcmp(type, "pid") || !strcmp(type, "user");
		char *link = live_link(live_children[i], type);

		assert_jq(answer.out,
			strf(".namespaces[] | select(.ns == %s) | \"\\(.pns // 0) \\(.ons // 0) "
			     "\\(.id // 0) \\(.onsuid)\"",
				strtok(strchr(link, '[') + 1, "]")),
			strf("%lu %lu %lu 0\n",
				nests ? related(live_children[i], type, NS_GET_PARENT) : 0,
				related(live_children[i], type, NS_GET_USERNS),
				id_of(live_children[i], type)));
	}
}

/* What if_nameindex(3) finds in the network namespace of the process, as text. */
static unsigned count_interfaces(pid_t pid)
{
	int fd = live_open_ns(pid, "net");
	pid_t child = live_fork(0);

	if (child == 0) {
		struct if_nameindex *names;
		int n = 0;

		MUST(setns(fd, CLONE_NEWNET) == 0 && (names = if_nameindex()));
		while (names[n].if_index)
			n++;
		_exit(n);
	}
	close(fd);
	return (unsigned)live_status(child);
}

TEST(the_inside_of_namespaces_is_what_was_made)
{
	struct answer answer;
	pid_t pid = live_clone(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID);

	live_write(strf("/proc/%d/uid_map", pid), "0 43210 2\n5 1000 1\n");
	answer = nsls("-J", "-o", "TYPE,LINKS,UIDMAP,GIDMAP", "-t", "net,user", "-p",
		strf("%d", pid), NULL);
	assert_jq(answer.out, ".namespaces[] | \"\\(.type) \\(.links) \\(.uidmap) \\(.gidmap)\"",
		strf("net %u null null\nuser null [{\"inside\":0,\"outside\":43210,\"length\":2},"
		     "{\"inside\":5,\"outside\":1000,\"length\":1}] []\n",
			count_interfaces(pid)));
	live_end(pid);
}

/* Forks a process that starts one more, and waits for both. Returns the first. */
static pid_t start_two(uint64_t flags, pid_t (*start_second)(void))
{
	int report[2];
	pid_t first, second;

	MUST(pipe2(report, O_CLOEXEC) == 0);
	first = live_fork(flags);
	if (first == 0) {
		second = start_second();
		MUST(write(report[1], &second, sizeof(second)) == sizeof(second));
		live_wait();
	}
	close(report[1]); /* if the child ends, the read fails */
	MUST(read(report[0], &second, sizeof(second)) == sizeof(second));
	close(report[0]);
	return first;
}

static pid_t start_nested(void)
{
	return live_clone(CLONE_NEWUSER | CLONE_NEWPID);
}

TEST(the_depth_is_that_of_the_parent_and_one)
{
	struct answer answer;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = start_two(CLONE_NEWPID, start_nested);
	answer = nsls("-J", "-t", "pid,user", "-o", "NS,TYPE,DEPTH,PNS", NULL);
	live_end(pid);
	/* How many with a parent are not one deeper than that. */
	assert_jq(answer.out,
		"([.namespaces[] | {key: \"\\(.ns)\", value: .depth}] | from_entries) as $depth | "
		"([.namespaces[] | select(.pns and .depth != $depth[\"\\(.pns)\"] + 1)] | length), "
		"([$depth[]] | max >= 2)",
		"0\ntrue\n");
}

static pid_t start_with_offset(void)
{
	MUST(unshare((int)live_flag("time")) == 0);
	live_write("/proc/self/timens_offsets", "monotonic 86400 5\n");
	return live_clone(0);
}

TEST(offsets_are_those_of_the_time_namespace)
{
	struct answer answer;
	pid_t pid;

	if (access("/proc/self/timens_offsets", F_OK) < 0)
		live_skip("this kernel has no time namespaces");
	pid = start_two(0, start_with_offset);
	answer = nsls("-J", "-t", "time", "-o", "OFFSETS", NULL);
	live_end(pid);
	assert_jq(answer.out,
		"[.namespaces[].offsets[]? | select(.seconds == 86400 and .nanoseconds == 5)] | "
		"map(.clock) | tostring",
		"[\"monotonic\"]\n");
}

TEST(a_name_that_breaks_parsers_spoils_nothing)
{
	struct ready ready = ready_new();
	struct answer answer;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "a) b\n\xff");
		/* An empty command line: then the name stands for it, as for a kernel thread. */
		prctl(PR_SET_MM, PR_SET_MM_ARG_END, 0, 0, 0);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	answer = nsls("-J", "-p", strf("%d", pid), "-o", "NS,PIDS,START,NTHREADS", NULL);
	assert_int_equal(answer.status, 0);
	assert_jq(answer.out, ".namespaces | length", "8\n");
	answer = nsls("--output-all", NULL);
	assert_int_equal(answer.status, 0);
	assert_null(strchr(answer.out, '\xff'));
	live_end(pid);
}

/* From here on /proc/PID/ns has no more than that of a zombie. */
static void wait_for_end_of_main_thread(void)
{
	char text[64];

	while (readlink("/proc/self/ns/net", text, sizeof(text)) > 0)
		sched_yield();
}

static struct ready without_main_thread;

static void *signal_and_wait(void *data)
{
	wait_for_end_of_main_thread();
	ready_and_wait(&without_main_thread);
}

/* A process in network and UTS namespaces of its own, without its main thread. */
static pid_t start_without_main_thread(void)
{
	pthread_t thread;
	pid_t pid;

	without_main_thread = ready_new();
	pid = live_fork(CLONE_NEWNET | CLONE_NEWUTS);
	if (pid == 0) {
		MUST(pthread_create(&thread, NULL, signal_and_wait, NULL) == 0);
		pthread_exit(NULL);
	}
	ready_await(&without_main_thread);
	return pid;
}

TEST(process_without_its_main_thread_is_a_member_in_every_view)
{
	const char *pid_text, *program;
	pid_t pid = start_without_main_thread();

	pid_text = strf("%d", pid);
	program = strf(".namespaces[] | select(.pids == [%d]) | \"\\(.type) \\(.nprocs) "
		       "\\(.command != null)\"",
		pid);
	assert_jq(nsls("-J", NULL).out, program, "net 1 true\nuts 1 true\n");
	assert_jq(nsls("-J", "--scan", "processes", NULL).out, program, "net 1 true\nuts 1 true\n");
	assert_jq(nsls("-J", "-p", pid_text, NULL).out, ".namespaces | length", "8\n");
	/* The mount namespace of this test may be another than the system's. */
	assert_jq(nsls("-J", "-C", "-p", pid_text, "-o", "PID,OWN,NPROCS", NULL).out,
		".containers[] | [.pid, .nprocs, (.own - [\"mnt\"] | join(\" \"))] | "
		"map(tostring)[1:] | "
		"join(\" \")",
		"1 net uts\n");
	live_end(pid);
}

#define AGAIN "--end-first-thread-again"

static void *start_again(void *data)
{
	char *const args[] = { data, (char[]){ AGAIN }, NULL };

	wait_for_end_of_main_thread();
	execv("/proc/thread-self/exe", args);
	abort();
}

/* Ends the main thread and lets another call execve(2), which makes that the main one, for ever. */
static _Noreturn void end_main_thread_again(char *name)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, start_again, name) == 0);
	pthread_exit(NULL);
}

TEST(process_that_goes_on_in_another_thread_and_program_is_always_a_member)
{
	const char *program;
	struct stat st;
	pid_t pid = live_fork(CLONE_NEWNET);

	if (pid == 0) {
		execl("/proc/self/exe", "again", AGAIN, NULL);
		abort();
	}
	while (stat(live_ns_path(pid, "net"), &st) != 0)
		sched_yield();
	program = strf(
		".namespaces[] | select(.ns == %lu) | .pids | tojson", (unsigned long)st.st_ino);
	for (int i = 0; i < 10; i++)
		assert_jq(nsls("-J", "-t", "net", "--scan", "processes", NULL).out, program,
			strf("[%d]\n", pid));
	live_end(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], AGAIN))
		end_main_thread_again(argv[0]);
	return live_run_tests("members", live_start_children, live_end_children);
}
