// SPDX-License-Identifier: MIT
/* What is read of shown rows only, also when processes end or change after the scan. */
#include "nsls/enrich.h"

#include "nsls/model.h"

#include "small_world.h"

static struct rows rows;

static int set_up(void **state)
{
	world_set_up(state);
	STEPS("5");
	world_bytes("5/cmdline", "sleep\0inf\0", 10);
	STEPS("=5/status Uid:\t1\t1234\t3\t4\nNSpid:\t5\t2\n");
	rows = (struct rows){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	rows_done(&rows);
	return world_tear_down(state);
}

static const struct enrich_ctx ctx = { &scanned.procfs, &scanned.pool, &scanned.model,
	&scanned.report };

static void read_needs(unsigned needs)
{
	assert_int_equal(enrich_rows(&ctx, needs, &rows), 0);
}

/* Scans, if that was not done; enriches the rows of the types (bits) and returns what is known of
 * process pid then. */
static const struct process *enrich_types(unsigned types, unsigned needs, pid_t pid)
{
	struct query query = { .types = types };

	if (!scanned.used)
		scan(0);
	rows_done(&rows);
	query_rows(&scanned.model, &query, ROW_NS, &rows);
	read_needs(needs);
	return find_process(pid);
}

static const struct process *enrich(enum nstype type, unsigned needs, pid_t pid)
{
	return enrich_types(1u << type, needs, pid);
}

#define NEED_PROCESS (NEED_STAT | NEED_STATUS | NEED_COMMAND)

/* What is known of a process, such as "ppid 1, uid 1234 nspid 2, sleep inf". */
static void assert_known(const struct process *process, const char *expected)
{
	struct strbuf text = { 0 };

	if (process->has_stat)
		strbuf_addf(&text, "ppid %d, ", process->ppid);
	if (process->has_status)
		strbuf_addf(&text, "uid %u nspid %d, ", process->uid, process->nspid);
	if (process->command)
		strbuf_addf(&text, "%s, ", process->command);
	if (process->identity)
		strbuf_addf(&text, "%s, ", process->identity->unit);
	if (process->has_links)
		strbuf_addf(&text, "links %u, ", process->links);
	for (size_t i = 0; i < COUNT(process->inside); i++)
		if (process->inside[i]) /* a line */
			strbuf_addf(&text, "%.*s, ", (int)strcspn(process->inside[i], "\n"),
				process->inside[i]);
	strbuf_cut(&text, text.len ? text.len - 2 : 0);
	assert_string_equal(strbuf_keep(&text), expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(only_what_is_needed_is_read)
{
	assert_known(enrich(NS_UTS, 0, 5), "");
	assert_int_equal(find_process(5)->attempted, 0);
	assert_known(enrich(NS_UTS, NEED_STAT, 5), "ppid 1");
	assert_known(enrich(NS_UTS, NEED_STATUS, 5), "ppid 1, uid 1234 nspid 2");
	assert_known(enrich(NS_UTS, NEED_COMMAND, 5), "ppid 1, uid 1234 nspid 2, sleep inf");
}

TEST(each_file_is_read_once)
{
	enrich(NS_UTS, NEED_PROCESS, 5);
	STEPS("=5/cmdline other", "=5/status Uid:\t9\t9\t9\t9\n",
		"=5/stat 5 (x) S 77 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 9 0 9 0 0\n");
	assert_known(enrich(NS_NET, NEED_PROCESS, 5), "ppid 1, uid 1234 nspid 2, sleep inf");
}

TEST(a_process_that_ended_since_leaves_its_fields_empty)
{
	scan(0);
	assert_int_equal(renameat(world.fd, "5", world.fd, "gone"), 0);
	assert_known(enrich(NS_UTS, NEED_PROCESS, 5), "");
}

/* Process 5 is one that started after the scan had begun. */
static void start_late(void)
{
	STEPS("=5/stat 5 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9999999999999 0 0\n");
}

/* The PID has gone to a process that is elsewhere by one type. */
TEST(a_reused_pid_in_other_namespaces_is_not_taken_for_the_process)
{
	for (enum nstype type = 0; type < NS_TYPE_COUNT; type++) {
		const char *path = strf("5/%s", nstype_info(type)->link);

		scan(0);
		start_late();
		world_link(path, ref_text(type, 99));
		assert_known(enrich_types(1u << NS_UTS | 1u << type, NEED_PROCESS, 5), "");
		world_link(path, ref_text(type, USUAL(type)));
	}
}

TEST(broken_files_leave_their_fields_empty)
{
	STEPS("=5/stat 5 (x", "=5/status Name:\tx\n", "=5/cmdline ");
	assert_known(enrich(NS_UTS, NEED_PROCESS, 5), "");
	assert_int_equal(find_process(5)->attempted, NEED_PROCESS);
}

TEST(one_broken_file_spoils_no_other)
{
	STEPS("=5/stat ");
	assert_known(enrich(NS_UTS, NEED_PROCESS, 5), "uid 1234 nspid 2, sleep inf");
}

TEST(only_the_representative_is_read_unless_members_are_needed)
{
	world_process(6, 5);
	world_process(7, 5);
	scan(0);
	assert_int_equal(enrich(NS_UTS, NEED_STAT, 7)->attempted, 0);
	assert_true(enrich(NS_UTS, NEED_MEMBERS_STAT, 7)->has_stat);
	assert_true(find_process(6)->has_stat);
	assert_false(find_process(6)->has_status);
}

TEST(with_ancestry_every_parent_is_known)
{
	world_process(2, 0);
	world_process(3, 2);
	world_process(9, 5);
	world_process(4, 3);
	STEPS("8", "=5/stat 5 (x) S 4 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n",
		"9/ns/uts uts:[70]");
	enrich(NS_UTS, NEED_ANCESTRY, 9);
	for (pid_t pid = 2; pid <= 5; pid++)
		assert_true(find_process(pid)->has_stat);
}

TEST(ancestors_in_a_loop_are_read_once)
{
	world_process(6, 5);
	STEPS("=5/stat 5 (x) S 6 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n");
	scan(0);
	assert_int_equal(enrich(NS_UTS, NEED_ANCESTRY, 5)->ppid, 6);
	assert_int_equal(find_process(6)->ppid, 5);
}

static uint64_t limit_of(enum nstype type)
{
	struct query query = { .types = 1u << type };

	rows_done(&rows);
	query_summary(&scanned.model, &query, &rows);
	read_needs(NEED_LIMITS);
	assert_true(rows.at[0].has_limit || !rows.at[0].limit);
	return rows.at[0].has_limit ? rows.at[0].limit : UINT64_MAX;
}

TEST(limits_are_read_where_there_are_any)
{
	static const struct {
		enum nstype type;
		const char *text;
		uint64_t limit;
	} cases[] = { { NS_NET, "15000\n", 15000 }, { NS_MNT, "0\n", 0 },
		{ NS_UTS, "garbage\n", UINT64_MAX }, { NS_UTS, "2147483647\n", 2147483647 },
		{ NS_UTS, "1152921504606846976\n", UINT64_MAX }, { NS_IPC, "", UINT64_MAX } };

	scan(0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		world_file(strf("sys/user/max_%s_namespaces", nstype_info(cases[i].type)->name),
			cases[i].text);
		if (limit_of(cases[i].type) != cases[i].limit)
			fail_msg("limit of '%s'", cases[i].text);
	}
	STEPS("sys/user/max_pid_namespaces/");
	assert_int_equal(limit_of(NS_PID), UINT64_MAX);
	assert_int_equal(limit_of(NS_TIME), UINT64_MAX);
}

TEST(a_holder_without_process_needs_nothing)
{
	struct query query = { .types = 1u << NS_NET };

	STEPS("=5/mountinfo 21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	scan(0);
	query_rows(&scanned.model, &query, ROW_HOLDER, &rows);
	assert_int_equal(rows.n, 2);
	read_needs(~0u);
}

TEST(zombie_is_read_from_its_remaining_files)
{
	STEPS("6/ns/user user:[55]", "6/ns/pid pid:[56]",
		"=6/stat 6 (dead) Z 5 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n",
		"=6/status Uid:\t7\t7\t7\t7\n", "=6/cmdline ", "=6/comm dead\n");
	assert_known(enrich(NS_PID, NEED_PROCESS, 6), "ppid 5, uid 7 nspid 0, dead");
	assert_true(find_process(6)->zombie);
}

TEST(identity_is_read_on_request)
{
	const struct process *process;

	STEPS("=5/cgroup 0::/system.slice/nginx.service\n");
	assert_null(enrich(NS_UTS, NEED_PROCESS, 5)->identity);
	process = enrich(NS_UTS, NEED_IDENTITY, 5);
	assert_string_equal(process->identity->cgroup, "/system.slice/nginx.service");
	assert_null(process->identity->container);
	STEPS("=5/cgroup 0::/other.service\n"); /* it is not read again */
	assert_string_equal(enrich(NS_NET, NEED_IDENTITY, 5)->identity->unit, "nginx.service");
}

/* Beyond 128 KiB nothing is read: the line of systemd comes first here. */
TEST(a_control_group_of_any_length_is_known_by_its_start)
{
	static char text[200 * 1024] = "1:name=systemd:/system.slice/a.service\n0::/";

	memset(text + strlen(text), 'x', sizeof(text) - strlen(text) - 2);
	world_file("5/cgroup", text);
	assert_string_equal(enrich(NS_UTS, NEED_IDENTITY, 5)->identity->unit, "a.service");
}

/* Reads the identities of all processes, and expects that of process 5. */
static void assert_identity(const char *expected)
{
	assert_int_equal(enrich_rows(&ctx, NEED_IDENTITY, NULL), 0);
	assert_known(find_process(5), expected);
}

TEST(identities_of_all_processes_are_read_at_once)
{
	STEPS("1", "=1/cgroup 0::/init.scope\n", "=5/cgroup 0::/system.slice/a.service\n");
	scan(0);
	assert_identity("a.service");
	assert_known(find_process(1), "init.scope");
}

/* Then the namespaces of the one would be shown as those of the other. */
TEST(a_pid_reused_by_another_container_is_not_taken_for_the_process)
{
	STEPS("1", "=5/cgroup 0::/system.slice/a.service\n", "5/ns/net net:[9]");
	scan(0);
	start_late();
	STEPS("5/ns/net net:[10]");
	assert_identity("");
	FOUND("=> limited MOVED");
}

/* Its PID is its own all the time: only its namespaces have changed. */
TEST(process_that_ran_before_the_scan_is_known_wherever_it_has_gone)
{
	STEPS("1", "=5/cgroup 0::/system.slice/a.service\n", "5/ns/net net:[9]");
	scan(0);
	STEPS("5/ns/net net:[10]");
	assert_identity("a.service");
	FOUND("=> unlimited MOVED");
	enrich(NS_NET, NEED_COMMAND, 5);
	assert_string_equal(find_process(5)->command, "sleep inf");
}

/* The main thread has neither memory nor a control group of version 1 any more. */
TEST(process_without_its_main_thread_is_read_by_the_next_one)
{
	STEPS("5 ended", "5/6", "=5/cmdline ", "=5/comm name\n", "=5/cgroup 1:name=systemd:/\n",
		"=5/task/6/cgroup 1:name=systemd:/system.slice/a.service\n",
		"=5/task/6/comm thread\n",
		"=5/task/6/stat 6 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 900 0 0\n",
		"=5/task/6/status Uid:\t1\t77\t3\t4\nNSpid:\t6\t3\n");
	world_bytes("5/task/6/cmdline", "sleep\0inf\0", 10);
	assert_known(enrich(NS_UTS, NEED_PROCESS | NEED_COMM | NEED_IDENTITY, 5),
		"ppid 1, uid 77 nspid 2, sleep inf, a.service");
	assert_int_equal(find_process(5)->start_ticks, 500);
}

TEST(a_process_of_the_host_is_known_by_none_of_its_namespaces)
{
	STEPS("1", "=5/cgroup 0::/system.slice/a.service\n");
	scan(0);
	STEPS("!5/ns/net"); /* compared with it, the process would be another one */
	assert_identity("a.service");
}

TEST_CALL(without_a_cgroup_file_nothing_is_known,
	assert_null(enrich(NS_UTS, NEED_IDENTITY, 5)->identity));

/* Process 5 holds a namespace without member; process 6 does as well, and is not read. */
TEST(persistent_namespace_is_named_after_its_first_holder)
{
	STEPS("6", "5/fd/3 uts:[70]", "6/fd/3 uts:[70]", "5/ns/uts uts:[71]",
		"=5/cgroup 0::/a.service\n", "=6/cgroup 0::/b.service\n");
	scan(0);
	rows_done(&rows);
	query_rows(&scanned.model, &(struct query){ .types = 1u << NS_UTS, .persistent = true },
		ROW_NS, &rows);
	assert_int_equal(rows.n, 1);
	read_needs(NEED_IDENTITY | NEED_STATUS);
	assert_known(find_process(5), "a.service");
	assert_null(find_process(5)->comm);
	STEPS("=5/comm holder\n");
	read_needs(NEED_COMM);
	assert_string_equal(find_process(5)->comm, "holder");
	assert_int_equal(find_process(6)->attempted, 0);
}

#define NEED_INSIDE (NEED_LINKS | NEED_UIDMAP | NEED_GIDMAP | NEED_OFFSETS)

static void write_inside(void)
{
	STEPS("=5/net/dev heading\nlo: 0\neth0: 0\n", "=5/uid_map  0 100000 65536\n",
		"=5/gid_map  0 200000 65536\n", "=5/timens_offsets monotonic 7 8\n",
		"5/ns/time_for_children time:[4026531805]");
}

TEST(files_about_the_inside_are_read_for_rows_of_their_type_only)
{
	write_inside();
	assert_known(enrich(NS_UTS, NEED_INSIDE, 5), "");
	assert_known(enrich(NS_NET, NEED_INSIDE, 5), "links 2");
	assert_known(enrich(NS_USER, NEED_UIDMAP, 5), "links 2, 0 100000 65536");
	assert_known(enrich_types(1u << NS_USER | 1u << NS_TIME, NEED_INSIDE, 5),
		"links 2, 0 100000 65536, 0 200000 65536, monotonic 7 8");
}

TEST(inside_of_a_namespace_is_not_read_from_a_process_that_left_it)
{
	write_inside();
	scan(0);
	STEPS("5/ns/net net:[77]");
	assert_known(enrich(NS_NET, NEED_INSIDE | NEED_COMMAND, 5), "sleep inf");
}

TEST(offsets_of_the_namespace_of_future_children_are_not_those_of_the_process)
{
	write_inside();
	STEPS("5/ns/time_for_children time:[77]");
	assert_known(enrich(NS_TIME, NEED_OFFSETS, 5), "");
}

TEST(the_inside_is_read_of_a_member_that_runs)
{
	STEPS("4", "=4/stat 4 (n) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 400 0 0\n");
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_PID && t != NS_USER)
			world_unlink(strf("4/%s", nstype_info(t)->link));
	write_inside();
	assert_known(enrich(NS_USER, NEED_UIDMAP, 5), "0 100000 65536");
}
